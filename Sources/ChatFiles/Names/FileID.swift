// SPDX-License-Identifier: MIT

/// The identity of a file, from the beginning of its upload on: 130 random bits, so that nobody guesses one; on the
/// wire and on disk `f_` and 26 base-32 digits.
public struct FileID: Hashable, Sendable, CustomStringConvertible {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let count = 26

    /// The wire form.
    public let description: String

    /// Makes a new identity.
    public init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// Makes a new identity from that source.
    public init(using generator: inout some RandomNumberGenerator) {
        let digits = (0..<Self.count).map { _ in
            Self.digits[Int(UInt8.random(in: 0..<32, using: &generator))]
        }
        description = "f_" + String(decoding: digits, as: UTF8.self)
    }

    /// Reads the wire form; `nil` if `text` is not one. What passes is safe as the name of a file.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.count + 2, bytes.starts(with: "f_".utf8),
            bytes.dropFirst(2).allSatisfy(Self.digits.contains)
        else { return nil }
        description = text
    }
}
