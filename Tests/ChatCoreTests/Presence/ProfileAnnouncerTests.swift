// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// When which profile is told.
@Suite struct ProfileAnnouncerTests {
    private let ana = UserReference(id: UserID(rawValue: 1), name: "ana")
    private let start = ChatInstant(nanoseconds: 1_000_000_000)

    private func later(_ milliseconds: Int64) -> ChatInstant {
        start.advanced(byMilliseconds: milliseconds)
    }

    @Test func `the first change is told at once, the others after the interval`() {
        var announcer = ProfileAnnouncer(intervalMilliseconds: 100)
        let result1 = announcer.changed(ana)
        #expect(result1)
        let result2 = announcer.changed(ana)
        #expect(!result2)
        announcer.told(ana.id, now: start)
        let result3 = announcer.changed(ana)
        #expect(!result3)
        let result4 = announcer.due(now: later(99))
        #expect(result4 == [])
        #expect(announcer.nextDeadline == later(100))
        let result5 = announcer.due(now: later(100))
        #expect(result5 == [ana])
        announcer.told(ana.id, now: later(101))
        let result6 = announcer.due(now: later(201))
        #expect(result6 == [])
        #expect(announcer.trackedUsers == 0)
        #expect(announcer.nextDeadline == nil)
        let result7 = announcer.changed(ana)
        #expect(result7)
    }

    @Test func `a change while it is being told is told later, and so is a failure`() {
        var announcer = ProfileAnnouncer(intervalMilliseconds: 100)
        let result8 = announcer.changed(ana)
        #expect(result8)
        announcer.failed(ana.id, now: start)
        let result9 = announcer.due(now: later(100))
        #expect(result9 == [ana])
        let renamed = UserReference(id: ana.id, name: "Ana")
        let result10 = announcer.changed(renamed)
        #expect(!result10)
        announcer.told(ana.id, now: later(100))
        let result11 = announcer.due(now: later(200))
        #expect(result11 == [renamed])
    }

    /// Random changes, answers and failures: never two tellings at once or within an interval, and none is lost.
    @Test(arguments: UInt64(0)..<50)
    func `the last state is always told, and never too often`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var announcer = ProfileAnnouncer(intervalMilliseconds: 50)
        var now = start
        var (version, read, told) = (0, Int?.none, 0)
        var endOfLast: ChatInstant?
        func begin() {
            #expect(read == nil)
            if let endOfLast { #expect(endOfLast.advanced(byMilliseconds: 50) <= now) }
            read = version
        }
        for step in 0..<400 {
            now = now.advanced(byMilliseconds: Int64.random(in: 0...20, using: &random))
            for _ in announcer.due(now: now) { begin() }
            let isEnd = step > 300
            switch Int.random(in: isEnd ? 1...2 : 0...2, using: &random) {
            case 0:
                version += 1
                if announcer.changed(ana) { begin() }
            case 1:
                guard let seen = read else { continue }
                (told, read, endOfLast) = (seen, nil, now)
                announcer.told(ana.id, now: now)
            default:
                guard !isEnd, read != nil else { continue }
                (read, endOfLast) = (nil, now)
                announcer.failed(ana.id, now: now)
            }
        }
        #expect(told == version)
        #expect(announcer.trackedUsers == 0)
    }
}
