// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

struct SequenceCheckTests {
    private let stream = FaultLog.Stream(connection: 3, topic: 1)

    private func faults(of numbers: [UInt64], after start: UInt64 = 0) -> FaultLog {
        var log = FaultLog()
        var check = SequenceCheck(after: start)
        for number in numbers where !check.accepts(number) {
            log.record(number, in: &check, of: stream)
        }
        return log
    }

    private func counts(_ log: FaultLog) -> [UInt64] {
        [log.missing, log.duplicates, log.reordered]
    }

    @Test func `numbers in order are well`() {
        let log = faults(of: [6, 7, 8, 9], after: 5)
        #expect(log.isEmpty)
        #expect(log.first == nil)
    }

    @Test func `a gap is as many missing numbers`() {
        let log = faults(of: [1, 2, 6, 7])
        #expect(counts(log) == [3, 0, 0])
        #expect(!log.isEmpty)
        #expect(log.first == "connection 3: 3...5 is missing before 6")
    }

    @Test func `a gap at the beginning is one`() {
        #expect(counts(faults(of: [12], after: 10)) == [1, 0, 0])
    }

    @Test func `a number that came before is a duplicate`() {
        #expect(counts(faults(of: [1, 2, 2, 3])) == [0, 1, 0])
        #expect(counts(faults(of: [1, 2, 3, 1, 2, 3])) == [0, 3, 0])
        #expect(counts(faults(of: [5, 6], after: 5)) == [0, 1, 0])
    }

    @Test func `two that changed places are out of order, not missing`() {
        let log = faults(of: [1, 3, 2, 4])
        #expect(counts(log) == [0, 0, 1])
        #expect(!log.isEmpty)
    }

    @Test func `what filled a gap is a duplicate the second time`() {
        #expect(counts(faults(of: [1, 5, 3, 3])) == [2, 1, 1])
    }

    @Test func `gaps are filled from anywhere`() {
        #expect(counts(faults(of: [5, 2, 4, 1, 3])) == [0, 0, 4])
    }

    @Test func `streams have gaps of their own`() {
        var log = FaultLog()
        var left = SequenceCheck()
        var right = SequenceCheck()
        let other = FaultLog.Stream(connection: 4, topic: 1)
        log.record(3, in: &left, of: stream)
        let isNext = right.accepts(1)
        #expect(isNext)
        log.record(1, in: &right, of: other)
        #expect(counts(log) == [2, 1, 0])
    }

    @Test func `the faults of threads add up`() {
        var log = faults(of: [2])
        log.merge(faults(of: [1, 1]))
        log.merge(faults(of: [2, 1]))
        #expect(counts(log) == [1, 1, 1])
        #expect(log.first == "connection 3: 1...1 is missing before 2")
    }
}

/// What each connection had is compared with what was sent to its room.
struct UnaccountedTests {
    private func result(_ received: [(room: Int, sent: Int, delivered: Int)]) -> WorkerResult {
        var result = WorkerResult()
        result.sentByRoom = [10, 20]
        result.received = received.map {
            WorkerResult.Received(room: $0.room, sent: $0.sent, delivered: $0.delivered)
        }
        return result
    }

    @Test func `one that lacks a message is not made up for by one that has it twice`() {
        let found = result([(0, 0, 10), (0, 0, 9), (0, 0, 11), (1, 0, 20)])
            .unaccounted(echoes: true)
        #expect(found == (1, 1))
    }

    @Test func `own messages do not come back where the server does not echo`() {
        let found = result([(0, 10, 0), (0, 0, 10), (1, 5, 15)]).unaccounted(echoes: false)
        #expect(found == (0, 0))
        #expect(result([(0, 10, 0)]).unaccounted(echoes: true) == (10, 0))
    }
}
