// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

/// What came of bytes handed in so many at a time.
private struct Outcome: Equatable {
    var body = ""
    var rest: String?
    var rejected: Int?
}

private func read(
    _ text: String, _ framing: HTTPBodyFraming, by size: Int, maximumBytes: Int = 100,
    headBytes: Int = 64
) -> Outcome {
    var limits = HTTPLimits()
    limits.headBytes = headBytes
    var reader = HTTPBodyReader(framing, maximumBytes: maximumBytes, limits: limits)
    let all = Array(text.utf8)
    var outcome = Outcome()
    var body: [UInt8] = []
    var start = 0
    var end = min(size, all.count)
    while true {
        switch reader.next(all.span.extracting(start..<end)) {
        case .needMore(let consumed):
            start += consumed
            if end == all.count {
                outcome.body = String(decoding: body, as: UTF8.self)
                return outcome
            }
            end = min(end + size, all.count)
        case .data(let range, let consumed):
            body += all[(start + range.lowerBound)..<(start + range.upperBound)]
            start += consumed
        case .finished(let consumed):
            outcome.body = String(decoding: body, as: UTF8.self)
            outcome.rest = String(decoding: all[(start + consumed)...], as: UTF8.self)
            return outcome
        case .rejected(let status):
            outcome.rejected = status.code
            return outcome
        }
    }
}

struct HTTPBodyReaderTests {
    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `a body is the same however it is cut`(size: Int) {
        #expect(read("GET", .none, by: size) == Outcome(rest: "GET"))
        #expect(read("helloGET", .length(5), by: size) == Outcome(body: "hello", rest: "GET"))
        #expect(read("hel", .length(5), by: size) == Outcome(body: "hel"))
        #expect(
            read("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET", .chunked, by: size)
                == Outcome(body: "hello world", rest: "GET"))
        #expect(
            read("005;a=\"b\"\r\nhello\r\n0;x\r\nA: b\r\nC: d\r\n\r\nGET", .chunked, by: size)
                == Outcome(body: "hello", rest: "GET"))
        #expect(read("5 \r\nhello\r\nA", .chunked, by: size) == Outcome(body: "hello"))
    }

    @Test(
        arguments: [
            ("\r\n", 400), ("x\r\n", 400), ("5\nhello", 400), ("5\rhello", 400),
            ("5\r\nhelloX", 400), ("5\r\nhello\rX", 400), ("-1\r\n", 400), ("123456789\r\n", 413),
            ("65\r\n\(String(repeating: "x", count: 101))", 413), ("0\r\nA\u{0}", 400),
            ("0\r\nA\rB", 400), ("1;\(String(repeating: "x", count: 65))", 431),
            ("0\r\n\(String(repeating: "A: b\r\n", count: 20))", 431), ("1;\u{1}", 400),
        ] as [(String, Int)], [1, 1_000])
    func `broken and too long chunks are refused`(example: (text: String, status: Int), size: Int) {
        #expect(read(example.text, .chunked, by: size).rejected == example.status)
    }

    @Test func `a counted body over the limit is refused`() {
        let text = String(repeating: "x", count: 101)
        #expect(read(text, .length(101), by: 10).rejected == 413)
        #expect(read(text, .length(100), by: 10).rest == "x")
    }
}
