// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

/// One message per line.
struct LineWire: TestWire {
    private let client: RawClient

    init(_ client: RawClient) { self.client = client }

    func send(_ text: String) async throws { try await client.send(text + "\n") }

    func receive() async throws -> String? { try await client.readLine() }

    func close() { client.close() }
}

/// One message per text frame: as little of RFC 6455 as a client needs.
struct WebSocketWire: TestWire {
    private let client: RawClient

    /// Shakes hands over `client`.
    init(_ client: RawClient) async throws {
        self.client = client
        try await client.send(
            "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        let status = try await client.readLine() ?? ""
        #expect(status.hasPrefix("HTTP/1.1 101"))
        while let line = try await client.readLine(), !["", "\r"].contains(line) {}
    }

    func send(_ text: String) async throws {
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

    func receive() async throws -> String? {
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
            case 8: return nil
            default: continue
            }
        }
    }

    func close() { client.close() }
}
