// SPDX-License-Identifier: MIT

import ChatPlatform

/// A client's stream of bytes: a socket, or encryption over one.
package protocol ByteClient: Sendable {
    /// Sends `bytes`.
    func send(_ bytes: [UInt8]) async throws
    /// The next `count` bytes.
    func read(_ count: Int) async throws -> [UInt8]
    /// The next line without its `\n`; `nil` if the peer has ended instead.
    func readLine() async throws -> String?
    /// Ends the connection.
    func close()
}

extension RawClient: ByteClient {}

/// One message per line.
package struct LineWire: TestWire {
    private let client: any ByteClient

    package init(_ client: any ByteClient) { self.client = client }

    package func send(_ text: String) async throws {
        try await client.send(Array((text + "\n").utf8))
    }

    package func receive() async throws -> String? { try await client.readLine() }

    package func close() { client.close() }
}

/// One message per text frame: as little of RFC 6455 as a client needs.
package final class WebSocketWire: TestWire {
    private let client: any ByteClient
    private let ending = Lock<String?>(nil)

    /// Shakes hands over `client`.
    ///
    /// - Parameter fields: further lines of the request, each with its end.
    package init(_ client: any ByteClient, fields: String = "") async throws {
        self.client = client
        let request =
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        try await client.send(Array((request + fields + "\r\n").utf8))
        let status = try await client.readLine() ?? ""
        guard status.hasPrefix("HTTP/1.1 101") else {
            throw RawClient.Failure(description: "no upgrade: \(status)")
        }
        while let line = try await client.readLine(), !["", "\r"].contains(line) {}
    }

    package func send(_ text: String) async throws {
        let payload = Array(text.utf8)
        var frame: [UInt8] = [0x81]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else if payload.count < 65_536 {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index % 4]) }
        try await client.send(frame)
    }

    package func receive() async throws -> String? {
        while true {
            let head = try await client.read(2)
            var count = Int(head[1])
            if count == 126 {
                let extended = try await client.read(2)
                count = Int(extended[0]) << 8 | Int(extended[1])
            } else if count == 127 {
                count = try await client.read(8).reduce(0) { $0 << 8 | Int($1) }
            }
            let payload = try await client.read(count)
            switch head[0] & 15 {
            case 1: return String(decoding: payload, as: UTF8.self)
            case 8:
                ending.withLock { $0 = Self.reason(payload) }
                return nil
            default: continue
            }
        }
    }

    package var farewell: String? { ending.withLock { $0 } }

    /// RFC 6455, section 5.5.1: two bytes of code, then text.
    private static func reason(_ payload: [UInt8]) -> String {
        guard payload.count >= 2 else { return "a close frame without a code" }
        let code = Int(payload[0]) << 8 | Int(payload[1])
        return "\(code) \(String(decoding: payload.dropFirst(2), as: UTF8.self))"
    }

    package func close() { client.close() }
}
