// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatActivityLog

struct ActivityQueueTests {
    private func queue(
        lines: Int = 3, _ configure: (inout ActivityLogOptions) -> Void = { _ in }
    ) -> ActivityQueue {
        var options = ActivityLogOptions()
        options.queuedLines = lines
        configure(&options)
        return ActivityQueue(options)
    }

    @Test func `as many lines wait as the limit, and one more is left out and counted`() {
        var queue = queue()
        #expect(queue.add(message(1), at: evening).wakes)
        for number in 2...3 {
            let (wakes, notice) = queue.add(message(number), at: evening)
            #expect(!wakes && notice == nil)
        }
        #expect(queue.add(message(4), at: evening).notice == .losing(.tooFast))
        #expect(queue.counts == ActivityLogCounts(written: 0, lost: 1, waiting: 3))
        #expect(queue.take().map(\.activity.eventName) == ["message", "message", "message"])
        #expect(queue.add(message(5), at: evening) == (false, nil))
        #expect(queue.take().count == 1)
        // Whoever takes has to come once more before they may rest.
        #expect(!queue.add(message(6), at: evening).wakes)
        #expect(queue.take().count == 1)
        #expect(queue.take().isEmpty)
        #expect(queue.add(message(7), at: evening).wakes)
    }

    @Test func `what waits has a bound in bytes too`() {
        let text = String(repeating: "x", count: 744)
        var queue = queue(lines: 100) {
            $0.includesContent = true
            $0.queuedBytes = 2_000
        }
        _ = queue.add(message(1, text), at: evening)
        _ = queue.add(message(2, text), at: evening)
        #expect(queue.counts.lost == 0)
        _ = queue.add(message(3, ""), at: evening)
        #expect(queue.counts == ActivityLogCounts(written: 0, lost: 1, waiting: 2))
        #expect(queue.take().count == 2)
        _ = queue.add(message(4, text), at: evening)
        #expect(queue.counts.waiting == 3)
    }

    @Test func `without content, texts do not even wait`() {
        var queue = queue(lines: 10)
        let file = MessageAttachment(
            id: "f_1", name: "a.png", byteCount: 1, mediaType: "image/png", sha256: "")
        let place = SequenceNumber(rawValue: 1)
        let changes: [LogChange] = [
            .message(text: "secret", replyTo: nil), .edit(target: place, text: "secret"),
            .react(target: place, emoji: "secret"), .unreact(target: place, emoji: "secret"),
            .post(Post(text: "secret", attachments: [file])),
            .ban(user: UserID(rawValue: 3), Ban(reason: "secret")),
        ]
        for change in changes {
            _ = queue.add(.changed(change, seq: place, subject: "", tea, by: ana), at: evening)
        }
        let entries = queue.take()
        #expect(entries.count == changes.count)
        #expect(!"\(entries)".contains("secret") && !"\(entries)".contains("a.png"))
    }

    @Test func `losses are complained about once, and once more only after a while`() {
        var queue = queue(lines: 1)
        func lose(_ later: Int64) -> ActivityLogNotice? {
            queue.add(message(1), at: evening.later(milliseconds: later)).notice
        }
        _ = queue.add(message(1), at: evening)
        #expect(lose(0) == .losing(.tooFast))
        #expect(lose(1) == nil)
        #expect(queue.untold == 2)
        _ = queue.take()
        #expect(queue.wrote(1, told: 2) == .recovered(lostLines: 2))
        _ = queue.add(message(1), at: evening)
        #expect(lose(59_999) == nil)
        #expect(lose(60_000) == .losing(.tooFast))
        _ = queue.take()
        // Not over as long as the file does not say it.
        #expect(queue.wrote(1, told: 0) == nil)
        #expect(queue.failed(0, .diskFull, at: evening) == nil)
        _ = queue.add(message(1), at: evening)
        _ = queue.take()
        #expect(queue.wrote(1, told: 2) == .recovered(lostLines: 2))
        #expect(queue.counts == ActivityLogCounts(written: 3, lost: 4, waiting: 0))
    }

    @Test func `after the end nothing is taken, and nobody told`() {
        var queue = queue()
        _ = queue.add(message(1), at: evening)
        queue.close()
        #expect(queue.add(message(2), at: evening) == (false, nil))
        #expect(queue.counts == ActivityLogCounts(written: 0, lost: 1, waiting: 1))
        #expect(queue.take().count == 1)
    }
}
