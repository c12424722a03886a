// SPDX-License-Identifier: MIT

package import ChatCore

/// A buffer that was handed to connections in this turn.
struct TurnSlice {
    let buffer: SharedBuffer
    let lane: OutboundLane
}

// Fan-out: slices are noted in ports during the turn and written at its end.
extension Reactor: FanOut {
    /// Notes `slice` for every connection in `places`.
    ///
    /// Per connection: one port is touched; nothing is allocated, counted or locked.
    package func deliver(_ slice: SharedSlice, lane: DeliveryLane, to places: Span<UInt32>) {
        guard slice.count > 0 else { return }
        let noted = note(slice, lane)
        for index in places.indices {
            let slot = places[index]
            if !offer(noted, slice, to: slot) { connection(slot)?.deliver(slice, lane: lane) }
        }
    }

    /// Enters a slice into the turn's list.
    func note(_ slice: SharedSlice, _ lane: DeliveryLane) -> Int32 {
        turnSlices.append(TurnSlice(buffer: slice.buffer, lane: OutboundLane(lane)))
        return Int32(turnSlices.count - 1)
    }

    /// Gives a port its slice, if it has none and is open.
    @inline(__always)
    func offer(_ noted: Int32, _ slice: SharedSlice, to slot: UInt32) -> Bool {
        guard ports[slot].state == .plain, ports[slot].slice < 0, slice.end <= UInt32.max else {
            return false
        }
        ports[slot].slice = noted
        ports[slot].start = UInt32(slice.start)
        ports[slot].end = UInt32(slice.end)
        enter(slot)
        return true
    }

    /// Has the turn's end come by.
    @inline(__always)
    func enter(_ slot: UInt32) {
        guard !ports[slot].isDirty, ports[slot].state != .vacant else { return }
        ports[slot].isDirty = true
        dirty.append(slot)
    }

    /// The slice that a port was given in this turn; it has none afterwards.
    func takeSlice(of slot: UInt32) -> OutboundSlice? {
        let port = ports[slot]
        guard port.slice >= 0 else { return nil }
        ports[slot].slice = -1
        let noted = turnSlices[Int(port.slice)]
        return OutboundSlice(
            slice: SharedSlice(buffer: noted.buffer, start: Int(port.start), end: Int(port.end)),
            lane: noted.lane)
    }

    // MARK: The turn's end

    package func flush(now: ChatInstant) {
        if dirty.isEmpty { return }
        var turn = dirty
        dirty = []
        if let sender = poller.sender {
            writeDetailed(turn)
            writeSlices(turn, with: sender)
        }
        var next = 0
        while next < turn.count {
            let slot = turn[next]
            let port = ports[slot]
            if !port.isDirty {
                next += 1  // The slot changed hands since, or a batch has written it.
            } else if port.state == .plain, port.slice >= 0 {
                next = writeRun(turn, from: next, of: port.slice)
            } else {
                ports[slot].isDirty = false
                connection(slot)?.flush()
                next += 1
            }
        }
        // What became dirty meanwhile waits for the next turn, which poll() then starts at once.
        if !dirty.isEmpty { return }
        turn.removeAll(keepingCapacity: true)
        dirty = turn
        turnSlices.removeAll(keepingCapacity: true)
    }

    /// Writes to the connections from `first` on that have slices of one buffer and nothing else.
    ///
    /// - Returns: where the run ended.
    private func writeRun(
        _ turn: ContiguousArray<UInt32>, from first: Int, of noted: Int32
    ) -> Int {
        var next = first
        let buffer = turnSlices[Int(noted)].buffer
        unsafe buffer.bytes.withUnsafeBytes { bytes in
            while next < turn.count {
                let slot = turn[next]
                let port = ports[slot]
                guard port.slice == noted, port.state == .plain, port.isDirty else { return }
                let part = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[Int(port.start)..<Int(port.end)])
                let outcome = unsafe Syscalls.send(port.descriptor, part)
                ports[slot].isDirty = false
                if outcome == .bytes(part.count) {
                    ports[slot].slice = -1
                } else {
                    connection(slot)?.wroteSlice(outcome)
                }
                next += 1
            }
        }
        return next
    }
}
