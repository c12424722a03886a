// SPDX-License-Identifier: MIT

import Glibc

/// The client's side of RFC 6455, as much as a load generator needs.
enum WebSocketClient {
    // The key of the RFC's own example and the answer to it: the same for all connections, because what it
    // is for (a cache that answers instead of the server) cannot happen here.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = Array("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".utf8)
    private static let switching = Array("HTTP/1.1 101".utf8)
    private static let blankLine = Array("\r\n\r\n".utf8)

    static func request(path: String, host: String, port: Int) -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n\r\n"
    }

    enum Upgrade: Equatable {
        case incomplete
        /// The connection is a WebSocket after this many bytes.
        case done(bytes: Int)
        case refused(String)
    }

    static func upgrade(_ bytes: UnsafePointer<UInt8>, count: Int) -> Upgrade {
        guard let end = ByteSearch.find(blankLine, in: bytes, count: count) else {
            return count > 16_384 ? .refused("an answer without an end") : .incomplete
        }
        let headCount = end + blankLine.count
        let isAccepted =
            ByteSearch.find(switching, in: bytes, count: headCount) == 0
            && ByteSearch.find(accept, in: bytes, count: headCount) != nil
        if isAccepted { return .done(bytes: headCount) }
        let head = UnsafeBufferPointer(start: bytes, count: headCount)
        let line = head.prefix { $0 != 0x0D }
        return .refused(String(decoding: line.prefix(200), as: UTF8.self))
    }

    /// What a masked frame is longer than its payload, at most.
    static let overhead = 14

    /// Writes the header of a masked frame; the payload is to follow, then `mask` is to be called on it.
    static func writeHeader(
        opcode: UInt8, count: Int, key: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var length = 2
        bytes[0] = 0x80 | opcode
        if count < 126 {
            bytes[1] = 0x80 | UInt8(count)
        } else if count < 65_536 {
            bytes[1] = 0x80 | 126
            bytes[2] = UInt8(count >> 8)
            bytes[3] = UInt8(count & 255)
            length = 4
        } else {
            bytes[1] = 0x80 | 127
            for index in 0..<8 {
                bytes[2 + index] = UInt8(truncatingIfNeeded: count >> (56 - 8 * index))
            }
            length = 10
        }
        UnsafeMutableRawPointer(bytes + length).storeBytes(of: key.littleEndian, as: UInt32.self)
        return length + 4
    }

    /// XORs with the key, eight bytes at a time.
    static func mask(_ bytes: UnsafeMutablePointer<UInt8>, count: Int, key: UInt32) {
        let raw = UnsafeMutableRawPointer(bytes)
        let wide = (UInt64(key) << 32 | UInt64(key)).littleEndian
        var offset = 0
        while offset + 8 <= count {
            let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            raw.storeBytes(of: word ^ wide, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            bytes[offset] ^= UInt8(truncatingIfNeeded: key >> UInt32(8 * (offset & 3)))
            offset += 1
        }
    }
}
