// SPDX-License-Identifier: MIT

// When a turn's events go out.
extension Shard {
    /// Gives every subscriber its part of the turn, unless it pays to wait for the transaction under way.
    func fanOut(now: ChatInstant) {
        if !dirtyTails.isEmpty {
            if holdsFanOut(now: now) { return }
            for tail in dirtyTails { tail.flush(&events) }
            dirtyTails.removeAll(keepingCapacity: true)
        }
        fanOutHeldUntil = nil
        turnBuffers.turnEnded()
    }

    /// Whether more comes for the same connections, sooner than writing to all of them twice would take.
    ///
    /// While one half of a room's senders is being told of its messages, the other half's are being stored, and so
    /// on for ever: twice the writes for the same messages. Waiting for the store once brings them together.
    private func holdsFanOut(now: ChatInstant) -> Bool {
        if let until = fanOutHeldUntil { return now < until && !context.isDraining }
        guard commit.isInFlight, !context.isDraining else { return false }
        let subscribers = dirtyTails.reduce(0) { $0 + $1.liveCount }
        let wait = min(
            Int64(subscribers) * limits.heldFanOutNanosecondsPerSubscriber,
            limits.heldFanOutNanoseconds)
        guard commit.lastDurationNanoseconds < wait else { return false }
        fanOutHeldUntil = ChatInstant(nanoseconds: now.nanoseconds + wait)
        return true
    }
}
