// SPDX-License-Identifier: MIT

import Glibc

/// What a descriptor is ready for, or what one waits for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    static let input = Readiness(rawValue: UInt32(POLLIN))
    static let output = Readiness(rawValue: UInt32(POLLOUT))
    /// Reported without being asked for: an error, or both directions closed.
    static let broken = Readiness(rawValue: UInt32(POLLERR) | UInt32(POLLHUP))
}

/// What a descriptor is, for kernels that do the next step themselves.
enum PolledSource {
    /// A connection: input is read.
    case stream
    /// A listening socket: input is accepted.
    case listener
    /// Anything else: the owner acts on readiness.
    case other
}

/// What happened to a descriptor.
package enum PollerEvent: Equatable, Sendable {
    /// It is ready; the owner reads, writes or accepts.
    case ready(Readiness)
    /// Bytes were read: that range of the poller's ``Poller/readBuffer``, until the next wait.
    case received(Range<Int>)
    /// The peer will send no more.
    case inputEnded
    /// A connection was accepted: a descriptor whose owner is whoever gets this.
    case accepted(Int32)
    /// Reading or accepting failed (`errno`).
    case failed(Int32)
}

/// How a reactor hears from the kernel: ``Epoll`` or ``RingPoller``.
///
/// Called by the reactor's thread only, apart from making it. Interest is level-triggered: what is
/// wanted and not taken is reported again.
protocol Poller: AnyObject {
    /// What is read comes to lie here; for a poller that only reports readiness, owners read into
    /// it.
    var readBuffer: ReadBuffer { get }
    /// What writes many connections at once, if this kernel interface does.
    var sender: RingSender? { get }
    /// Starts watching `descriptor`; `token` comes back with every event.
    ///
    /// The upper half of a token changes whenever its lower half, a small number, is used again.
    func add(
        _ descriptor: Int32, token: UInt64, as source: PolledSource, for interest: Readiness
    ) throws(SocketError)
    /// Watches for something else.
    func change(_ descriptor: Int32, token: UInt64, to interest: Readiness) throws(SocketError)
    /// Stops watching, before the descriptor is closed; events that were fetched may still come.
    func remove(_ descriptor: Int32, token: UInt64)
    /// Waits for events (-1: without end).
    ///
    /// - Returns: how many there are; 0 after a time-out or a signal.
    func wait(timeoutMilliseconds: Int32) -> Int
    /// Event `index` of the last wait.
    func event(_ index: Int) -> (token: UInt64, event: PollerEvent)
    /// Ends all that the kernel does for it, on the thread that waits: ports and connections whose
    /// descriptors are closed are free afterwards.
    ///
    /// Nothing else is called then.
    func close()
}
