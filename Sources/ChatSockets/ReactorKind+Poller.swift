// SPDX-License-Identifier: MIT

package import ChatCore

extension ReactorKind {
    /// Makes what a reactor of this kind polls with.
    ///
    /// - Parameter ring: makes a ring; tests put one here that fails.
    func makePoller(
        ring: () throws(SocketError) -> any Poller = ReactorKind.makeRingPoller
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

    private static func makeRingPoller() throws(SocketError) -> any Poller {
        if let obstacle = obstacleToIOUring { throw obstacle }
        return try RingPoller()
    }

    /// Why io_uring cannot be used here; `nil` if it can.
    ///
    /// Found out once, with a small ring that is used: some sandboxes only forbid that.
    package static let obstacleToIOUring: SocketError? = {
        let size = Ring.Size(entries: 2, completions: 4, buffers: 1, bufferBytes: 64)
        do throws(SocketError) {
            try Ring(size).tryOut()
            return nil
        } catch {
            return error
        }
    }()

    /// The kinds that work here, without `auto`.
    package static let usable: [ReactorKind] =
        obstacleToIOUring == nil ? [.epoll, .ioUring] : [.epoll]
}
