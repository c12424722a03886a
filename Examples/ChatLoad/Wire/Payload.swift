// SPDX-License-Identifier: MIT

/// The text of every message: a mark, when it was sent (or due), who sent it, which of theirs it is, padding.
///
/// A delivery is read millions of times per second, so the numbers are not decimal: each character carries
/// four bits ("@" is 0, "O" is 15), and eight of them are decoded with a few operations on one word.
/// All characters are harmless in JSON and in every line protocol.
enum Payload {
    /// Bytes before the padding.
    static let byteCount = 40
    /// "~load01~" as the bytes of a little-endian word.
    static let mark: UInt64 = 0x7E31_3064_616F_6C7E
    static let markBytes: [UInt8] = Array("~load01~".utf8)

    static func write(
        stamp: UInt64, sender: UInt32, number: UInt32, to bytes: UnsafeMutablePointer<UInt8>
    ) {
        let raw = UnsafeMutableRawPointer(bytes)
        raw.storeBytes(of: mark.littleEndian, as: UInt64.self)
        store(UInt32(truncatingIfNeeded: stamp), at: raw + 8)
        store(UInt32(truncatingIfNeeded: stamp >> 32), at: raw + 16)
        store(sender, at: raw + 24)
        store(number, at: raw + 32)
    }

    /// The payload of `size` bytes before anything is written into it.
    static func blank(size: Int) -> [UInt8] {
        markBytes
            + Array(repeating: UInt8(ascii: "x"), count: max(size, byteCount) - markBytes.count)
    }

    @inline(__always)
    static func store(_ value: UInt32, at raw: UnsafeMutableRawPointer) {
        raw.storeBytes(of: encode(value).littleEndian, as: UInt64.self)
    }

    @inline(__always)
    static func word(_ bytes: UnsafePointer<UInt8>, at offset: Int) -> UInt64 {
        UInt64(
            littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    static func encode(_ value: UInt32) -> UInt64 {
        var word = UInt64(value)
        word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
        word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
        word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
        return word | 0x4040_4040_4040_4040
    }

    @inline(__always)
    static func decode(_ word: UInt64) -> UInt32 {
        var word = word & 0x0F0F_0F0F_0F0F_0F0F
        word = (word | word >> 4) & 0x00FF_00FF_00FF_00FF
        word = (word | word >> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: word | word >> 16)
    }
}
