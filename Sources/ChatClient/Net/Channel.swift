// SPDX-License-Identifier: MIT

import Glibc

/// How messages are cut out of the stream of bytes.
package enum Framing: Sendable, Equatable {
    /// One JSON object per line, over plain TCP.
    case lines
    /// One JSON object per WebSocket text message, at that path.
    case webSocket(path: String)
}

/// One non-blocking connection that carries JSON messages, for a loop around poll(2).
package final class Channel {
    package let descriptor: Int32
    package private(set) var isOpen = true
    /// The code and reason of a WebSocket's close frame.
    package private(set) var closeCode: (code: Int, reason: String)?
    package private(set) var isEstablished = false
    private var inbound = InboundBuffer()
    private var outbound: [UInt8] = []
    private var written = 0
    private var socketFrames: WebSocketFrames?
    private var secure: SecureSocket?
    private static var readSize: Int { 65_536 }

    package init?(to address: inout Address, framing: Framing, trust: Trust? = nil) {
        guard let descriptor = address.connect() else { return nil }
        self.descriptor = descriptor
        if let trust {
            secure = SecureSocket(descriptor, host: address.host, trust)
            if secure == nil { return nil }
        }
        if case .webSocket(let path) = framing {
            let frames = WebSocketFrames()
            outbound = frames.request(host: "\(address.host):\(address.port)", path: path)
            socketFrames = frames
        }
    }

    deinit { shut() }

    package func shut() {
        guard isOpen else { return }
        isOpen = false
        secure?.finish()
        _ = close(descriptor)
    }

    /// Why the server's certificate was not accepted.
    package var certificateProblem: String? { secure?.refusal }

    /// What poll(2) shall wait for.
    package var events: Int16 {
        let wantsOutput = written < outbound.count && !(secure?.waitsForInput ?? false)
        return Int16(POLLIN) | (!isEstablished || wantsOutput ? Int16(POLLOUT) : 0)
    }

    /// Queues one message; `flush` or the next turn of the loop writes it.
    package func send(_ message: [UInt8]) {
        if socketFrames != nil {
            WebSocketFrames.append(message, opcode: .text, to: &outbound)
        } else {
            outbound += message
            outbound.append(0x0A)
        }
    }

    /// Writes as much as the socket takes.
    package func flush() {
        guard isOpen, isEstablished else { return }
        while written < outbound.count {
            let count = unsafe outbound.withUnsafeBytes { raw in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: raw[written...])
                if let secure { return unsafe secure.write(rest) }
                return unsafe Glibc.send(
                    descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                break
            } else if errno != EINTR {
                shut()
                return
            }
        }
        if written == outbound.count {
            outbound.removeAll(keepingCapacity: true)
            written = 0
        } else if written > 1_048_576 {
            outbound.removeFirst(written)
            written = 0
        }
    }

    /// Deals with what poll(2) reported; every whole message is handed to `deliver`.
    package func ready(_ events: Int16, deliver: ([UInt8]) -> Void) {
        if !isEstablished, events & Int16(POLLOUT | POLLERR | POLLHUP) != 0 {
            var failure: Int32 = 0
            var size = socklen_t(4)
            _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
            guard failure == 0 else {
                shut()
                return
            }
            isEstablished = true
        }
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive(deliver) }
        flush()
    }

    private func receive(_ deliver: ([UInt8]) -> Void) {
        var ended = false
        while isOpen {
            let count = unsafe inbound.read(upTo: Self.readSize) { space in
                if let secure { return unsafe secure.read(into: space) }
                return unsafe recv(descriptor, space.baseAddress, space.count, 0)
            }
            if count < 0 && errno == EINTR { continue }
            ended = count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            // Records are shorter than what one asks for: more may be there.
            if count <= 0 || (count < Self.readSize && secure == nil) { break }
        }
        // What came before the end is delivered first: the last line says why it ended.
        if socketFrames != nil {
            receiveFrames(deliver)
        } else {
            while let line = inbound.line() {
                if !line.isEmpty { deliver(line) }
            }
        }
        if ended { shut() }
    }

    private func receiveFrames(_ deliver: ([UInt8]) -> Void) {
        while let item = socketFrames?.next(in: &inbound) {
            switch item {
            case .message(let message): deliver(message)
            case .ping(let payload):
                WebSocketFrames.append(payload, opcode: .pong, to: &outbound)
            case .close(let code, let reason):
                closeCode = (code, reason)
                shut()
                return
            case .broken:
                shut()
                return
            }
        }
    }
}

/// Received bytes; taken from the front without moving the rest each time.
package struct InboundBuffer {
    package private(set) var bytes: [UInt8] = []
    package private(set) var start = 0
    private var searched = 0

    package var count: Int { bytes.count - start }

    package subscript(offset: Int) -> UInt8 { bytes[start + offset] }

    package mutating func read(
        upTo size: Int, _ receive: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        let count = unsafe withUnsafeTemporaryAllocation(byteCount: size, alignment: 8) { space in
            let count = unsafe receive(space)
            if count > 0 { unsafe bytes += space[..<count] }
            return count
        }
        return count
    }

    package mutating func take(_ count: Int) -> [UInt8] {
        defer { start += count }
        return Array(bytes[start..<start + count])
    }

    package mutating func drop(_ count: Int) { start += count }

    /// The next line without its end, or nil until all of it has come.
    package mutating func line() -> [UInt8]? {
        searched = max(searched, start)
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            return nil
        }
        var line = Array(bytes[start..<end])
        start = end + 1
        searched = start
        if line.last == 0x0D { line.removeLast() }
        return line
    }
}
