// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable, Equatable {
    /// The address in network order: 4 or 16 bytes.
    package let bytes: [UInt8]
    /// The port, 0 for "any".
    package let port: UInt16

    private init(bytes: [UInt8], port: UInt16) {
        self.bytes = bytes
        self.port = port
    }

    /// Reads a numeric address (`127.0.0.1`, `::1`, `[::1]`) or `localhost`.
    ///
    /// Asks no name server.
    ///
    /// - Parameters:
    ///   - host: the address.
    ///   - port: 0 to 65 535.
    package init?(host: String, port: Int) {
        guard let port = UInt16(exactly: port) else { return nil }
        var text = host == "localhost" ? "127.0.0.1" : host
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if unsafe inet_pton(family, text, &bytes) == 1 {
                self.init(bytes: bytes, port: port)
                return
            }
        }
        return nil
    }

    /// Takes what the kernel filled in; `nil` for other families.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        let family = Int32(storage.ss_family)
        guard family == AF_INET || family == AF_INET6 else { return nil }
        // The port is at byte 2 in both families, the address at 4 (IPv4) or behind the flow at 8
        // (IPv6).
        let offset = family == AF_INET ? 4 : 8
        let length = family == AF_INET ? 4 : 16
        let raw = unsafe withUnsafeBytes(of: &storage) { unsafe Array($0.prefix(offset + length)) }
        self.init(
            bytes: Array(raw[offset...]), port: UInt16(raw[2]) << 8 | UInt16(raw[3]))
    }

    /// The family for `socket`.
    var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

    /// The same address with another port.
    package func with(port: UInt16) -> SocketAddress { SocketAddress(bytes: bytes, port: port) }

    /// The form that system calls take.
    var storage: (address: sockaddr_storage, length: socklen_t) {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(family)
        let offset = bytes.count == 4 ? 4 : 8
        unsafe withUnsafeMutableBytes(of: &storage) { raw in
            unsafe raw[2] = UInt8(port >> 8)
            unsafe raw[3] = UInt8(port & 0xFF)
            for index in bytes.indices { unsafe raw[offset + index] = bytes[index] }
        }
        let length =
            bytes.count == 4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        return (storage, socklen_t(length))
    }

    /// The address without the port.
    ///
    /// An IPv4 address inside IPv6 is printed as IPv4, so that limits by address treat both alike.
    package var host: String {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if bytes.count == 4 { return Self.dotted(bytes[...]) }
        if bytes.starts(with: mapped) { return Self.dotted(bytes[12...]) }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe text.withUnsafeMutableBufferPointer { buffer in
            _ = unsafe inet_ntop(AF_INET6, bytes, buffer.baseAddress, socklen_t(buffer.count))
        }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    /// Address and port as they stand in a URL.
    package var description: String { bytes.count == 4 ? "\(host):\(port)" : "[\(host)]:\(port)" }
}
