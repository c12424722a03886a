// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

struct MaskingTests {
    @Test func `words do what single bytes do at every alignment, length and rotation`() {
        let key: UInt32 = 0x9D3C_51E7
        let keyBytes: [UInt8] = [0xE7, 0x51, 0x3C, 0x9D]
        let original = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        var differences = 0
        for start in 0..<16 {
            for length in 0...40 {
                for rotation in 0..<8 {
                    var expected = original
                    for index in 0..<length {
                        expected[start + index] ^= keyBytes[(rotation + index) % 4]
                    }
                    var actual = original
                    var span = actual.mutableSpan
                    Masking.apply(
                        key, rotation: rotation, to: &span, in: start..<(start + length))
                    if actual != expected { differences += 1 }
                }
            }
        }
        #expect(differences == 0)
    }

    @Test func `masking twice is the original`() {
        let original = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
        var bytes = original
        for _ in 0..<2 {
            var span = bytes.mutableSpan
            Masking.apply(0xDEAD_BEEF, rotation: 3, to: &span, in: 0..<1_000)
        }
        #expect(bytes == original)
    }
}
