// SPDX-License-Identifier: MIT

package import ChatCore

/// Waits once for input on a descriptor that is not the reactor's.
final class DescriptorWatch: ReactorHandler {
    private unowned let reactor: Reactor
    private let descriptor: Int32
    private let then: (InputWait) -> Void
    let deadline: ChatInstant
    /// What names it; `nil` before it is added.
    var token: UInt64?

    init(
        _ reactor: Reactor, _ descriptor: Int32, until deadline: ChatInstant,
        then: @escaping (InputWait) -> Void
    ) {
        self.reactor = reactor
        self.descriptor = descriptor
        self.deadline = deadline
        self.then = then
    }

    func happened(_ event: PollerEvent) { end(.ready) }

    func timerFired(now: ChatInstant) { if now >= deadline { end(.timedOut) } }

    /// Once: afterwards it is not among the reactor's watches.
    func end(_ outcome: InputWait) {
        guard let token else { return }
        self.token = nil
        reactor.remove(descriptor, token: token)
        reactor.watches.removeAll { $0 === self }
        then(outcome)
    }
}

extension Reactor {
    /// See ``LoopDriver/watch(_:until:then:)``.
    package func watch(
        _ descriptor: Int32, until deadline: ChatInstant, then: @escaping (InputWait) -> Void
    ) -> Bool {
        let watch = DescriptorWatch(self, descriptor, until: deadline, then: then)
        do {
            watch.token = try add(descriptor, watch, for: .input)
        } catch {
            // Whoever waits can do so by themselves, and is told by that what is wrong.
            return false
        }
        watches.append(watch)
        return true
    }

    /// The earliest deadline of a watch. There are few: one per connection to a database.
    var watchDeadline: ChatInstant? { watches.lazy.map(\.deadline).min() }

    func runWatchDeadlines(now: ChatInstant) {
        for watch in watches { watch.timerFired(now: now) }
    }

    /// Nobody polls any more.
    func endWatches() {
        for watch in watches { watch.end(.unpolled) }
    }
}
