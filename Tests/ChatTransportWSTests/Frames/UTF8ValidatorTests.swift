// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// What the validator says about whole texts.
private func isValid(_ bytes: [UInt8]) -> Bool { UTF8Validator.isValid(bytes.span) }

/// Whether `bytes` can be continued to valid text: a naive model of failing at the first impossible
/// byte.
private func isPrefix(_ bytes: [UInt8]) -> Bool {
    if String(validating: bytes, as: UTF8.self) != nil { return true }
    let edges: [UInt8] = [0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF]
    var candidates = [bytes]
    for _ in 0..<3 {
        candidates = candidates.flatMap { candidate in edges.map { candidate + [$0] } }
        if candidates.contains(where: { String(validating: $0, as: UTF8.self) != nil }) {
            return true
        }
    }
    return false
}

/// The number of bytes until the validator says no when it gets them one by one; `nil` if it never
/// does.
private func failure(_ bytes: [UInt8]) -> Int? {
    var validator = UTF8Validator()
    for (index, byte) in bytes.enumerated() where !validator.consume([byte].span) { return index }
    return nil
}

struct UTF8ValidatorTests {
    /// Bytes at which the rules change.
    static let edges: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]

    @Test func `one and two bytes are judged as the standard library does`() {
        var differences = 0
        for first in 0...255 as ClosedRange<UInt8> {
            if isValid([first]) != (String(validating: [first], as: UTF8.self) != nil) {
                differences += 1
            }
            for second in 0...255 as ClosedRange<UInt8> {
                let bytes = [first, second]
                let expected = String(validating: bytes, as: UTF8.self) != nil
                if isValid(bytes) != expected { differences += 1 }
            }
        }
        #expect(differences == 0)
    }

    @Test func `three and four bytes at the edges are judged as the standard library does`() {
        var differences = 0
        for first in Self.edges {
            for second in Self.edges {
                for third in Self.edges {
                    for bytes in [[first, second, third]]
                        + ([0x41, 0x7F, 0x80, 0xBF, 0xC2] as [UInt8]).map({
                            [first, second, third, $0]
                        })
                    {
                        let expected = String(validating: bytes, as: UTF8.self) != nil
                        if isValid(bytes) != expected { differences += 1 }
                    }
                }
            }
        }
        #expect(differences == 0)
    }

    @Test func `it fails at the first impossible byte`() {
        var generator = SplitMix(state: 6_455)
        for _ in 0..<2_000 {
            let bytes = (0..<4).map { _ in Self.edges.randomElement(using: &generator) ?? 0 }
            let expected = bytes.indices.first { !isPrefix(Array(bytes[...$0])) }
            if failure(bytes) != expected {
                Issue.record(
                    "\(bytes): \(String(describing: failure(bytes))), not \(String(describing: expected))"
                )
            }
        }
    }

    @Test func `text split anywhere is judged the same`() {
        let texts = ["κόσμε, plain text and 𝄞 and 你好 – ÿ", "0123456789abcdef\u{10FFFF}\u{800}"]
        let broken: [[UInt8]] = [
            [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x28],
        ]
        for text in texts {
            let good = Array(text.utf8)
            for bytes in [good] + broken.map({ good + $0 + good }) {
                let whole = isValid(bytes)
                #expect(whole == (bytes == good))
                for split in 0...bytes.count {
                    var validator = UTF8Validator()
                    let first = validator.consume(Array(bytes[..<split]).span)
                    let both = first && validator.consume(Array(bytes[split...]).span)
                    #expect((both && validator.isComplete) == whole)
                }
            }
        }
    }

    @Test func `text that ends inside a character is incomplete`() {
        var validator = UTF8Validator()
        #expect(validator.isComplete)
        let first = validator.consume([0x41, 0xF0, 0x9F].span)
        #expect(first)
        #expect(!validator.isComplete)
        let second = validator.consume([0x98, 0x80].span)
        #expect(second)
        #expect(validator.isComplete)
    }
}
