// SPDX-License-Identifier: MIT

package import ChatCore

extension ReactorKind {
    /// Makes what a reactor of this kind polls with.
    ///
    /// - Parameter ring: makes a ring; tests put one here that fails.
    func makePoller(
        ring: () throws(SocketError) -> any Poller = { () throws(SocketError) in
            try RingPoller()
        }
    ) throws(SocketError) -> any Poller {
        switch self {
        case .epoll: return try Epoll()
        case .ioUring: return try ring()
        case .auto:
            do throws(SocketError) {
                return try ring()
            } catch {
                // Old, forbidden or out of memory for it: all the same, epoll does the work.
                return try Epoll()
            }
        }
    }

    /// Why io_uring cannot be used here; `nil` if it can.
    package static let obstacleToIOUring: SocketError? = {
        do throws(SocketError) {
            _ = try RingPoller()
            return nil
        } catch {
            return error
        }
    }()

    /// The kinds that work here, without `auto`.
    package static let usable: [ReactorKind] =
        obstacleToIOUring == nil ? [.epoll, .ioUring] : [.epoll]
}
