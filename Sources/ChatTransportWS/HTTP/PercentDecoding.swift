// SPDX-License-Identifier: MIT

/// Percent-decoding (RFC 3986 section 2.1) that refuses what could mean two things to two readers.
enum PercentDecoding {
    /// Decodes a path, or `nil` if it is not safe to route by.
    ///
    /// Refused are broken escapes, invalid UTF-8, control characters, an encoded slash or backslash
    /// and, after decoding, the segments `.` and `..`.
    static func path(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let decoded = decode(bytes, plusIsSpace: false, refusesSlashes: true) else {
            return nil
        }
        for segment in decoded.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) { return nil }
        }
        return text(decoded)
    }

    /// Decodes a name or value of a query, where `+` is a space; `nil` if broken.
    static func query(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let decoded = decode(bytes, plusIsSpace: true, refusesSlashes: false) else {
            return nil
        }
        return text(decoded)
    }

    /// Resolves the escapes, or `nil` for one that is broken or refused.
    private static func decode(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, refusesSlashes: Bool
    ) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.endIndex, let high = HTTPByte.hexValue(bytes[index]),
                    let low = HTTPByte.hexValue(bytes[index + 1])
                else { return nil }
                byte = high << 4 | low
                index += 2
                let isSlash = byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
                if refusesSlashes && isSlash { return nil }
            } else if plusIsSpace && byte == UInt8(ascii: "+") {
                byte = HTTPByte.space
            }
            if byte < 0x20 || byte == 0x7F { return nil }
            decoded.append(byte)
        }
        return decoded
    }

    /// The text of `bytes`, or `nil` if they are not UTF-8.
    private static func text(_ bytes: [UInt8]) -> String? {
        String(validating: bytes, as: UTF8.self)
    }
}
