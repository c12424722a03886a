// SPDX-License-Identifier: MIT

/// What a run has found.
struct LoadReport {
    let plan: LoadPlan
    var result = WorkerResult()
    /// Whether all connections were there.
    var isReady = false
    var setupSeconds = 0.0
    var elapsedSeconds = 0.0
    var failed = 0
    var closed = 0
    var beforeSetup = SystemProbe.Usage()
    var afterSetup = SystemProbe.Usage()
    var atStart = SystemProbe.Usage()
    var atEnd = SystemProbe.Usage()
    var ownCPUSeconds = 0.0
    var stolenSeconds = 0.0
    var kernelTCPKB = 0

    init(plan: LoadPlan) { self.plan = plan }

    var delivered: Int { result.received.reduce(0) { $0 + $1.delivered } }
    var expected: Int { result.sent * (plan.copiesPerMessage - plan.slowCount) }
    /// Deliveries that never came, and those that were too many: of every connection on its own.
    var unaccounted: (missing: Int, surplus: Int) {
        plan.sendsMessages && isReady
            ? result.unaccounted(echoes: plan.dialect.echoesToSender) : (0, 0)
    }

    /// What was wrong with numbers. A message that is missing in a room is missing among its sender's as well:
    /// it is counted once.
    var numberFaults: FaultLog { result.faults.isEmpty ? result.senderFaults : result.faults }

    /// What is wrong, in words; empty if all is well.
    var faults: [String] {
        var faults: [String] = []
        func note(_ count: Int, _ text: String) {
            if count > 0 { faults.append("\(count) \(text)") }
        }
        if !isReady { faults.append("not all connections became ready") }
        note(failed, "connections failed")
        note(closed, "connections were closed by the server")
        note(result.skipped, "messages were not sent because the server did not read")
        note(result.refused, "messages were refused")
        note(unaccounted.missing, "deliveries did not arrive")
        note(unaccounted.surplus, "deliveries too many")
        note(Int(numberFaults.missing), "gaps: numbers that never came")
        note(Int(numberFaults.reordered), "out of order")
        note(Int(numberFaults.duplicates), "duplicates")
        let unanswered =
            plan.dialect == .chat && isReady && plan.sendsMessages
            ? result.sent - result.acknowledged - result.refused : 0
        note(unanswered, "messages were not answered")
        return faults
    }

    /// What one unit of the server's work is: a delivery or a connect.
    var units: Int {
        switch plan.mode {
        case .fanout, .rooms: result.deliveredMeasured
        case .connects: result.finished
        case .idle: plan.connectionCount
        }
    }

    /// The server's CPU time for those units.
    var serverCPUSeconds: Double {
        plan.mode == .idle
            ? afterSetup.cpuSeconds - beforeSetup.cpuSeconds : atEnd.cpuSeconds - atStart.cpuSeconds
    }

    var serverMicrosecondsPerUnit: Double {
        units > 0 ? serverCPUSeconds * 1e6 / Double(units) : 0
    }

    var residentBytesPerConnection: Double {
        Double(atEnd.residentKB - beforeSetup.residentKB) * 1_024 / Double(max(1, plan.slotCount))
    }

    func perSecond(_ count: Int) -> Double {
        elapsedSeconds > 0 ? Double(count) / elapsedSeconds : 0
    }

    func percent(_ seconds: Double) -> Double {
        elapsedSeconds > 0 ? 100 * seconds / elapsedSeconds : 0
    }
}
