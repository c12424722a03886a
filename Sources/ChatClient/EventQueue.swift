// SPDX-License-Identifier: MIT

import ChatPlatform

/// The events of a client, for one reader: an asynchronous sequence that ends when the client is closed.
///
/// Nothing is dropped: above ``ChatClientOptions/waitingEvents`` the client stops reading from the server, which
/// lets it go as a slow reader at some point; the resume brings the rest.
public struct ChatEvents: AsyncSequence, Sendable {
    /// Reads the events.
    public struct Iterator: AsyncIteratorProtocol {
        let queue: EventQueue

        /// The next event; `nil` after the end, or if the task is cancelled.
        public mutating func next() async -> ChatEvent? { await queue.next() }
    }

    let queue: EventQueue

    /// Begins to read. Only one reader at a time gets events.
    public func makeAsyncIterator() -> Iterator { Iterator(queue: queue) }
}

/// Events on their way to their reader.
final class EventQueue: Sendable {
    private struct State {
        var events: [ChatEvent] = []
        var first = 0
        var isEnded = false
        var waiter: CheckedContinuation<Void, Never>?

        var count: Int { events.count - first }

        mutating func take() -> ChatEvent? {
            guard first < events.count else { return nil }
            let event = events[first]
            first += 1
            if first == events.count {
                events.removeAll(keepingCapacity: true)
                first = 0
            }
            return event
        }
    }

    private let state = Lock(State())
    private let capacity: Int
    /// Reads on: called once there is room again.
    private let drained: @Sendable () -> Void

    init(capacity: Int, drained: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.drained = drained
    }

    /// Whether nothing more should be read from the server.
    var isFull: Bool { state.withLock { $0.count >= capacity } }

    func add(_ event: ChatEvent) { wake { $0.events.append(event) } }

    func end() { wake { $0.isEnded = true } }

    private func wake(_ change: @Sendable (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    func next() async -> ChatEvent? {
        while !Task.isCancelled {
            let (event, isOver, hasRoom) = state.withLock { state in
                let wasFull = state.count >= capacity
                let event = state.take()
                return (event, state.isEnded, wasFull && state.count < capacity)
            }
            if hasRoom { drained() }
            if let event { return event }
            if isOver { return nil }
            await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let isReady = state.withLock { state -> Bool in
                        if state.count > 0 || state.isEnded || Task.isCancelled { return true }
                        state.waiter?.resume()
                        state.waiter = waiter
                        return false
                    }
                    if isReady { waiter.resume() }
                }
            } onCancel: {
                wake { _ in }
            }
        }
        return nil
    }
}
