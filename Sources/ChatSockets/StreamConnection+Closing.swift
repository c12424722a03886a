// SPDX-License-Identifier: MIT

package import ChatCore

extension StreamConnection {
    package func close(_ code: CloseCode) { close(code, within: settings.closeMilliseconds) }

    /// Says goodbye with `code`, writes what is queued, and ends after that many milliseconds at
    /// the latest.
    package func close(_ code: CloseCode, within milliseconds: Int64) {
        guard phase == .open else { return shortenDeadline(milliseconds) }
        handler?.appendFarewell(code, to: &farewell)
        finish(within: milliseconds)
    }

    /// The server stops: closes it with `code`, or lets its protocol say what is due before, but not for more than that
    /// many milliseconds.
    func stop(_ code: CloseCode, within milliseconds: Int64) {
        guard phase == .open, let handler, !handler.stopping(on: self) else {
            return close(code, within: milliseconds)
        }
        let deadline = reactor.clock.now().advanced(byMilliseconds: milliseconds)
        stopDeadline = deadline
        reactor.arm(deadline, token: token)
    }

    /// Closes without last words, after what is queued.
    package func finish() {
        guard phase == .open else { return }
        finish(within: settings.closeMilliseconds)
    }

    private func finish(within milliseconds: Int64) {
        phase = .closing
        leftover = []
        // From now on input is read only to be thrown away: unread bytes would turn the close into
        // a reset.
        isPaused = false
        setDeadline(milliseconds: milliseconds)
        updateInterest()
        markDirty()
    }

    private func shortenDeadline(_ milliseconds: Int64) {
        guard phase != .ended else { return }
        let wanted = reactor.clock.now().advanced(byMilliseconds: milliseconds)
        if let deadline, deadline <= wanted { return }
        setDeadline(wanted)
    }

    /// Everything is written: tells the peer so and waits for its end.
    func finishWriting() {
        guard finishChannel(), phase != .broken else { return }
        phase = .lingering
        Syscalls.finishWriting(raw)
        if isInputOpen {
            shortenDeadline(settings.lingerMilliseconds)
        } else {
            phase = .broken
            deferWork()
        }
    }

    /// Gives the connection up without waiting for the peer.
    ///
    /// It ends in the next poll.
    package func fail() {
        guard phase != .ended, phase != .broken else { return }
        phase = .broken
        backlog = nil
        dropTurn()
        deferWork()
    }

    /// Lets go of the socket and tells the protocol.
    ///
    /// Only from the reactor's poll.
    func end() {
        guard phase != .ended else { return }
        phase = .ended
        deadline = nil
        backlog = nil
        leftover = []
        layer = nil
        dropTurn()
        reactor.newcomers.leave(self)
        reactor.remove(raw, token: token)
        descriptor = nil
        group?.remove(self)
        let handler = handler
        self.handler = nil
        handler?.ended()
    }
}
