// SPDX-License-Identifier: MIT

/// What limits take for one address: an IPv4 address, or the first 64 bits of an IPv6 address, of which one subscriber
/// commonly has all that begin alike.
public enum AddressPrefix {
    /// The text by which limits know `address`; anything that is no IPv6 address stays as it is.
    ///
    /// - Complexity: O(length).
    public static func key(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")), let groups = groups(of: address) else {
            return address
        }
        // ::ffff:a.b.c.d is an IPv4 address in the clothes of the other kind.
        if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xFFFF {
            return "\(groups[6] >> 8).\(groups[6] & 255).\(groups[7] >> 8).\(groups[7] & 255)"
        }
        return groups[0..<4].map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }

    /// The eight groups; `nil` for what is no IPv6 address.
    private static func groups(of address: String) -> [UInt16]? {
        // A zone (fe80::1%eth0) says where, not who.
        let text = address.prefix { $0 != "%" }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = half(halves[0]) else { return nil }
        guard halves.count == 2 else { return first.count == 8 ? first : nil }
        guard let last = half(halves[1]), first.count + last.count < 8 else { return nil }
        return first + Array(repeating: 0, count: 8 - first.count - last.count) + last
    }

    private static func half(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            if part.contains(".") {
                let bytes = part.split(separator: ".", omittingEmptySubsequences: false)
                let numbers = bytes.compactMap { UInt8($0) }
                guard numbers.count == 4, bytes.count == 4 else { return nil }
                groups.append(UInt16(numbers[0]) << 8 | UInt16(numbers[1]))
                groups.append(UInt16(numbers[2]) << 8 | UInt16(numbers[3]))
            } else {
                guard part.utf8.count <= 4, let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}
