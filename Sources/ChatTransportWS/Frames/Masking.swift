// SPDX-License-Identifier: MIT

/// Masking and unmasking, which are the same (RFC 6455 section 5.3).
enum Masking {
    /// Combines the bytes in `range` with the key, in place.
    ///
    /// Goes over words of eight bytes; byte by byte is ten times slower (docs/performance.md).
    ///
    /// - Parameters:
    ///   - key: The key with the first byte of the wire in the lowest bits.
    ///   - rotation: How many bytes of the frame's payload came before this range.
    static func apply(
        _ key: UInt32, rotation: Int, to bytes: inout MutableSpan<UInt8>, in range: Range<Int>
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        let shift = UInt32(truncatingIfNeeded: rotation & 3) * 8
        let turned = shift == 0 ? key : key &>> shift | key &<< (32 - shift)
        let word = (UInt64(turned) << 32 | UInt64(turned)).littleEndian
        // The range was checked above, loads and stores are unaligned ones, and the pointer does
        // not escape.
        unsafe bytes.withUnsafeMutableBytes { buffer in
            var index = range.lowerBound
            let wordsEnd = range.upperBound - 7
            while index < wordsEnd {
                let value = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                unsafe buffer.storeBytes(of: value ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            var rest = UInt64(littleEndian: word)
            while index < range.upperBound {
                unsafe buffer[index] ^= UInt8(truncatingIfNeeded: rest)
                rest >>= 8
                index += 1
            }
        }
    }
}
