// SPDX-License-Identifier: MIT

#if os(Linux)
    import CChatSystem
    import Glibc

    /// What a descriptor is ready for, or what one waits for.
    package struct Readiness: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        static let input = Readiness(rawValue: EPOLLIN.rawValue)
        static let output = Readiness(rawValue: EPOLLOUT.rawValue)
        /// Reported without being asked for: an error, or both directions closed.
        static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    }

    /// An epoll instance with room for the events of one poll.
    @safe
    final class Epoll {
        /// How many events one poll fetches at most; the kernel keeps the others for the next.
        static let eventsPerPoll = 1_024

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
        func add(_ target: Int32, token: UInt64, for interest: Readiness) throws(SocketError) {
            try control(EPOLL_CTL_ADD, target, token, interest)
        }

        /// `epoll_ctl(MOD)`.
        func change(_ target: Int32, token: UInt64, to interest: Readiness) throws(SocketError) {
            try control(EPOLL_CTL_MOD, target, token, interest)
        }

        /// `epoll_ctl(DEL)`, before the descriptor is closed.
        func remove(_ target: Int32) {
            _ = epoll_ctl(descriptor.raw, EPOLL_CTL_DEL, target, nil)
        }

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
        func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
            let event = unsafe events[index]
            return unsafe (event.data.u64, Readiness(rawValue: event.events))
        }
    }
#endif
