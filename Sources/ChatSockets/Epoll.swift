// SPDX-License-Identifier: MIT

#if os(Linux)
    import CChatSystem
    import Glibc

    /// An epoll instance with room for the events of one poll.
    ///
    /// It reports readiness; reading, writing and accepting are system calls of their own.
    @safe
    final class Epoll: Poller {
        /// How many events one poll fetches at most; the kernel keeps the others for the next.
        static let eventsPerPoll = 1_024

        let readBuffer = ReadBuffer(capacity: 262_144)
        var sender: RingSender? { nil }

        private let descriptor: OwnedDescriptor
        private let events: UnsafeMutableBufferPointer<epoll_event>

        /// `epoll_create1`.
        init() throws(SocketError) {
            let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard raw >= 0 else { throw SocketError("epoll_create1", code: errno) }
            descriptor = OwnedDescriptor(raw)
            unsafe events = .allocate(capacity: Self.eventsPerPoll)
            unsafe events.initialize(repeating: epoll_event())
        }

        deinit { unsafe events.deallocate() }

        /// `epoll_ctl(ADD)`: level-triggered; `token` comes back with every event.
        func add(
            _ target: Int32, token: UInt64, as source: PolledSource, for interest: Readiness
        ) throws(SocketError) {
            try control(EPOLL_CTL_ADD, target, token, interest)
        }

        /// `epoll_ctl(MOD)`.
        func change(_ target: Int32, token: UInt64, to interest: Readiness) throws(SocketError) {
            try control(EPOLL_CTL_MOD, target, token, interest)
        }

        /// `epoll_ctl(DEL)`, before the descriptor is closed.
        func remove(_ target: Int32, token: UInt64) {
            _ = epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, target, nil)
        }

        /// Whoever closes a descriptor has ended it.
        func close() {}

        private func control(
            _ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: Readiness
        ) throws(SocketError) {
            var event = unsafe epoll_event()
            unsafe event.events = interest.rawValue
            unsafe event.data.u64 = token
            guard unsafe epoll_ctl(descriptor.raw, operation, target, &event) == 0 else {
                throw SocketError("epoll_ctl", code: errno)
            }
        }

        /// `epoll_wait`: how many events there are (0 after a time-out or a signal).
        func wait(timeoutMilliseconds: Int32) -> Int {
            let count = unsafe epoll_wait(
                descriptor.raw, events.baseAddress, Int32(events.count), timeoutMilliseconds)
            return max(0, Int(count))
        }

        /// Event `index` of the last ``wait(timeoutMilliseconds:)``.
        func event(_ index: Int) -> (token: UInt64, event: PollerEvent) {
            let event = unsafe events[index]
            return unsafe (event.data.u64, .ready(Readiness(rawValue: event.events)))
        }
    }
#endif
