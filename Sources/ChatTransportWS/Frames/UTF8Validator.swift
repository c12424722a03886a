// SPDX-License-Identifier: MIT

/// Checks UTF-8 that arrives in pieces (RFC 3629; RFC 6455 section 8.1).
///
/// Fails at the first byte that no valid text has there, so that a broken message is refused before
/// it is complete. Runs of ASCII are skipped eight bytes at a time.
struct UTF8Validator: Sendable, Equatable {
    /// Continuation bytes that the current character still needs.
    private var pending: UInt8 = 0
    /// The smallest value that the next of them may have.
    private var lowest: UInt8 = 0x80
    /// The largest value that the next of them may have.
    private var highest: UInt8 = 0xBF

    /// Whether the text so far ends with a whole character.
    var isComplete: Bool { pending == 0 }

    /// Whether `bytes` are UTF-8 as a whole.
    static func isValid(_ bytes: Span<UInt8>) -> Bool {
        var validator = UTF8Validator()
        return validator.consume(bytes) && validator.isComplete
    }

    /// Checks the next piece; after `false` the text is broken for good.
    mutating func consume(_ bytes: Span<UInt8>) -> Bool {
        // Loads are unaligned and end before the count; the pointer does not escape.
        unsafe bytes.withUnsafeBytes { buffer in
            var index = 0
            while index < buffer.count {
                if pending == 0 {
                    unsafe index = Self.skipASCII(buffer, from: index)
                    guard index < buffer.count else { return true }
                }
                guard unsafe consume(buffer[index]) else { return false }
                index += 1
            }
            return true
        }
    }

    /// The index of the first word from `index` on that is not all ASCII, or of the last, partial
    /// word.
    private static func skipASCII(_ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        let wordsEnd = buffer.count - 7
        while index < wordsEnd {
            let word = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        return index
    }

    /// Checks one byte.
    private mutating func consume(_ byte: UInt8) -> Bool {
        if pending > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            pending -= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: pending = 1
        case 0xE0: expect(2, from: 0xA0)
        case 0xE1...0xEC, 0xEE...0xEF: pending = 2
        case 0xED: expect(2, to: 0x9F)  // no surrogates
        case 0xF0: expect(3, from: 0x90)
        case 0xF1...0xF3: pending = 3
        case 0xF4: expect(3, to: 0x8F)  // nothing above U+10FFFF
        default: return false
        }
        return true
    }

    /// Narrows what may follow a lead byte.
    private mutating func expect(
        _ count: UInt8, from lowest: UInt8 = 0x80, to highest: UInt8 = 0xBF
    ) {
        pending = count
        self.lowest = lowest
        self.highest = highest
    }
}
