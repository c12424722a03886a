// SPDX-License-Identifier: MIT

import ChatCore
import Glibc
import Testing

@testable import ChatSockets

struct ReactorKindTests {
    /// Where the kernel refuses, a warning says so, so that nobody takes a run without io_uring for one with it.
    @Test func `the tests use io_uring exactly where the kernel allows it`() {
        let obstacle = ReactorKind.obstacleToIOUring
        if let obstacle {
            Issue.record("io_uring is not tested: \(obstacle)", severity: .warning)
        }
        #expect(ReactorKind.usable == (obstacle == nil ? [.epoll, .ioUring] : [.epoll]))
    }

    @Test(arguments: [EPERM, ENOSYS, ENOMEM, EINVAL])
    func `auto takes epoll where io_uring is refused`(_ code: Int32) throws {
        let poller = try ReactorKind.auto.makePoller { () throws(SocketError) in
            throw SocketError("io_uring_setup", code: code)
        }
        #expect(poller is Epoll)
    }

    @Test func `auto takes io_uring where it is allowed`() throws {
        let poller = try ReactorKind.auto.makePoller()
        #expect((poller is RingPoller) == ReactorKind.usable.contains(.ioUring))
    }

    @Test(arguments: [
        (EPERM, "; a container or kernel.io_uring_disabled forbids it here"),
        (ENOSYS, "; it needs Linux 6.1 or later, also to build, and may be forbidden"),
        (EINVAL, "; it needs Linux 6.1 or later, also to build, and may be forbidden"),
        (ENOMEM, "; more memory must be allowed to be locked (ulimit -l)"),
        (EIO, "; it cannot be used here"),
    ])
    func `who insists on io_uring is told why it is refused and what to do`(
        code: Int32, cause: String
    ) {
        let error = #expect(throws: SocketError.self) {
            _ = try ReactorKind.ioUring.makePoller { () throws(SocketError) in
                throw SocketError("io_uring_setup", code: code)
            }
        }
        #expect(error?.advice == cause + ": use --reactor auto or epoll")
    }

    @Test func `errors of other calls are not about io_uring`() {
        #expect(SocketError("bind", code: EADDRINUSE).advice == "")
    }
}
