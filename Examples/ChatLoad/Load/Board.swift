// SPDX-License-Identifier: MIT

import Glibc
import Synchronization

enum Phase: Int {
    case setup, warmup, measure, drain, stop
}

/// What the threads and the main thread tell each other while a run lasts.
final class Board: Sendable {
    private let currentPhase = Atomic<Int>(Phase.setup.rawValue)
    private let hasComplained = Atomic<Bool>(false)
    let ready = Atomic<Int>(0)
    let roomsReady = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
    let closed = Atomic<Int>(0)
    let attempts = Atomic<Int>(0)
    /// Written by each thread once per turn.
    let sent = Atomic<Int>(0)
    let expected = Atomic<Int>(0)
    let delivered = Atomic<Int>(0)

    var phase: Phase {
        get { Phase(rawValue: currentPhase.load(ordering: .acquiring)) ?? .stop }
        set { currentPhase.store(newValue.rawValue, ordering: .releasing) }
    }

    func add(_ value: Int, to counter: borrowing Atomic<Int>) {
        if value != 0 { counter.add(value, ordering: .relaxed) }
    }

    func count(_ counter: borrowing Atomic<Int>) -> Int { counter.load(ordering: .relaxed) }

    /// The number of the next of `limit` attempts, or nil when all have been made.
    func nextAttempt(of limit: Int) -> Int? {
        let attempt = attempts.add(1, ordering: .relaxed).oldValue
        return attempt < limit ? attempt : nil
    }

    /// Tells the person what went wrong first; the rest is counted.
    func complain(_ text: String) {
        if !hasComplained.exchange(true, ordering: .relaxed) {
            StandardStream.error.write("chat-load: \(text)\n")
        }
    }
}

/// A standard stream, written without buffers.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR || errno == EAGAIN else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
