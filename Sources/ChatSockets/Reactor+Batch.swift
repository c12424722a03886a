// SPDX-License-Identifier: MIT

import ChatCore

// The end of a turn with one system call for many connections.
extension Reactor {
    /// How many buffers take part in one batch at most.
    ///
    /// Each costs a level of recursion.
    private static let buffersPerBatch = 64

    /// Writes to all connections that have something else than a slice.
    ///
    /// They come before the batch because most of them get answers: who has its answer sends the
    /// next command while the batch is written, so that the next turn finds all of these. After the
    /// batch, the next turn would find few, and each turn costs a write per member.
    func writeDetailed(_ turn: ContiguousArray<UInt32>) {
        for slot in turn where ports[slot].isDirty && !isReady(ports[slot]) {
            ports[slot].isDirty = false
            connection(slot)?.flush()
        }
    }

    /// Writes to all connections that have a slice and nothing else; the others stay dirty.
    func writeSlices(_ turn: ContiguousArray<UInt32>, with sender: RingSender) {
        var next = 0
        while next < turn.count { next = writeBatch(turn, from: next, depth: 0, sender) }
    }

    /// Prepares the slices of one buffer, then those of the next, and writes all of them.
    ///
    /// A buffer's bytes are only good inside of a closure, so one that takes part in the batch is
    /// held open until everything is written.
    ///
    /// - Returns: how far of `turn` has been seen to.
    private func writeBatch(
        _ turn: ContiguousArray<UInt32>, from first: Int, depth: Int, _ sender: RingSender
    ) -> Int {
        var next = first
        while next < turn.count, !isReady(ports[turn[next]]) { next += 1 }
        guard next < turn.count, depth < Self.buffersPerBatch, !sender.isFull else {
            finishBatch(sender)
            return next
        }
        let noted = ports[turn[next]].slice
        let buffer = turnSlices[Int(noted)].buffer
        return unsafe buffer.bytes.withUnsafeBytes { bytes in
            while next < turn.count, !sender.isFull {
                let slot = turn[next]
                let port = ports[slot]
                if isReady(port) {
                    guard port.slice == noted else { break }
                    let part = unsafe UnsafeRawBufferPointer(
                        rebasing: bytes[Int(port.start)..<Int(port.end)])
                    unsafe sender.add(port.descriptor, part, for: slot)
                }
                next += 1
            }
            return writeBatch(turn, from: next, depth: depth + 1, sender)
        }
    }

    private func isReady(_ port: Port) -> Bool {
        port.state == .plain && port.slice >= 0 && port.isDirty
    }

    private func finishBatch(_ sender: RingSender) {
        sender.run()
        for index in 0..<sender.finished {
            let slot = sender.slot(index)
            let port = ports[slot]
            ports[slot].isDirty = false
            if sender.result(index) == Int32(bitPattern: port.end &- port.start) {
                ports[slot].slice = -1
            } else {
                connection(slot)?.wroteSlice(sender.outcome(index))
            }
        }
    }
}
