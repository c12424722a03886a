// SPDX-License-Identifier: MIT

import ChatCore

/// What waits for the disk, within its bounds, and what is to be said about what was lost.
struct ActivityQueue: Sendable {
    struct Entry: Sendable {
        var activity: Activity
        var time: Timestamp
    }

    private let options: ActivityLogOptions
    private var entries: [Entry] = []
    private var bytes = 0
    private(set) var counts = ActivityLogCounts()
    /// Lost since the file was last told.
    private var untoldLines = 0
    /// Lost since somebody was last told that it was over.
    private var lostSinceRecovery = 0
    private var isComplaining = false
    private var complainedAt: Timestamp?
    /// Whether somebody is taking what waits.
    private var isDraining = false
    private(set) var isClosed = false

    init(_ options: ActivityLogOptions) { self.options = options }

    /// Adds something, or leaves it out.
    ///
    /// - Returns: whether somebody must be woken who takes it, and what is to be said.
    mutating func add(
        _ activity: Activity, at time: Timestamp
    ) -> (wakes: Bool, notice: ActivityLogNotice?) {
        let entry = Entry(
            activity: options.includesContent ? activity : activity.withoutContent, time: time)
        let size = entry.activity.estimatedBytes
        let fits = entries.count < options.queuedLines && bytes + size <= options.queuedBytes
        guard fits, !isClosed else { return (false, lost(1, .tooFast, at: time)) }
        entries.append(entry)
        bytes += size
        counts.waiting += 1
        defer { isDraining = true }
        return (!isDraining, nil)
    }

    /// Takes all that waits; with nothing left, whoever took it may rest.
    mutating func take() -> [Entry] {
        if entries.isEmpty { isDraining = false }
        defer {
            entries = []
            bytes = 0
        }
        return entries
    }

    /// How many lost lines the file does not say yet.
    var untold: Int { untoldLines }

    /// Lines are in the file; `told` of the lost ones are now said there.
    mutating func wrote(_ lines: Int, told: Int) -> ActivityLogNotice? {
        counts.written += lines
        counts.waiting -= lines
        untoldLines -= told
        guard isComplaining, lines > 0, untoldLines == 0 else { return nil }
        isComplaining = false
        defer { lostSinceRecovery = 0 }
        return .recovered(lostLines: lostSinceRecovery)
    }

    /// Lines that were taken could not be written.
    mutating func failed(
        _ lines: Int, _ problem: ActivityLogProblem, at time: Timestamp
    ) -> ActivityLogNotice? {
        counts.waiting -= lines
        return lost(lines, problem, at: time)
    }

    private mutating func lost(
        _ lines: Int, _ problem: ActivityLogProblem, at time: Timestamp
    ) -> ActivityLogNotice? {
        if lines == 0 { return nil }
        counts.lost += lines
        untoldLines += lines
        lostSinceRecovery += lines
        // After the end nobody is to be told of what comes too late.
        if isComplaining || isClosed { return nil }
        if let last = complainedAt {
            let passed = time.milliseconds - last.milliseconds
            if passed >= 0, passed < options.complaintMilliseconds { return nil }
        }
        isComplaining = true
        complainedAt = time
        return .losing(problem)
    }

    /// Takes nothing any more.
    mutating func close() { isClosed = true }
}

extension Activity {
    /// Without what people wrote, so that it does not even wait in memory.
    fileprivate var withoutContent: Activity {
        guard case .changed(let change, let seq, let subject, let room, let user) = self else {
            return self
        }
        let rest: LogChange
        switch change {
        case .message(_, let replyTo): rest = .message(text: "", replyTo: replyTo)
        case .edit(let target, _): rest = .edit(target: target, text: "")
        case .react(let target, _): rest = .react(target: target, emoji: "")
        case .unreact(let target, _): rest = .unreact(target: target, emoji: "")
        case .post(let post): rest = .post(post.withoutText)
        case .ban(let user, var ban):
            ban.reason = ""
            rest = .ban(user: user, ban)
        case .delete, .pin, .unpin, .join, .leave, .role, .room, .unban, .mute, .unmute, .accept:
            return self
        }
        return .changed(rest, seq: seq, subject: subject, room, by: user)
    }

    /// About what it takes while it waits.
    fileprivate var estimatedBytes: Int {
        var bytes = 256
        guard case .changed(let change, _, _, _, _) = self else { return bytes }
        switch change {
        case .message(let text, _), .edit(_, let text): bytes += text.utf8.count
        case .post(let post):
            bytes += post.text.utf8.count
            for file in post.attachments {
                bytes += 512 + file.name.utf8.count + file.preview.utf8.count
            }
        case .ban(_, let ban): bytes += ban.reason.utf8.count
        default: break
        }
        return bytes
    }
}

extension Post {
    fileprivate var withoutText: Post {
        var post = self
        post.text = ""
        for place in post.attachments.indices {
            post.attachments[place].name = ""
            post.attachments[place].preview = ""
        }
        return post
    }
}
