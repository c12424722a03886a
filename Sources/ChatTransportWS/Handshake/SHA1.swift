// SPDX-License-Identifier: MIT

/// SHA-1 (RFC 3174), only for Sec-WebSocket-Accept.
///
/// The handshake uses it as a checksum that proves the server speaks WebSocket, not for security;
/// SHA-1 is broken for everything else.
enum SHA1 {
    /// The 20 bytes of the digest of `message`.
    static func digest(_ message: [UInt8]) -> [UInt8] {
        var state: InlineArray<5, UInt32> = [
            0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0,
        ]
        let padded = pad(message)
        for block in stride(from: 0, to: padded.count, by: 64) {
            compress(padded, at: block, into: &state)
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        for index in 0..<5 { append(state[index], to: &digest) }
        return digest
    }

    /// The message, a one bit, zeros and the length in bits, in blocks of 64 bytes (section 4).
    private static func pad(_ message: [UInt8]) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        let bits = UInt64(message.count) * 8
        append(UInt32(truncatingIfNeeded: bits >> 32), to: &padded)
        append(UInt32(truncatingIfNeeded: bits), to: &padded)
        return padded
    }

    /// Mixes one block into the state (section 6.1).
    private static func compress(
        _ bytes: [UInt8], at start: Int, into state: inout InlineArray<5, UInt32>
    ) {
        var words = InlineArray<80, UInt32>(repeating: 0)
        for index in 0..<16 {
            for byte in 0..<4 {
                words[index] = words[index] << 8 | UInt32(bytes[start + index * 4 + byte])
            }
        }
        for index in 16..<80 {
            let mixed = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
            words[index] = rotated(mixed, by: 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (mix, constant) = round(index, b, c, d)
            let next = rotated(a, by: 5) &+ mix &+ e &+ words[index] &+ constant
            (a, b, c, d, e) = (next, a, rotated(b, by: 30), c, d)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }

    /// The function and constant of a round (section 5).
    private static func round(
        _ index: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32
    ) -> (mix: UInt32, constant: UInt32) {
        switch index {
        case ..<20: (b & c | ~b & d, 0x5A82_7999)
        case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
        case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
        default: (b ^ c ^ d, 0xCA62_C1D6)
        }
    }

    private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }

    private static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: word >> 24))
        bytes.append(UInt8(truncatingIfNeeded: word >> 16))
        bytes.append(UInt8(truncatingIfNeeded: word >> 8))
        bytes.append(UInt8(truncatingIfNeeded: word))
    }
}
