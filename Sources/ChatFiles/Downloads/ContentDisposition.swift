// SPDX-License-Identifier: MIT

import ChatSodium

/// The field that says whether a file is shown or saved, and under which name (RFC 6266).
public enum ContentDisposition {
    // RFC 8187 section 3.2.1: what needs no percent sign.
    private static let plain = Set("!#$&+-.^_`|~".utf8)

    /// The value of the field.
    ///
    /// - Parameters:
    ///   - name: what people call the file: any text.
    ///   - isInline: whether a browser may show it.
    public static func value(name: String, isInline: Bool) -> String {
        let kind = isInline ? "inline" : "attachment"
        let ascii = name.unicodeScalars.map { scalar -> Character in
            // Quotes and backslashes end the text for some readers, percent signs are decoded by others.
            let isPlain = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
            return isPlain && !["\"", "\\", "%"].contains(scalar) ? Character(scalar) : "_"
        }
        var value = "\(kind); filename=\"\(String(ascii))\""
        if String(ascii) != name { value += "; filename*=UTF-8''\(percentEncoded(name))" }
        return value
    }

    private static func percentEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case _ where plain.contains(byte): bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes += Hex.encode([byte]).uppercased().utf8
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
