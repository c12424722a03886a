// SPDX-License-Identifier: MIT

import Testing

@testable import ChatCore

struct EventLoopTests {
    /// Notes how deep the stack is when the turn ends.
    private final class Plumb: LoopResident {
        var depths: Set<UInt> = []
        var turns = 0
        var nextDeadline: ChatInstant? { nil }

        func runDue(now: ChatInstant) {}

        @inline(never)
        func endTurn(now: ChatInstant) {
            turns += 1
            var mark = 0
            unsafe withUnsafeMutablePointer(to: &mark) {
                _ = depths.insert(UInt(bitPattern: $0))
            }
        }
    }

    /// Hands the loop to this test: it runs the turns.
    private static func takeOver(_ loop: EventLoop) async {
        await withCheckedContinuation { continuation in
            loop.executor.handOver(wake: {}, start: { continuation.resume() })
        }
    }

    @Test func `a turn is as deep as the one before, however many there were`() async {
        let loop = EventLoop()
        await Self.takeOver(loop)
        Self.runTurns(loop)
    }

    private static func runTurns(_ loop: EventLoop) {
        loop.executor.asOwner { loop.assumeIsolated { $0.add(Plumb()) } }
        for _ in 0..<1_000 { loop.executor.runTurn() }
        loop.executor.asOwner {
            loop.assumeIsolated { loop in
                #expect(loop.resident(Plumb.self)?.turns == 1_000)
                #expect(loop.resident(Plumb.self)?.depths.count == 1)
            }
        }
    }
}
