// SPDX-License-Identifier: MIT

/// Interrupts a reactor's poll from any thread.
package final class Waker: Sendable {
    private let event: OwnedDescriptor

    /// `eventfd`.
    package init() throws(SocketError) { event = try Syscalls.makeEvent() }

    var descriptor: Int32 { event.raw }

    /// Interrupts the present poll or the next one.
    ///
    /// Any thread.
    package func wake() { Syscalls.signal(event.raw) }

    /// Forgets the wakes so far.
    func drain() { Syscalls.drain(event.raw) }

    /// Blocks the calling thread until somebody wakes it, and forgets the wake.
    func wait() {
        Syscalls.awaitInput(event.raw)
        drain()
    }
}
