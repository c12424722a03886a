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

/// Decimal numbers, as `seq` is written.
enum DecimalDigits {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// The number that the digits at `bytes` are, up to what is no digit; 0 without any.
    @inline(__always)
    static func value(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        guard count >= 8 else { return slowValue(bytes, count: count) }
        // Eight digits at once, each a byte: those from the first other character on are shifted out.
        var word = Payload.word(bytes, at: 0) ^ (ones &* 0x30)
        let others = ((word &+ ones &* 0x76) | word) & (ones &* 0x80)
        guard others != 0 else { return slowValue(bytes, count: count) }
        let digits = UInt64(others.trailingZeroBitCount / 8)
        guard digits > 0 else { return 0 }
        word <<= (8 - digits) * 8
        // Neighbours become pairs, pairs fours, fours the number.
        word = (word &* 10) &+ (word >> 8)
        let mask: UInt64 = 0x0000_00FF_0000_00FF
        let low = (word & mask) &* 0x000F_4240_0000_0064
        let high = (word >> 16 & mask) &* 0x0000_2710_0000_0001
        return (low &+ high) >> 32
    }

    @inline(never)
    private static func slowValue(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count {
            let digit = bytes[index] &- 48
            guard digit < 10 else { break }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }
}
