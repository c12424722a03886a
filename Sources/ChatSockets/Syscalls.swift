// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// What a non-blocking read or write came to.
package enum IOOutcome: Equatable, Sendable {
    /// So many bytes; 0 from a read means that the peer will send no more.
    case bytes(Int)
    /// Nothing now; the kernel tells when.
    case wouldBlock
    /// The connection is gone (`errno`).
    case failed(Int32)
}

/// The system calls of this module: thin, interrupted calls repeated, nothing else.
package enum Syscalls {
    /// Repeats `call` while a signal interrupts it.
    @inline(__always)
    private static func uninterrupted(_ call: () -> Int) -> IOOutcome {
        while true {
            let result = call()
            if result >= 0 { return .bytes(result) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return .wouldBlock
            case let code: return .failed(code)
            }
        }
    }

    private static func check(_ call: String, _ result: Int32) throws(SocketError) -> Int32 {
        guard result >= 0 else { throw SocketError(call, code: errno) }
        return result
    }

    /// `close`.
    ///
    /// Not repeated: on Linux the descriptor is free even after `EINTR`.
    package static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    // MARK: Bytes

    /// `recv` into `buffer`.
    static func receive(_ descriptor: Int32, into buffer: ReadBuffer) -> IOOutcome {
        uninterrupted { unsafe recv(descriptor, buffer.base, buffer.capacity, 0) }
    }

    /// `send` without `SIGPIPE`.
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOOutcome {
        uninterrupted {
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// `sendmsg` of several parts without `SIGPIPE`.
    static func send(_ descriptor: Int32, parts: UnsafeMutableBufferPointer<iovec>) -> IOOutcome {
        var message = unsafe msghdr()
        unsafe message.msg_iov = parts.baseAddress
        unsafe message.msg_iovlen = parts.count
        return uninterrupted { unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL)) }
    }

    /// `shutdown(SHUT_WR)`: the peer reads what is under way and then the end.
    static func finishWriting(_ descriptor: Int32) {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    // MARK: Waking

    /// `eventfd`.
    static func makeEvent() throws(SocketError) -> OwnedDescriptor {
        OwnedDescriptor(try check("eventfd", chat_eventfd()))
    }

    /// `write` to an `eventfd`.
    ///
    /// A full counter means that a wake is under way already.
    static func signal(_ event: Int32) {
        var one: UInt64 = 1
        _ = unsafe write(event, &one, 8)
    }

    /// `read` from an `eventfd`.
    static func drain(_ event: Int32) {
        var count: UInt64 = 0
        _ = unsafe read(event, &count, 8)
    }

    /// `poll` for input, without end.
    static func awaitInput(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
    }

    // MARK: Sockets

    /// `socket`, non-blocking and not inherited.
    static func makeSocket(family: Int32) throws(SocketError) -> OwnedDescriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return OwnedDescriptor(try check("socket", socket(family, type, 0)))
    }

    /// `bind` and `listen`.
    static func listen(
        _ descriptor: Int32, on address: SocketAddress, backlog: Int32
    ) throws(SocketError) {
        var (storage, length) = address.storage
        let result = unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length)
            }
        }
        _ = try check("bind", result)
        _ = try check("listen", Glibc.listen(descriptor, backlog))
    }

    /// `getsockname`.
    static func localAddress(_ descriptor: Int32) throws(SocketError) -> SocketAddress {
        guard let address = try unsafe address("getsockname", descriptor, getsockname) else {
            throw SocketError("getsockname", code: EAFNOSUPPORT)
        }
        return address
    }

    /// `getpeername`; `nil` if the peer is gone already.
    static func peerAddress(_ descriptor: Int32) -> SocketAddress? {
        do throws(SocketError) {
            return try unsafe address("getpeername", descriptor, getpeername)
        } catch {
            return nil
        }
    }

    private typealias NameCall = (
        Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>
    ) -> Int32

    private static func address(
        _ name: String, _ descriptor: Int32, _ call: NameCall
    ) throws(SocketError) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe call(descriptor, $0, &length)
            }
        }
        _ = try check(name, result)
        return SocketAddress(storage)
    }

    /// `accept4`: the new descriptor and the peer's address; `nil` if nobody waits.
    static func accept(
        _ listener: Int32
    ) throws(SocketError) -> (descriptor: Int32, peer: SocketAddress?)? {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe chat_accept4(listener, $0, &length)
                }
            }
            if result >= 0 { return (result, SocketAddress(storage)) }
            switch errno {
            case EAGAIN, EWOULDBLOCK: return nil
            // The peer was gone before we came; the next one may be there.
            case EINTR, ECONNABORTED, EPROTO: continue
            case let code: throw SocketError("accept4", code: code)
            }
        }
    }

    /// `setsockopt` with a number.
    ///
    /// Failures of tuning options do no harm, so callers may ignore the result.
    @discardableResult
    static func setOption(
        _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32
    ) -> Bool {
        var value = value
        return unsafe setsockopt(descriptor, level, name, &value, 4) == 0
    }
}
