// SPDX-License-Identifier: MIT

import ChatCore

extension StreamConnection {
    /// Reads once; what is left in the kernel is reported again.
    func read() {
        switch Syscalls.receive(raw, into: reactor.readBuffer) {
        case .bytes(0): streamEnded()
        case .bytes(let count): take(0..<count)
        case .wouldBlock: break
        case .failed: end()
        }
    }

    package func happened(_ event: PollerEvent) {
        switch event {
        case .received(let range): take(range)
        case .inputEnded: streamEnded()
        case .failed: end()
        case .accepted(let descriptor): Syscalls.close(descriptor)
        case .ready(let readiness): ready(readiness)
        }
    }

    /// Takes what was read into that range of the shared buffer.
    private func take(_ range: Range<Int>) {
        guard phase == .open else { return }
        if let layer {
            takeThrough(layer, range)
        } else {
            takePlain(reactor.readBuffer, range)
        }
        if newcomerBytes != nil { reactor.newcomers.update(self) }
    }

    /// Takes what the protocol can read.
    func takePlain(_ buffer: ReadBuffer, _ range: Range<Int>) {
        if isPaused {
            // The kernel had read on before it heard of the pause.
            buffer.withBytes(range) { leftover.append($0.span) }
        } else {
            handIn(buffer, range)
        }
    }

    /// Hands bytes of a shared buffer in, behind what is left from before.
    private func handIn(_ buffer: ReadBuffer, _ range: Range<Int>) {
        guard let handler else { return }
        if leftover.isEmpty {
            buffer.withBytes(range) { bytes in
                let consumed = handler.received(&bytes, on: self)
                if consumed < range.count, phase == .open {
                    leftover.append(bytes.span.extracting(consumed..<range.count))
                }
            }
        } else {
            buffer.withBytes(range) { leftover.append($0.span) }
            handInLeftover(handler)
        }
    }

    private func handInLeftover(_ handler: any ByteProtocol) {
        var bytes = leftover
        leftover = []
        var span = bytes.mutableSpan
        let consumed = handler.received(&span, on: self)
        guard consumed < bytes.count, phase == .open else { return }
        if consumed > 0 { bytes.removeFirst(consumed) }
        leftover = bytes
    }

    /// Stops reading; what was read and not consumed is kept.
    ///
    /// For the protocol, while it receives.
    package func pauseReading() {
        guard phase == .open else { return }
        isPaused = true
        updateInterest()
    }

    /// Stops reading until everything that is to be sent was written.
    package func pauseReadingUntilWritten() {
        pauseReading()
        resumesWhenWritten = true
        markDirty()
    }

    /// Hands in again what was kept, in the next poll, and goes on reading.
    package func resumeReading() {
        guard phase == .open else { return }
        mustResume = true
        deferWork()
    }

    func resumeNow() {
        guard phase == .open, isPaused, let handler else { return }
        // Draining asks again.
        if resumesWhenWritten, backlog != nil { return }
        isPaused = false
        resumesWhenWritten = false
        // Even without bytes: the protocol may hold a message that was not taken.
        handInLeftover(handler)
        updateInterest()
        if !isInputOpen, !isPaused { tellInputEnded() }
    }

    /// The peer has closed its sending side.
    private func streamEnded() {
        // In the middle of a handshake, or cut off without the peer's word for it (RFC 8446, section 6.1).
        if phase == .open, let layer, !layer.hasPeerFinished { return end() }
        peerFinished()
    }

    /// The peer will send no more.
    func peerFinished() {
        let isFirst = isInputOpen
        isInputOpen = false
        switch phase {
        case .open:
            guard isFirst else { return }
            updateInterest()
            if !isPaused { tellInputEnded() }
        case .closing: updateInterest()
        case .lingering, .broken: end()
        case .ended: break
        }
    }

    private func tellInputEnded() {
        guard phase == .open, let handler else { return }
        let rest = leftover
        leftover = []
        let isDone = handler.inputEnded(rest: rest.span, on: self)
        guard phase == .open else { return }
        guard isDone else {
            leftover = rest
            return pauseReading()
        }
        hasToldInputEnd = true
        setDeadline(milliseconds: settings.halfCloseMilliseconds)
        // The end of the turn looks whether there is anything to wait for.
        markDirty()
    }
}

extension [UInt8] {
    /// Appends the elements of `bytes` in one copy.
    package mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
