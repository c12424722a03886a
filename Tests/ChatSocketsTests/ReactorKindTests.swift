// SPDX-License-Identifier: MIT

import ChatCore
import Glibc
import Testing

@testable import ChatSockets

struct ReactorKindTests {
    /// Where the kernel refuses, this is reported as a known issue, so that nobody takes a run
    /// without io_uring for one with it.
    @Test func `io_uring is tested where the kernel allows it`() throws {
        try withKnownIssue("the kernel refuses io_uring here: its tests were left out") {
            if let obstacle = ReactorKind.obstacleToIOUring { throw obstacle }
        } when: {
            ReactorKind.usable == [.epoll]
        }
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

    @Test func `who insists on io_uring is told what to do where it is refused`() {
        let error = #expect(throws: SocketError.self) {
            _ = try ReactorKind.ioUring.makePoller { () throws(SocketError) in
                throw SocketError("io_uring_setup", code: EPERM)
            }
        }
        #expect(error?.advice == "; use the reactor epoll or auto instead of io_uring")
        #expect(SocketError("bind", code: EADDRINUSE).advice == "")
    }
}
