// SPDX-License-Identifier: MIT

/// An IPv4 or IPv6 address without port. An IPv4 address inside IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
public struct NetworkAddress: Sendable, Hashable {
    /// The 16 bytes of the IPv6 form, in two halves.
    let high: UInt64
    let low: UInt64

    private static let mapped: UInt64 = 0x0000_FFFF_0000_0000

    /// Reads `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`: numbers only, no zone, no port.
    ///
    /// - Complexity: O(length); nothing longer than 45 bytes is looked at.
    public init?(_ text: some StringProtocol) {
        self.init(utf8: Array(text.utf8)[...])
    }

    init?(utf8 text: ArraySlice<UInt8>) {
        var text = text
        guard text.count <= 47 else { return nil }
        if text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]"), text.count > 2 {
            text = text.dropFirst().dropLast()
            guard text.contains(UInt8(ascii: ":")) else { return nil }
        }
        if text.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(text) else { return nil }
            high = groups[..<4].reduce(0) { $0 << 16 | UInt64($1) }
            low = groups[4...].reduce(0) { $0 << 16 | UInt64($1) }
        } else {
            guard let number = Self.dotted(text) else { return nil }
            high = 0
            low = Self.mapped | UInt64(number)
        }
    }

    /// Makes an address from its 4 or 16 bytes in network order; `nil` for any other number.
    public init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4:
            high = 0
            low = Self.mapped | bytes.reduce(0) { $0 << 8 | UInt64($1) }
        case 16:
            high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
            low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        default: return nil
        }
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Whether it is an IPv4 address.
    public var isIPv4: Bool { high == 0 && low >> 32 == Self.mapped >> 32 }

    /// `a.b.c.d`: decimal, without leading zeros (some read those as octal).
    private static func dotted(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != 0x30
            else { return nil }
            let value = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
            guard value < 256 else { return nil }
            number = number << 8 | value
        }
        return number
    }

    /// The eight groups of an IPv6 address (RFC 4291, section 2.2).
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        var before: [UInt16] = []
        var after: [UInt16]?
        var rest = text
        if rest.starts(with: [colon, colon]) {
            after = []
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: colon) ?? rest.endIndex
            let part = rest[rest.startIndex..<end]
            var fresh: [UInt16] = []
            if end == rest.endIndex, part.contains(UInt8(ascii: ".")) {
                guard let number = dotted(part) else { return nil }
                fresh = [UInt16(number >> 16), UInt16(number & 0xFFFF)]
            } else {
                guard let group = hexadecimal(part) else { return nil }
                fresh = [group]
            }
            if after == nil { before += fresh } else { after? += fresh }
            guard before.count + (after?.count ?? 0) <= 8 else { return nil }
            rest = rest[end...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.isEmpty { return nil }  // a single colon at the end
            if rest.first == colon {
                guard after == nil else { return nil }
                after = []
                rest = rest.dropFirst()
            }
        }
        guard let after else { return before.count == 8 ? before : nil }
        let gap = 8 - before.count - after.count
        return gap < 1 ? nil : before + [UInt16](repeating: 0, count: gap) + after
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(text.count) else { return nil }
        var value: UInt16 = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt16(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt16(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// The usual form: dotted, or groups with the longest run of zeros left out (RFC 5952).
    public var description: String {
        if isIPv4 {
            let bytes = [24, 16, 8, 0].map { (shift: UInt64) -> UInt64 in low >> shift & 0xFF }
            return bytes.map { String($0) }.joined(separator: ".")
        }
        let groups = (0..<8).map { (index: Int) -> UInt64 in
            let half = index < 4 ? high : low
            return half >> UInt64(48 - 16 * (index % 4)) & 0xFFFF
        }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        let text = { (part: ArraySlice<UInt64>) in
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if longest.isEmpty { return text(groups[...]) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }

    /// Whom limits by address count together: an IPv4 address, or the /64 that an IPv6 customer gets at the least.
    ///
    /// What is no address (`embedded`) stays what it is.
    package static func limitKey(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: ":")), let address = NetworkAddress(text) else {
            return text
        }
        if address.isIPv4 { return address.description }
        return NetworkAddress(high: address.high, low: 0).description + "/64"
    }
}

/// Addresses that share their first bits: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
public struct AddressRange: Sendable, Hashable {
    private let first: NetworkAddress
    private let maskHigh: UInt64
    private let maskLow: UInt64

    /// Reads CIDR notation; without a slash it is the one address.
    ///
    /// Bits behind the prefix must be 0: `10.1.2.3/8` is a mistake, `nil`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = NetworkAddress(parts[0]) else {
            return nil
        }
        let width = address.isIPv4 ? 32 : 128
        var bits = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count),
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let given = Int(parts[1]), given <= width
            else { return nil }
            bits = given
        }
        bits += 128 - width
        maskHigh = bits >= 64 ? .max : bits == 0 ? 0 : ~(.max >> UInt64(bits))
        maskLow = bits <= 64 ? 0 : bits == 128 ? .max : ~(.max >> UInt64(bits - 64))
        guard address.high & ~maskHigh == 0, address.low & ~maskLow == 0 else { return nil }
        first = address
    }

    /// Whether `address` is one of them.
    public func contains(_ address: NetworkAddress) -> Bool {
        address.high & maskHigh == first.high && address.low & maskLow == first.low
    }
}
