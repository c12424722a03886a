// SPDX-License-Identifier: MIT

package import ChatCore

/// A slice of shared events and whether it may be shed.
struct OutboundSlice {
    let slice: SharedSlice
    let lane: OutboundLane
}

extension StreamConnection {
    /// Above this many entries the list of slices is let go after a turn.
    private static var keptSlices: Int { 16 }

    // MARK: Gathering, during the turn

    package func send(_ payload: Span<UInt8>) {
        guard phase == .open, !isTooSlow else { return }
        prepareAnswers()
        framing.append(payload, to: &answers)
    }

    /// Sends bytes that are framed already, in line with the answers.
    package func sendFramed(_ body: (inout [UInt8]) -> Void) {
        guard phase == .open, !isTooSlow else { return }
        prepareAnswers()
        body(&answers)
    }

    package func deliver(_ slice: SharedSlice, lane: DeliveryLane) {
        guard phase == .open, !isTooSlow, slice.count > 0 else { return }
        let isFirst = moreSlices.isEmpty && reactor.ports[slot].slice < 0
        if isFirst, reactor.offer(reactor.note(slice, lane), slice, to: slot) { return }
        moreSlices.append(OutboundSlice(slice: slice, lane: OutboundLane(lane)))
        markDirty()
    }

    package func probe() {
        guard phase == .open, let handler else { return }
        prepareAnswers()
        handler.appendProbe(to: &answers)
    }

    package func tellWhenWritten() {
        tellsWhenWritten = true
        markDirty()
    }

    private func prepareAnswers() {
        if answers.capacity == 0 { answers = reactor.takeBuffer() }
        markDirty()
    }

    /// The turn's end must ask this connection.
    func markDirty() {
        guard reactor.ports[slot].state != .vacant else { return }
        reactor.ports[slot].state = .detailed
        reactor.enter(slot)
    }

    /// Whether the turn's end must ask this connection even if it is given nothing but a slice.
    private var needsDetail: Bool {
        phase != .open || layer != nil || backlog != nil || isTooSlow || hasToldInputEnd
            || resumesWhenWritten || tellsWhenWritten || !answers.isEmpty || !moreSlices.isEmpty
    }

    /// Tells the port whether fan-out may pass this connection by.
    func updatePort() {
        guard reactor.ports[slot].state != .vacant else { return }
        reactor.ports[slot].state = needsDetail ? .detailed : .plain
    }

    package var pendingBytes: Int {
        let port = reactor.ports[slot]
        var count = answers.count + (backlog?.bytes ?? 0)
        if port.slice >= 0 { count += Int(port.end - port.start) }
        for entry in moreSlices { count += entry.slice.count }
        return count + (layer?.unsentCount ?? 0)
    }

    // MARK: Writing, at the end of the turn

    /// Writes what the turn has gathered: one system call if the peer keeps up.
    func flush() {
        switch phase {
        case .open, .closing: writeTurn()
        case .lingering, .broken, .ended: dropTurn()
        }
        if resumesWhenWritten, backlog == nil { resumeReading() }
        if tellsWhenWritten, backlog == nil { deferWork() }
        if phase == .open, hasToldInputEnd, handler?.isAnswered ?? true { finish() }
        if phase == .closing, backlog == nil, !reactor.ports[slot].isDirty { finishWriting() }
        updatePort()
    }

    private func writeTurn() {
        if backlog != nil { return queue(turnParts(), from: 0, offset: 0) }
        if let layer, let channel = layer.channel { return writeSealedTurn(layer, channel) }
        if farewell.isEmpty, moreSlices.isEmpty, reactor.ports[slot].slice < 0 {
            writeAnswers()
        } else {
            write(turnParts())
        }
    }

    private func writeAnswers() {
        if answers.isEmpty { return }
        let part = OutboundPart.own(answers, from: 0)
        let outcome = part.send(to: raw)
        if outcome == .bytes(answers.count) { return dropTurn() }
        settle(outcome, parts: turnParts(), range: 0..<1)
    }

    /// The kernel did not take all of the slice that was written for this connection.
    func wroteSlice(_ outcome: IOOutcome) {
        settle(outcome, parts: turnParts(), range: 0..<1)
        updatePort()
    }

    private func write(_ parts: TurnParts) {
        var next = 0
        while next < parts.list.count, phase != .broken, backlog == nil {
            let end = min(next + GatheringWriter.partsPerCall, parts.list.count)
            let outcome = reactor.vector.send(parts.list, next..<end, to: raw)
            settle(outcome, parts: parts, range: next..<end)
            next = end
        }
    }

    /// Queues what the kernel did not take of `parts[range]`, and everything behind it.
    private func settle(_ outcome: IOOutcome, parts: TurnParts, range: Range<Int>) {
        var written: Int
        switch outcome {
        case .bytes(let count): written = count
        case .wouldBlock: written = 0
        case .failed: return fail()
        }
        var index = range.lowerBound
        while index < range.upperBound, written >= parts.list[index].count {
            written -= parts.list[index].count
            index += 1
        }
        if index < range.upperBound { queue(parts, from: index, offset: written) }
    }

    func queue(_ parts: TurnParts, from first: Int, offset: Int) {
        var queue = backlog ?? OutboundQueue<OutboundPart>(limits: settings.limits)
        var answerBytes = 0
        for index in first..<parts.list.count {
            var part = parts.list[index]
            var lane = parts.lanes[index]
            if index == first, offset > 0 {
                // Half a frame must be followed by its other half: it cannot be shed any more.
                part = part.dropping(offset)
                lane = .answer
            }
            if case .own = part {
                answerBytes += part.count
                queue.extend(byBytes: part.count)
            }
            guard queue.offer(part, bytes: part.count, lane: lane) != .overflow else {
                return giveUp(queue)
            }
        }
        if queue.isEmpty, layer?.unsentCount ?? 0 == 0 { return }
        backlog = queue
        // Answers may exceed the bound, so no more is asked for until they are gone.
        if answerBytes > settings.limits.queuedBytes / 2 { pauseReadingUntilWritten() }
        updateInterest()
    }

    /// The peer reads too slowly: what is under way is finished, so that frames stay whole, the
    /// rest is left to its next hello, and it is told why, if it still reads within the close's
    /// time.
    private func giveUp(_ queue: OutboundQueue<OutboundPart>) {
        backlog = nil
        dropTurn()
        guard phase == .open, queue.front != nil || layer?.unsentCount ?? 0 > 0 else {
            return fail()
        }
        var rest = OutboundQueue<OutboundPart>(limits: settings.limits)
        if let front = queue.front {
            let part = queue.frontOffset > 0 ? front.dropping(queue.frontOffset) : front
            rest.extend(byBytes: part.count)
            guard rest.offer(part, bytes: part.count, lane: .answer) == .queued else {
                return fail()
            }
        }
        backlog = rest
        isTooSlow = true
        deferWork()
    }

    /// The kernel has room again.
    func writeBacklog() {
        guard var queue = backlog else { return updateInterest() }
        backlog = nil
        if let layer, let channel = layer.channel {
            guard writeSealedBacklog(&queue, layer, channel) else {
                if phase != .ended { backlog = queue }
                return
            }
        }
        while let front = queue.front {
            let part = queue.frontOffset > 0 ? front.dropping(queue.frontOffset) : front
            switch part.send(to: raw) {
            case .bytes(let count):
                queue.consume(count)
                if count == part.count { continue }
            case .wouldBlock: break
            case .failed: return end()
            }
            backlog = queue
            return
        }
        updateInterest()
        updatePort()
        switch phase {
        case .open:
            if resumesWhenWritten { resumeReading() }
            tellsWhenWritten = false
            handler?.caughtUp(staleRooms: queue.takeStaleRooms(), on: self)
        case .closing: finishWriting()
        case .lingering, .broken, .ended: break
        }
    }

    // MARK: The turn's parts as a list

    /// The parts of a turn in their order.
    ///
    /// Two lists, because the kernel is given only the first.
    struct TurnParts {
        var list: ContiguousArray<OutboundPart> = []
        var lanes: ContiguousArray<OutboundLane> = []

        mutating func add(_ part: OutboundPart, _ lane: OutboundLane) {
            if part.count == 0 { return }
            list.append(part)
            lanes.append(lane)
        }
    }

    /// Takes the parts out of the connection.
    func turnParts() -> TurnParts {
        var parts = TurnParts()
        parts.add(.own(answers, from: 0), .answer)
        if let first = reactor.takeSlice(of: slot) { parts.add(.shared(first.slice), first.lane) }
        for entry in moreSlices { parts.add(.shared(entry.slice), entry.lane) }
        parts.add(.own(farewell, from: 0), .answer)
        // A buffer that went into the list is not given back: it may have to wait there.
        answers = []
        dropTurn()
        return parts
    }

    func dropTurn() {
        _ = reactor.takeSlice(of: slot)
        if moreSlices.capacity > Self.keptSlices {
            moreSlices = []
        } else {
            moreSlices.removeAll(keepingCapacity: true)
        }
        farewell = []
        if answers.capacity == 0 { return }
        reactor.giveBack(answers)
        answers = []
    }
}

extension OutboundLane {
    /// The queue's name for a lane.
    init(_ lane: DeliveryLane) {
        switch lane {
        case .log: self = .log
        case .live(let room): self = .live(room: room)
        }
    }
}
