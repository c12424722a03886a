// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// A bound, listening, non-blocking TCP socket.
package final class ListeningSocket: Sendable {
    let descriptor: OwnedDescriptor
    /// Where it listens, with the port that the kernel chose if 0 was asked for.
    package let address: SocketAddress

    /// `socket`, `bind`, `listen`.
    ///
    /// - Parameters:
    ///   - address: where; port 0 lets the kernel choose.
    ///   - isShared: several sockets of this process take connections on the same port
    ///     (`SO_REUSEPORT`).
    ///   - backlog: connections that may wait to be accepted.
    package init(
        _ address: SocketAddress, isShared: Bool = false, backlog: Int32 = 4_096
    ) throws(SocketError) {
        descriptor = try Syscalls.makeSocket(family: address.family)
        // A restarted server must not wait for the last one's connections in TIME_WAIT.
        Syscalls.setOption(descriptor.raw, SOL_SOCKET, SO_REUSEADDR, 1)
        if isShared { Syscalls.setOption(descriptor.raw, SOL_SOCKET, SO_REUSEPORT, 1) }
        try Syscalls.listen(descriptor.raw, on: address, backlog: backlog)
        self.address = try Syscalls.localAddress(descriptor.raw)
    }

    /// One socket per loop, all on the same port; the kernel spreads the connections over them.
    package static func group(
        _ address: SocketAddress, count: Int
    ) throws(SocketError) -> [ListeningSocket] {
        if count <= 1 { return [try ListeningSocket(address)] }
        // A free port that was just found may be taken by somebody else before it is taken again.
        for _ in 0..<(address.port == 0 ? 8 : 0) {
            if let sockets = try? shared(address, count: count) { return sockets }
        }
        return try shared(address, count: count)
    }

    private static func shared(
        _ address: SocketAddress, count: Int
    ) throws(SocketError) -> [ListeningSocket] {
        // SO_REUSEPORT would let a second server of the same user share the port by mistake. A plain
        // bind first finds it, and chooses the port.
        let address = try ListeningSocket(address).address
        var sockets: [ListeningSocket] = []
        for _ in 0..<count { sockets.append(try ListeningSocket(address, isShared: true)) }
        return sockets
    }
}
