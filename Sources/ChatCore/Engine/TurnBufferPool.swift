// SPDX-License-Identifier: MIT

/// The buffers that rooms fill in a turn, used again once every connection has written them.
///
/// A busy room would otherwise ask the allocator for the same tens of kilobytes in every turn, and the
/// allocator the kernel. Buffers are lent for one turn; a connection that fell behind keeps its own.
final class TurnBufferPool {
    /// What is kept for later turns, all together.
    private static let keptBytes = 4 << 20
    private static let keptBuffers = 1_024

    private var free: ContiguousArray<SharedBuffer> = []
    private var freeBytes = 0
    private var lent: ContiguousArray<SharedBuffer> = []
    private var written: ContiguousArray<SharedBuffer> = []

    /// An empty buffer for this turn.
    func take() -> SharedBuffer {
        let buffer = free.popLast() ?? SharedBuffer()
        freeBytes -= buffer.bytes.capacity
        lent.append(buffer)
        return buffer
    }

    /// Takes back what was lent in the turn before this one and is held by nobody. Call it once every room has
    /// delivered: what was lent in this turn is yet to be written.
    func turnEnded() {
        if lent.isEmpty, written.isEmpty { return }
        for index in written.indices where isKnownUniquelyReferenced(&written[index]) {
            keep(written[index])
        }
        written.removeAll(keepingCapacity: true)
        swap(&written, &lent)
    }

    private func keep(_ buffer: SharedBuffer) {
        let capacity = buffer.bytes.capacity
        guard free.count < Self.keptBuffers, freeBytes + capacity <= Self.keptBytes else { return }
        buffer.bytes.removeAll(keepingCapacity: true)
        freeBytes += capacity
        free.append(buffer)
    }
}
