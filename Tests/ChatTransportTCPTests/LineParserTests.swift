// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportTCP

/// Feeds pieces to a parser as a connection does: what is not consumed comes again.
private struct Feed {
    var parser: LineParser
    var kept: [UInt8] = []
    var lines: [String] = []
    var isTooLong = false
    /// The most bytes that were kept between two pieces.
    var mostKept = 0

    init(limit: Int) { parser = LineParser(limit: limit) }

    mutating func add(_ piece: some Sequence<UInt8>) {
        kept.append(contentsOf: piece)
        var start = 0
        let bytes = kept
        while !isTooLong {
            switch parser.next(in: bytes.span, from: start) {
            case .line(let range, let next):
                lines.append(String(decoding: bytes[range], as: UTF8.self))
                start = next
            case .incomplete(let consumed):
                kept.removeFirst(consumed)
                mostKept = max(mostKept, kept.count)
                return
            case .tooLong:
                isTooLong = true
            }
        }
    }
}

struct LineParserTests {
    private static let stream = Array("{\"a\":1}\r\n\n\r\nzwei 👩‍👩‍👧 Zeilen\n{}\n".utf8)
    private static let lines = ["{\"a\":1}", "zwei 👩‍👩‍👧 Zeilen", "{}"]

    @Test func `a stream cut at any two positions gives the same lines`() {
        for first in 0...Self.stream.count {
            for second in first...Self.stream.count {
                var feed = Feed(limit: 64)
                feed.add(Self.stream[..<first])
                feed.add(Self.stream[first..<second])
                feed.add(Self.stream[second...])
                #expect(feed.lines == Self.lines, "cut at \(first) and \(second)")
                #expect(feed.kept.isEmpty)
            }
        }
    }

    @Test func `byte by byte gives the same lines`() {
        var feed = Feed(limit: 64)
        for byte in Self.stream { feed.add([byte]) }
        #expect(feed.lines == Self.lines)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a line of the limit passes, one byte more does not`(end: String) {
        for size in [0, 1, 9, 10, 11, 12, 500] {
            let line = String(repeating: "x", count: size)
            for step in [1, 3, 1_000] {
                var feed = Feed(limit: 10)
                let bytes = Array((line + end).utf8)
                for start in stride(from: 0, to: bytes.count, by: step) {
                    feed.add(bytes[start..<min(start + step, bytes.count)])
                }
                #expect(feed.isTooLong == (size > 10))
                #expect(feed.lines == (size > 10 || size == 0 ? [] : [line]))
            }
        }
    }

    @Test func `a line without end is refused at the limit, not kept`() {
        var feed = Feed(limit: 100)
        for _ in 0..<1_000 where !feed.isTooLong { feed.add([0x78]) }
        #expect(feed.isTooLong)
        #expect(feed.mostKept == 100)
    }

    @Test func `a carriage return inside of a line belongs to it`() {
        var feed = Feed(limit: 10)
        feed.add(Array("a\rb\r\r\n\r".utf8))
        #expect(feed.lines == ["a\rb\r"])
        #expect(feed.kept == [0x0D])
    }
}
