// SPDX-License-Identifier: MIT

extension LoadReport {
    /// The report for people.
    var table: String {
        var lines = ["chat-load \(plan.mode.rawValue)  \(shape)"]
        func line(_ label: String, _ text: String) {
            lines.append(
                "  " + label + String(repeating: " ", count: max(1, 12 - label.count)) + text)
        }
        if plan.mode == .fanout || plan.mode == .rooms {
            line(
                "deliveries",
                "\(grouped(perSecond(result.deliveredMeasured))) /s  (\(grouped(perSecond(result.sentMeasured)))"
                    + " messages/s, \(grouped(perSecond(result.bytesRead) / 1e6)) MB/s,"
                    + " \(messagesPerRead.fixed(1)) per read, \(bytesPerDelivery.fixed(0)) bytes each)"
            )
        }
        if plan.mode == .connects { line("connects", "\(grouped(perSecond(result.finished))) /s") }
        if result.latency.count > 0 { line("latency", latencyText) }
        if !plan.processes.isEmpty { line("server", serverText) }
        if plan.mode != .idle {
            line(
                "chat-load",
                "\(percent(ownCPUSeconds).fixed(0)) % of a core, steal \(percent(stolenSeconds).fixed(1)) %"
            )
        }
        if plan.mode == .idle { line("connected", "in \(setupSeconds.fixed(2)) s") }
        if plan.slowCount > 0 {
            line("slow", "\(result.slowClosed) of \(plan.slowCount) closed by the server")
        }
        let what = plan.isVerifying && plan.sendsMessages ? "order, gaps, duplicates" : "counted"
        if plan.sendsMessages {
            line("checked", "\(grouped(Double(delivered))) deliveries: \(what)")
        }
        line("result", faults.isEmpty ? "all well" : faults.joined(separator: "; "))
        if let first = numberFaults.first { line("", "first: \(first)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private var shape: String {
        let transport = plan.framing == .webSocket ? "WebSocket" : "TCP"
        let load =
            plan.rate > 0
            ? "\(plan.rate.fixed(0)) messages/s" : "\(plan.window) in flight each"
        switch plan.mode {
        case .fanout:
            return
                "\(plan.connectionCount) connections in one room, \(plan.sendersPerRoom) send, \(load),"
                + " \(transport), \(plan.dialect.rawValue)"
        case .rooms:
            return
                "\(plan.roomCount) rooms of \(plan.membersPerRoom), \(plan.sendersPerRoom) of each send,"
                + " \(load), \(transport), \(plan.dialect.rawValue)"
        case .idle, .connects:
            return "\(plan.connectionCount) connections, \(transport), \(plan.dialect.rawValue)"
                + (plan.isBare || plan.dialect == .raw ? ", bare" : ", signed in")
        }
    }

    private var latencyText: String {
        func text(_ label: String, _ nanoseconds: UInt64) -> String {
            "\(label) \((Double(nanoseconds) / 1e6).fixed(3)) ms"
        }
        let latency = result.latency
        return [
            text("p50", latency.quantile(0.5)), text("p90", latency.quantile(0.9)),
            text("p99", latency.quantile(0.99)), text("p99.9", latency.quantile(0.999)),
            text("max", latency.maximum),
        ].joined(separator: "  ")
    }

    private var serverText: String {
        let memory =
            "\(atEnd.residentKB / 1_024) MiB (peak \(atEnd.peakKB / 1_024)),"
            + " \(residentBytesPerConnection.fixed(0)) bytes per connection more than before"
        let cpu = "\(serverMicrosecondsPerUnit.fixed(3)) us CPU per "
        switch plan.mode {
        case .idle: return cpu + "connect, \(memory)"
        case .connects: return cpu + "connect, \(percent(serverCPUSeconds).fixed(0)) % of a core"
        case .fanout, .rooms:
            return cpu + "delivery, \(percent(serverCPUSeconds).fixed(0)) % of a core, \(memory)"
        }
    }

    private func grouped(_ value: Double) -> String {
        let digits = Array(value.fixed(0))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += " " }
            text.append(digit)
        }
        return text
    }
}
