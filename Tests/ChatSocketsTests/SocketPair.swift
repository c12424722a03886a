// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import ChatSockets

/// Two connected sockets: one for what is tested, one that a test holds.
final class SocketPair {
    private(set) var near: Int32
    private(set) var far: Int32

    init() throws {
        var both: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, type, 0, &both) == 0)
        (near, far) = (both[0], both[1])
    }

    deinit {
        closeNear()
        closeFar()
    }

    func closeNear() {
        if near >= 0 { Glibc.close(near) }
        near = -1
    }

    func closeFar() {
        if far >= 0 { Glibc.close(far) }
        far = -1
    }

    /// Reads at the near end: how many bytes there were.
    func readNear() -> Int {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        return Glibc.recv(near, &bytes, bytes.count, 0)
    }

    /// Writes from the far end; how much was taken.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Int { Glibc.send(far, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func write(_ text: String) { write(Array(text.utf8)) }

    /// What has reached the far end.
    func read(_ count: Int = 1 << 20) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(far, &bytes, count, 0)
        return Array(bytes.prefix(max(0, received)))
    }

    /// Fills the near end's way out.
    ///
    /// - Returns: how many bytes that were.
    func fill() -> Int {
        let bytes = [UInt8](repeating: 0x66, count: 65_536)
        var total = 0
        while case let count = Glibc.send(near, bytes, bytes.count, Int32(MSG_NOSIGNAL)), count > 0
        {
            total += count
        }
        return total
    }
}
