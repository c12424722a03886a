// SPDX-License-Identifier: MIT

import Glibc

extension LoadReport {
    /// One line of JSON.
    var json: String {
        var object = JSONObject()
        object.add("name", plan.name)
        object.add("mode", plan.mode.rawValue)
        object.add("protocol", plan.dialect.rawValue)
        object.add("transport", plan.framing == .webSocket ? "ws" : "tcp")
        object.add("ok", faults.isEmpty)
        object.add("conns", plan.connectionCount)
        object.add("rooms", plan.roomCount)
        object.add("members", plan.membersPerRoom)
        object.add("senders", plan.senderCount)
        object.add("slow", plan.slowCount)
        object.add("window", plan.rate > 0 || !plan.sendsMessages ? 0 : plan.window)
        object.add("rate", plan.rate, decimals: 1)
        object.add("size", plan.payloadSize)
        object.add("threads", plan.threadCount)
        object.add("setup_s", setupSeconds, decimals: 3)
        object.add("elapsed_s", elapsedSeconds, decimals: 3)
        object.add("failed", failed)
        object.add("closed", closed)
        object.add("slow_closed", result.slowClosed)
        object.add("skipped", result.skipped)
        object.add("refused", result.refused)
        object.add("sent_per_s", perSecond(result.sentMeasured), decimals: 1)
        object.add("deliveries_per_s", perSecond(result.deliveredMeasured), decimals: 1)
        object.add("connects_per_s", perSecond(result.finished), decimals: 1)
        object.add("acks", result.acknowledged)
        object.add("expected", expected)
        object.add("delivered", delivered)
        object.add("mb_in_per_s", perSecond(result.bytesRead) / 1e6, decimals: 2)
        object.add("bytes_per_delivery", bytesPerDelivery, decimals: 1)
        object.add("messages_per_read", messagesPerRead, decimals: 2)
        object.add("lat_us", latencyJSON)
        object.add("server", serverJSON)
        object.add("kernel_tcp_kb", kernelTCPKB)
        object.add("own_cpu_pct", percent(ownCPUSeconds), decimals: 1)
        object.add("steal_pct", percent(stolenSeconds) / Double(cores), decimals: 1)
        object.add("verify", verifyJSON)
        return object.text
    }

    /// Length of a message as it arrives, without the transport's framing.
    var bytesPerDelivery: Double {
        Double(result.deliveredBytes) / Double(max(1, result.deliveredMeasured))
    }

    var messagesPerRead: Double { Double(result.deliveredMeasured) / Double(max(1, result.reads)) }

    private var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private var latencyJSON: JSONObject {
        var object = JSONObject()
        object.add("mean", result.latency.mean / 1e3, decimals: 1)
        for (name, fraction) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
            object.add(name, Double(result.latency.quantile(fraction)) / 1e3, decimals: 1)
        }
        object.add("max", Double(result.latency.maximum) / 1e3, decimals: 1)
        return object
    }

    private var serverJSON: JSONObject {
        var object = JSONObject()
        object.add("cpu_s", serverCPUSeconds, decimals: 4)
        object.add("cpu_pct", percent(serverCPUSeconds), decimals: 1)
        object.add("cpu_us_per_unit", serverMicrosecondsPerUnit, decimals: 4)
        object.add("rss_before_kb", beforeSetup.residentKB)
        object.add("rss_kb", atEnd.residentKB)
        object.add("peak_kb", atEnd.peakKB)
        object.add("rss_bytes_per_conn", residentBytesPerConnection, decimals: 0)
        return object
    }

    private var verifyJSON: JSONObject {
        var object = JSONObject()
        object.add("on", plan.isVerifying)
        object.add("missing", unaccounted.missing)
        object.add("surplus", unaccounted.surplus)
        object.add("gaps", Int(numberFaults.missing))
        object.add("duplicates", Int(numberFaults.duplicates))
        object.add("reordered", Int(numberFaults.reordered))
        return object
    }
}

/// A JSON object under construction.
struct JSONObject {
    private var members: [String] = []

    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ key: String, _ value: Int) { members.append("\"\(key)\":\(value)") }
    mutating func add(_ key: String, _ value: Bool) { members.append("\"\(key)\":\(value)") }
    mutating func add(_ key: String, _ value: JSONObject) {
        members.append("\"\(key)\":\(value.text)")
    }
    mutating func add(_ key: String, _ value: Double, decimals: Int) {
        members.append("\"\(key)\":\(value.fixed(decimals))")
    }

    mutating func add(_ key: String, _ value: String) {
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<" ": " "
            default: String(scalar)
            }
        }
        members.append("\"\(key)\":\"\(escaped.joined())\"")
    }
}

extension Double {
    /// With so many digits after the point.
    func fixed(_ decimals: Int) -> String {
        var power = 1.0
        for _ in 0..<decimals { power *= 10 }
        let scaled = (self * power).rounded()
        guard decimals > 0, scaled.isFinite, abs(scaled) < 1e15 else {
            return scaled.isFinite ? String(Int(clamping: Int64(scaled))) : "0"
        }
        let digits = String(Int64(abs(scaled)))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return (scaled < 0 ? "-" : "") + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }
}
