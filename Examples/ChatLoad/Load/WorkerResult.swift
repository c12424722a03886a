// SPDX-License-Identifier: MIT

/// What one thread has counted. "Measured" is what fell into the measurement, the rest is since the load began.
struct WorkerResult: Sendable {
    var sent = 0
    var sentMeasured = 0
    var sentByRoom: [Int] = []
    var deliveredMeasured = 0
    var deliveredBytes = 0
    var bytesRead = 0
    var reads = 0
    var acknowledged = 0
    var refused = 0
    var skipped = 0
    var finished = 0
    var slowClosed = 0
    var latency = LatencyHistogram()
    /// What was wrong with the `seq` of rooms, and with the order of each sender's messages.
    var faults = FaultLog()
    var senderFaults = FaultLog()
    /// Deliveries of every connection, with its room; slow ones are left out.
    var received: [Received] = []

    struct Received: Sendable {
        let room: Int
        let sent: Int
        let delivered: Int
    }

    mutating func merge(_ other: WorkerResult) {
        sent += other.sent
        sentMeasured += other.sentMeasured
        if sentByRoom.isEmpty {
            sentByRoom = other.sentByRoom
        } else {
            for index in sentByRoom.indices { sentByRoom[index] += other.sentByRoom[index] }
        }
        deliveredMeasured += other.deliveredMeasured
        deliveredBytes += other.deliveredBytes
        bytesRead += other.bytesRead
        reads += other.reads
        acknowledged += other.acknowledged
        refused += other.refused
        skipped += other.skipped
        finished += other.finished
        slowClosed += other.slowClosed
        latency.merge(other.latency)
        faults.merge(other.faults)
        senderFaults.merge(other.senderFaults)
        received += other.received
    }

    /// Copies that connections did not get of what was sent to their room, and copies they got too many.
    func unaccounted(echoes: Bool) -> (missing: Int, surplus: Int) {
        var missing = 0
        var surplus = 0
        for connection in received {
            let due = sentByRoom[connection.room] - (echoes ? 0 : connection.sent)
            missing += max(0, due - connection.delivered)
            surplus += max(0, connection.delivered - due)
        }
        return (missing, surplus)
    }
}
