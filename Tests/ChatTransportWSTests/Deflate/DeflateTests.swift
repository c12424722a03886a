// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// A message, compressed.
private func compressed(_ bytes: [UInt8], level: Int = 6, windowBits: Int = 15) -> [UInt8] {
    var deflater = Deflater(level: level, windowBits: windowBits)
    let isDone = deflater.deflate(bytes.span)
    #expect(isDone)
    return copy(deflater.output)
}

/// What inflating gives; `nil` if it fails with `failure`.
private func inflated(_ bytes: [UInt8], limit: Int = 1 << 20) -> Result<[UInt8], InflateError> {
    var inflater = Inflater()
    do throws(InflateError) {
        try inflater.inflate(bytes.span, limit: limit)
        return .success(copy(inflater.output))
    } catch {
        return .failure(error)
    }
}

/// Bytes that do not compress.
private func noise(_ count: Int) -> [UInt8] {
    var generator = SplitMix(state: UInt64(count))
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

struct DeflateTests {
    @Test(arguments: [0, 1, 2, 100, 4_095, 4_096, 4_097, 70_000, 300_000], [1, 6, 9])
    func `what is compressed inflates to itself`(count: Int, level: Int) {
        for bytes in [[UInt8](repeating: 0x61, count: count), noise(count)] {
            let small = compressed(bytes, level: level)
            #expect(inflated(small) == .success(bytes))
            #expect(small.count <= bytes.count + bytes.count / 64 + 64)
        }
    }

    @Test(arguments: 9...15)
    func `every window size works`(windowBits: Int) {
        let bytes = Array(String(repeating: "chat engine ", count: 5_000).utf8)
        #expect(inflated(compressed(bytes, windowBits: windowBits)) == .success(bytes))
    }

    @Test func `one stream serves many messages without context`() throws {
        var deflater = Deflater()
        var inflater = Inflater()
        let bytes = Array("the same text every time".utf8)
        var first: [UInt8] = []
        for round in 0..<5 {
            let isDone = deflater.deflate(bytes.span)
            #expect(isDone)
            if round == 0 { first = copy(deflater.output) }
            #expect(copy(deflater.output) == first)
            try inflater.inflate(deflater.output, limit: 100)
            #expect(copy(inflater.output) == bytes)
        }
    }

    @Test(
        arguments: [
            ([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], "Hello"),
            ([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], "Hello"),
            ([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], "Hello"),
            (
                [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
                "Hello"
            ),
            ([0x00], ""),
        ] as [([UInt8], String)])
    func `RFC 7692's examples inflate`(bytes: [UInt8], text: String) {
        #expect(inflated(bytes) == .success(Array(text.utf8)))
    }

    @Test func `an empty message is one zero byte`() {
        #expect(compressed([]) == [0x00])
    }

    @Test func `the limit holds to the byte`() {
        for count in [1, 100, 4_095, 4_096, 4_097, 100_000] {
            for bytes in [[UInt8](repeating: 7, count: count), noise(count)] {
                #expect(inflated(compressed(bytes), limit: count) == .success(bytes))
                #expect(inflated(compressed(bytes), limit: count - 1) == .failure(.tooLong))
            }
        }
    }

    @Test func `a bomb stops at the limit and the inflater goes on`() throws {
        let bomb = compressed([UInt8](repeating: 0, count: 50_000_000), level: 9)
        #expect(bomb.count < 60_000)
        var inflater = Inflater()
        var failure: InflateError?
        do throws(InflateError) {
            try inflater.inflate(bomb.span, limit: 10_000)
        } catch {
            failure = error
        }
        #expect(failure == .tooLong)
        try inflater.inflate(compressed([1, 2, 3]).span, limit: 10_000)
        #expect(copy(inflater.output) == [1, 2, 3])
    }

    @Test func `data that is cut off is invalid`() {
        let whole = compressed(noise(500))
        for count in [2, 3, 5, 100, whole.count - 2] {
            #expect(inflated(Array(whole[..<count])) == .failure(.invalid), "\(count)")
        }
    }

    @Test(
        arguments: [[0x07], [0xFF, 0xFF, 0xFF], [0x05, 0xFF, 0xFF, 0xFF], [0x00, 1, 2, 3, 4]]
            as [[UInt8]])
    func `data that is no deflate is invalid`(bytes: [UInt8]) {
        #expect(inflated(bytes) == .failure(.invalid))
    }

    @Test func `arbitrary bytes never trap and never pass the limit`() {
        var generator = SplitMix(state: 7_692)
        var inflater = Inflater()
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            do throws(InflateError) {
                try inflater.inflate(bytes.span, limit: 50)
                let count = inflater.output.count
                #expect(count <= 50)
            } catch {
                #expect(error != .outOfMemory)
            }
        }
    }
}
