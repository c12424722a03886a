// SPDX-License-Identifier: MIT

import ChatPlatform
import Dispatch
import Glibc

/// A TCP client without any protocol, for tests of servers.
///
/// Every wait ends after two minutes with an error.
///
/// Its blocking calls run on queues of its own: those have threads besides the pool that Swift shares with the global
/// queues, which on two cores has two.
package final class RawClient: Sendable {
    /// Why an expectation about the peer did not come true.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let deadlineMilliseconds: Int64 = 120_000

    /// An open descriptor. Whoever waits for it holds it, so that its number cannot become somebody else's meanwhile.
    private final class Socket: Sendable {
        let descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { _ = Glibc.close(descriptor) }
    }

    private struct State {
        /// `nil` once it was closed.
        var socket: Socket?
        var buffered: [UInt8] = []
        var isAtEnd = false
    }

    private let state: Lock<State>
    private let reading = DispatchQueue(label: "raw-client.reading")
    private let writing = DispatchQueue(label: "raw-client.writing")

    /// Connects to `port` on the loopback interface.
    ///
    /// - Parameters:
    ///   - port: where the server listens.
    ///   - receiveBufferBytes: `SO_RCVBUF`; small for a peer that falls behind soon.
    package init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "socket: \(errno)") }
        state = Lock(State(socket: Socket(descriptor)))
        if var bytes = receiveBufferBytes {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    deinit { close() }

    // MARK: Sending

    /// Sends `text`.
    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends `bytes`, waiting for the peer to take them.
    package func send(_ bytes: [UInt8]) async throws {
        let socket = try open()
        try await blocking(on: writing) {
            let descriptor = socket.descriptor
            var sent = 0
            while sent < bytes.count {
                try Self.await(descriptor, POLLOUT)
                let count = unsafe bytes.withUnsafeBytes { all in
                    unsafe Glibc.send(
                        descriptor, all.baseAddress?.advanced(by: sent), all.count - sent,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                }
                if count < 0, errno == EAGAIN { continue }
                guard count >= 0 else { throw Failure(description: "send: \(errno)") }
                sent += count
            }
        }
    }

    /// `shutdown(SHUT_WR)`: the server reads the end, and this side can still read.
    package func finishWriting() {
        guard let socket = state.withLock({ $0.socket }) else { return }
        _ = shutdown(socket.descriptor, Int32(SHUT_WR))
    }

    /// Closes with a reset instead of an orderly end.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        if let socket = state.withLock({ $0.socket }) {
            _ = unsafe setsockopt(
                socket.descriptor, SOL_SOCKET, SO_LINGER, &option,
                socklen_t(MemoryLayout<linger>.size))
        }
        close()
    }

    /// Closes. Who waits for the peer meanwhile is told that the connection has ended.
    package func close() {
        var socket = state.withLock { state in
            defer { state.socket = nil }
            return state.socket
        }
        if isKnownUniquelyReferenced(&socket) { return }
        if let socket { _ = shutdown(socket.descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Receiving

    /// The next `count` bytes.
    package func read(_ count: Int) async throws -> [UInt8] {
        try await take { buffered in buffered.count >= count ? count : nil }
    }

    /// The next line without its `\n`; `nil` if the peer has ended instead.
    package func readLine() async throws -> String? {
        do {
            let line = try await take { buffered in
                buffered.firstIndex(of: 0x0A).map { $0 + 1 }
            }
            return String(decoding: line.dropLast(), as: UTF8.self)
        } catch is EndOfStream {
            return nil
        }
    }

    /// Whatever has come, at least a byte; empty at the peer's end.
    package func readSome() async throws -> [UInt8] {
        do {
            return try await take { buffered in buffered.isEmpty ? nil : buffered.count }
        } catch is EndOfStream {
            return []
        }
    }

    /// Everything until the peer's orderly end or its reset.
    package func readToEnd() async throws -> [UInt8] {
        do {
            return try await take { _ in nil }
        } catch is EndOfStream {
            return state.withLock { state in
                defer { state.buffered = [] }
                return state.buffered
            }
        }
    }

    private struct EndOfStream: Error {}

    private func open() throws -> Socket {
        guard let socket = state.withLock({ $0.socket }) else {
            throw Failure(description: "this side has closed the connection")
        }
        return socket
    }

    /// Takes as many bytes as `enough` asks for, once it asks for any.
    private func take(_ enough: @escaping @Sendable ([UInt8]) -> Int?) async throws -> [UInt8] {
        try await blocking(on: reading) { [self] in
            while true {
                let taken = state.withLock { state -> [UInt8]? in
                    guard let count = enough(state.buffered) else { return nil }
                    defer { state.buffered.removeFirst(count) }
                    return Array(state.buffered.prefix(count))
                }
                if let taken { return taken }
                try fill()
            }
        }
    }

    private func fill() throws {
        if state.withLock({ $0.isAtEnd }) { throw EndOfStream() }
        let socket = try open()
        try Self.await(socket.descriptor, POLLIN)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(socket.descriptor, &chunk, chunk.count, 0)
        let received = Array(chunk.prefix(max(0, count)))
        state.withLock { state in
            state.buffered.append(contentsOf: received)
            state.isAtEnd = received.isEmpty
        }
    }

    private static func await(_ descriptor: Int32, _ event: Int32) throws {
        var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard unsafe poll(&entry, 1, Int32(deadlineMilliseconds)) > 0 else {
            throw Failure(description: "the peer did nothing for \(deadlineMilliseconds) ms")
        }
    }

    private func blocking<Result: Sendable>(
        on queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
