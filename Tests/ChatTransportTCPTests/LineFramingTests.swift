// SPDX-License-Identifier: MIT

import ChatTransportTCP
import Testing

struct LineFramingTests {
    @Test func `a line is the payload and a line feed, behind what was there`() {
        var bytes = Array("x".utf8)
        LineFraming().append(Array("{}".utf8).span, to: &bytes)
        #expect(bytes == Array("x{}\n".utf8))
    }

    @Test func `lines share their bytes with lines only`() {
        #expect(LineFraming().identifier == 1)
    }
}
