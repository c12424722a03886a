// SPDX-License-Identifier: MIT

/// The client's half of RFC 6455, as much as a chat needs: text, ping, pong, close, fragments.
package struct WebSocketFrames {
    package enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case close = 8
        case ping = 9
        case pong = 10
    }

    package enum Item {
        case message([UInt8])
        case ping([UInt8])
        case close(code: Int, reason: String)
        case broken
    }

    package init() {}

    private var isUpgraded = false
    private var fragments: [UInt8] = []
    private static var longestMessage: Int { 64 << 20 }

    /// The opening handshake.
    ///
    /// The key only proves that the peer speaks WebSocket and not some other
    /// protocol from a cache; over our own connection the status line proves it well enough.
    package func request(host: String, path: String = "/ws") -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let key = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Array(
            """
            GET \(path) HTTP/1.1\r
            Host: \(host)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: \(Self.base64(key))\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Protocol: chat.v1.json\r
            \r

            """.utf8)
    }

    /// Frames `payload` and masks it, as a client has to.
    package static func append(_ payload: [UInt8], opcode: Opcode, to bytes: inout [UInt8]) {
        bytes.append(0x80 | opcode.rawValue)
        switch payload.count {
        case ..<126:
            bytes.append(0x80 | UInt8(payload.count))
        case ..<65_536:
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        let mask = UInt32.random(in: .min ... .max)
        let masks = (0..<4).map { UInt8(truncatingIfNeeded: mask >> (8 * $0)) }
        bytes += masks
        let start = bytes.count
        bytes += payload
        for index in start..<bytes.count { bytes[index] ^= masks[(index - start) & 3] }
    }

    /// The next whole item, or nil until more bytes have come.
    package mutating func next(in buffer: inout InboundBuffer) -> Item? {
        if !isUpgraded {
            guard let status = Self.takeHeader(from: &buffer) else { return nil }
            guard status.hasPrefix("HTTP/1.1 101") else { return .broken }
            isUpgraded = true
        }
        while let frame = Self.takeFrame(from: &buffer) {
            guard let (isLast, opcode, payload) = frame else { return .broken }
            switch opcode {
            case .text, .continuation:
                guard fragments.count + payload.count <= Self.longestMessage else { return .broken }
                if isLast && fragments.isEmpty { return .message(payload) }
                fragments += payload
                guard isLast else { continue }
                defer { fragments = [] }
                return .message(fragments)
            case .ping:
                return .ping(payload)
            case .pong:
                continue
            case .close:
                let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
                return .close(
                    code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
            }
        }
        return nil
    }

    private static func takeHeader(from buffer: inout InboundBuffer) -> String? {
        guard buffer.count >= 4 else { return nil }
        for end in 3..<buffer.count where buffer[end] == 0x0A && buffer[end - 2] == 0x0A {
            return String(decoding: buffer.take(end + 1), as: UTF8.self)
        }
        return nil
    }

    private typealias Frame = (isLast: Bool, opcode: Opcode, payload: [UInt8])

    /// The outer nil: not all of it has come.
    ///
    /// The inner nil: no frame that we can accept.
    private static func takeFrame(from buffer: inout InboundBuffer) -> Frame?? {
        guard buffer.count >= 2 else { return nil }
        var length = Int(buffer[1] & 0x7F)
        var header = 2
        if length >= 126 {
            header = length == 126 ? 4 : 10
            guard buffer.count >= header else { return nil }
            guard header == 4 || buffer[2] == 0 else { return .some(nil) }
            length = (2..<header).reduce(0) { $0 << 8 | Int(buffer[$1]) }
        }
        // Reserved bits would mean compression, which was not asked for; a server never masks.
        guard buffer[0] & 0x70 == 0, buffer[1] & 0x80 == 0, length <= longestMessage,
            let opcode = Opcode(rawValue: buffer[0] & 0x0F)
        else { return .some(nil) }
        guard buffer.count >= header + length else { return nil }
        let isLast = buffer[0] & 0x80 != 0
        buffer.drop(header)
        return .some((isLast, opcode, buffer.take(length)))
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for group in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[group..<min(group + 3, bytes.count)]
            var value = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            var letters: [Character] = []
            for _ in 0..<4 {
                letters.insert(alphabet[value & 63], at: 0)
                value >>= 6
            }
            text += String(letters.prefix(part.count + 1))
            text += String(repeating: "=", count: 3 - part.count)
        }
        return text
    }
}
