// SPDX-License-Identifier: MIT

import ChatCore

// Connections with something between socket and protocol.
extension StreamConnection {
    /// What a plain-text client is told that meets TLS.
    private static let plainHTTPAnswer =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 37\r\n"
        + "Connection: close\r\n\r\nThis port speaks TLS: use https/wss.\n"

    /// Starts reading for `layer`, which starts the protocol when hands are shaken.
    func open(_ layer: StreamLayer, within milliseconds: Int64) {
        self.layer = layer
        guard register() else { return }
        setDeadline(milliseconds: milliseconds)
    }

    /// Takes bytes that a layer has to look at first.
    func takeThrough(_ layer: StreamLayer, _ range: Range<Int>) {
        var range = range
        if layer.proxyHeader != nil {
            guard
                let step = reactor.readBuffer.withBytes(range, { layer.proxyHeader?.take($0.span) })
            else { return }
            switch step {
            case .needMore: return
            case .invalid(let reason):
                tell(.badProxyHeader(reason))
                return fail()
            case .done(let address, let count):
                if let address, !movePeer(to: address) { return }
                layer.proxyHeader = nil
                range = (range.lowerBound + count)..<range.upperBound
            }
            if layer.channel == nil {
                self.layer = nil
                updatePort()
                begin(layer)
                if phase == .open, !range.isEmpty { takePlain(reactor.readBuffer, range) }
                return
            }
            if range.isEmpty { return }
        }
        guard let channel = layer.channel else { return }
        if !layer.isOpen, layer.isHeld || !reactor.takeHandshakeStep() {
            return hold(range, layer)
        }
        reactor.readBuffer.withBytes(range) { unseal($0.span, layer, channel) }
    }

    /// Keeps what came until a later turn has time for handshakes, and reads no more until then.
    private func hold(_ range: Range<Int>, _ layer: StreamLayer) {
        // No handshake has so much to say.
        guard layer.held.count + range.count <= reactor.readBuffer.capacity else { return fail() }
        reactor.readBuffer.withBytes(range) { layer.held.append($0.span) }
        if layer.isHeld { return }
        layer.isHeld = true
        updateInterest()
        reactor.heldHandshakes.append(self)
    }

    /// Its turn has come.
    ///
    /// - Returns: whether that has cost a step.
    func runHeldHandshake() -> Bool {
        guard phase == .open, let layer, let channel = layer.channel, layer.isHeld else {
            return false
        }
        let held = layer.held
        layer.held = []
        layer.isHeld = false
        unseal(held.span, layer, channel)
        if newcomerBytes != nil { reactor.newcomers.update(self) }
        if phase != .ended, phase != .broken { updateInterest() }
        return true
    }

    private func begin(_ layer: StreamLayer) {
        let begin = layer.begin
        layer.begin = nil
        setDeadline(milliseconds: nil)
        begin?(self)
    }

    private func unseal(
        _ sealed: Span<UInt8>, _ layer: StreamLayer, _ channel: any SecureChannel
    ) {
        let plainBuffer = reactor.plainBuffer
        var replies = reactor.takeBuffer()
        let progress = plainBuffer.withBytes(0..<plainBuffer.capacity) { plain in
            channel.open(sealed, into: &plain, replies: &replies)
        }
        sendSealed(replies, layer)
        reactor.giveBack(replies)
        guard phase == .open else { return }
        if case .failed(let failure) = progress.state { return failed(layer, failure) }
        if progress.state != .handshaking, !layer.isOpen {
            layer.isOpen = true
            begin(layer)
        }
        if progress.plainBytes > 0, phase == .open {
            takePlain(plainBuffer, 0..<progress.plainBytes)
        }
        if progress.state == .finished {
            layer.hasPeerFinished = true
            if phase == .open { peerFinished() }
        }
    }

    /// The channel cannot go on: what it says last is on its way, nothing else will be.
    private func failed(_ layer: StreamLayer, _ failure: SecureFailure) {
        layer.hasFinished = true
        if failure == .plainHTTP, !layer.isOpen {
            sendSealed(Array(Self.plainHTTPAnswer.utf8), layer)
        }
        tell(.handshakeFailed(failure))
        // Nothing of this side can be sealed any more, so nobody shall queue it.
        layer.isOpen = false
        let handler = handler
        self.handler = nil
        handler?.ended()
        finish()
    }

    // MARK: Writing

    /// Seals what the turn has gathered and writes it: one system call if the peer keeps up.
    func writeSealedTurn(_ layer: StreamLayer, _ channel: any SecureChannel) {
        guard layer.isOpen, !layer.hasFinished else { return dropTurn() }
        var total = answers.count + farewell.count
        for entry in moreSlices { total += entry.slice.count }
        guard total <= StreamLayer.sealedBytes else {
            return writeSealed(turnParts(), layer, channel)
        }
        if total == 0 { return dropTurn() }
        var sealed = reactor.takeBuffer()
        var isSealed = true
        if !answers.isEmpty { isSealed = channel.seal(answers.span, into: &sealed) }
        for entry in moreSlices where isSealed {
            isSealed = channel.seal(entry.slice, into: &sealed)
        }
        let farewell = farewell
        if isSealed, !farewell.isEmpty { isSealed = channel.seal(farewell.span, into: &sealed) }
        dropTurn()
        guard isSealed else { return fail() }
        sendSealed(sealed, layer)
        reactor.giveBack(sealed)
    }

    /// Seals so much at once as the kernel may take, so that the rest can still be shed.
    private func writeSealed(
        _ parts: TurnParts, _ layer: StreamLayer, _ channel: any SecureChannel
    ) {
        var sealed = reactor.takeBuffer()
        defer { reactor.giveBack(sealed) }
        var (index, offset) = (0, 0)
        while index < parts.list.count {
            sealed.removeAll(keepingCapacity: true)
            while index < parts.list.count, sealed.count < StreamLayer.sealedBytes {
                let part = parts.list[index]
                let end = min(part.count, offset + StreamLayer.sealedBytes)
                guard channel.seal(part, offset..<end, into: &sealed) else { return fail() }
                offset = end
                if offset == part.count { (index, offset) = (index + 1, 0) }
            }
            sendSealed(sealed, layer)
            if phase == .broken { return }
            if layer.unsentCount > 0 { return queue(parts, from: index, offset: offset) }
        }
    }

    /// Hands records to the kernel, behind those that wait; what it does not take waits.
    private func sendSealed(_ sealed: [UInt8], _ layer: StreamLayer) {
        if sealed.isEmpty { return }
        if layer.unsentCount > 0 {
            layer.keep(sealed[...])
        } else {
            switch OutboundPart.own(sealed, from: 0).send(to: raw) {
            case .bytes(sealed.count): return
            case .bytes(let count): layer.keep(sealed[count...])
            case .wouldBlock: layer.keep(sealed[...])
            case .failed: return fail()
            }
        }
        // A peer that makes us talk without reading what we say.
        if layer.unsentCount > 4 * StreamLayer.sealedBytes { return fail() }
        if backlog == nil { backlog = OutboundQueue(limits: settings.limits) }
        updateInterest()
    }

    /// Writes what waits, sealing what has to be sealed.
    ///
    /// - Returns: whether everything in `queue` is written.
    func writeSealedBacklog(
        _ queue: inout OutboundQueue<OutboundPart>, _ layer: StreamLayer,
        _ channel: any SecureChannel
    ) -> Bool {
        var sealed = reactor.takeBuffer()
        defer { reactor.giveBack(sealed) }
        while true {
            while layer.unsentCount > 0 {
                switch layer.send(to: raw) {
                case .bytes: continue
                case .wouldBlock: return false
                case .failed:
                    end()
                    return false
                }
            }
            if queue.isEmpty { return true }
            sealed.removeAll(keepingCapacity: true)
            while let front = queue.front, sealed.count < StreamLayer.sealedBytes {
                let start = queue.frontOffset
                let end = min(front.count, start + StreamLayer.sealedBytes)
                guard channel.seal(front, start..<end, into: &sealed) else {
                    self.end()
                    return false
                }
                queue.consume(end - start)
            }
            layer.keep(sealed[...])
        }
    }

    /// Tells the peer in the channel's way that nothing more comes.
    ///
    /// - Returns: whether that is out.
    func finishChannel() -> Bool {
        guard let layer, let channel = layer.channel, layer.isOpen, !layer.hasFinished else {
            return true
        }
        layer.hasFinished = true
        var sealed: [UInt8] = []
        channel.finish(into: &sealed)
        sendSealed(sealed, layer)
        return layer.unsentCount == 0
    }
}

extension SecureChannel {
    func seal(_ slice: SharedSlice, into sealed: inout [UInt8]) -> Bool {
        let bytes = slice.buffer.bytes
        return seal(bytes.span.extracting(slice.start..<slice.end), into: &sealed)
    }

    /// Seals a range of a part.
    func seal(_ part: OutboundPart, _ range: Range<Int>, into sealed: inout [UInt8]) -> Bool {
        switch part {
        case .own(let bytes, let start):
            seal(
                bytes.span.extracting((start + range.lowerBound)..<(start + range.upperBound)),
                into: &sealed)
        case .shared(let slice):
            seal(
                SharedSlice(
                    buffer: slice.buffer, start: slice.start + range.lowerBound,
                    end: slice.start + range.upperBound), into: &sealed)
        }
    }
}
