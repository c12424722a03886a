// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatTransportWS

struct WebSocketClosingTests {
    @Test(arguments: [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999] as [UInt16])
    func `the peer's close is answered with its code`(code: UInt16) {
        #expect(
            events(clientClose(code, Array("so long".utf8))) == [
                .send(serverClose(code)), .closed(code, "so long", .peer), .finish,
            ])
    }

    @Test func `a close without code is answered without code`() {
        #expect(
            events(clientClose(nil)) == [.send([0x88, 0]), .closed(1005, "", .peer), .finish])
    }

    @Test func `a close reason may take all of its frame`() {
        let reason = [UInt8](repeating: 0x61, count: 123)
        #expect(events(clientClose(1000, reason)).count == 3)
    }

    @Test func `a close between fragments ends the message`() {
        let bytes = clientText("a", isFinal: false) + clientClose(1000)
        #expect(
            events(bytes) == [.send(serverClose(1000)), .closed(1000, "", .peer), .finish])
    }

    @Test func `our close waits for the peer's and ignores data until then`() {
        var harness = Harness()
        harness.close(.goingAway, reason: "restart")
        #expect(harness.events == [.send(serverClose(1001, "restart"))])
        let isOpen = harness.machine.isOpen
        #expect(isOpen == false)
        harness.feed(
            clientText("late") + clientFrame(.ping, [1]) + clientText("more", isFinal: false))
        #expect(harness.events.count == 1)
        harness.feed(clientClose(1001))
        #expect(Array(harness.events.dropFirst()) == [.closed(1001, "", .local), .finish])
        harness.feed(clientText("after"))
        harness.close(.normal)
        #expect(harness.events.count == 3)
    }

    @Test func `our close in the middle of a large frame skips its rest`() {
        let frame = clientText(String(repeating: "x", count: 1_000))
        for split in [1, 5, 8, 100, 1_007] {
            var harness = Harness()
            harness.feed(Array(frame[..<split]))
            harness.close(.normal)
            harness.feed(Array(frame[split...]) + clientClose(1000))
            #expect(Array(harness.events.dropFirst()) == [.closed(1000, "", .local), .finish])
        }
    }

    @Test func `input after our close may be split anywhere`() {
        let bytes = clientText("late") + clientFrame(.ping, [1]) + clientClose(1001, [0x61])
        for split in 0...bytes.count {
            var harness = Harness()
            harness.close(.goingAway)
            harness.feed(Array(bytes[..<split]))
            harness.feed(Array(bytes[split...]))
            #expect(Array(harness.events.dropFirst()) == [.closed(1001, "a", .local), .finish])
        }
    }

    @Test func `a violation after our close ends without a second close frame`() {
        var harness = Harness()
        harness.close(.normal)
        harness.feed([0x81, 0x00])
        let reason = WebSocketViolation.unmaskedFrame.reason
        #expect(
            Array(harness.events.dropFirst()) == [
                .closed(1002, reason, .violation(.unmaskedFrame)), .finish,
            ])
    }

    @Test func `a peer that does not answer our close is dropped at the deadline`() {
        var limits = WebSocketLimits()
        limits.closeMilliseconds = 200
        var harness = Harness(.init(limits: limits))
        #expect(harness.deadline == nil)
        harness.close(.normal)
        #expect(harness.deadline == ChatInstant(milliseconds: 1_200))
        harness.advance(milliseconds: 199)
        #expect(harness.events.count == 1)
        harness.advance(milliseconds: 1)
        #expect(Array(harness.events.dropFirst()) == [.closed(1006, "", .local), .abort])
        let isEnded = harness.machine.isEnded
        #expect(isEnded == true)
        #expect(harness.deadline == nil)
        harness.advance(milliseconds: 1_000)
        harness.endOfInput()
        #expect(harness.events.count == 3)
    }

    @Test func `a peer that does not end the stream is dropped at the deadline`() {
        var harness = Harness()
        harness.feed(clientClose(1000))
        harness.advance(milliseconds: 5_000)
        #expect(Array(harness.events.dropFirst(2)) == [.finish, .abort])
    }

    @Test func `the end of the stream is abnormal while open and expected after the close`() {
        var open = Harness()
        open.endOfInput()
        open.endOfInput()
        #expect(open.events == [.closed(1006, "", .peer), .abort])
        var done = Harness()
        done.feed(clientClose(1000))
        done.endOfInput()
        #expect(
            done.events == [.send(serverClose(1000)), .closed(1000, "", .peer), .finish, .abort])
        var closing = Harness()
        closing.close(.normal)
        closing.endOfInput()
        #expect(Array(closing.events.dropFirst()) == [.closed(1006, "", .peer), .abort])
    }

    @Test func `a code that may not be sent becomes 1000`() {
        var harness = Harness()
        harness.close(.noStatus)
        #expect(harness.events == [.send(serverClose(1000))])
    }
}
