// SPDX-License-Identifier: MIT

import ChatClient

/// One day in one room: first the observer enters, then everybody.
///
/// When all is acknowledged, the room's history is read back and compared.
final class ReplayRoom {
    /// What did not come back as it was sent.
    ///
    /// All zero is the only good result.
    struct Mismatches {
        var missing = 0
        var texts = 0
        var authors = 0
        var unexpected = 0
        var disorder = 0
        var holes = 0
        var repeats = 0

        var total: Int { missing + texts + authors + unexpected + disorder + holes + repeats }

        static func += (left: inout Mismatches, right: Mismatches) {
            left.missing += right.missing
            left.texts += right.texts
            left.authors += right.authors
            left.unexpected += right.unexpected
            left.disorder += right.disorder
            left.holes += right.holes
            left.repeats += right.repeats
        }
    }

    let name: String
    let users: [ReplayUser]
    private(set) var mismatches = Mismatches()
    private(set) var isFinished = false
    private(set) var failure: String?
    private let context: ReplayUser.Context
    private var expected: [Int: (user: Int, text: String)] = [:]
    private var readUpTo = 0
    private var isReading = false
    private static var page: Int { 200 }

    init(_ day: IRCDay, context: ReplayUser.Context) {
        name = day.room
        self.context = context
        users = day.users.enumerated().map { index, user in
            ReplayUser(
                user, room: day.room, framing: index % 2 == 0 ? .lines : .webSocket(path: "/ws"),
                isObserver: index == 0, context: context)
        }
        if users.isEmpty { isFinished = true }
    }

    var messageCount: Int { users.reduce(0) { $0 + $1.messages.count } }

    /// The others begin when the room is there.
    var active: ArraySlice<ReplayUser> {
        guard let observer = users.first else { return [] }
        return observer.isInside || hasBegun ? users[...] : users[..<1]
    }

    private var hasBegun = false

    /// Looks at where the room stands; to be called once per turn of the loop.
    func check() {
        guard !isFinished, let observer = users.first else { return }
        if observer.isInside { hasBegun = true }
        failure = users.lazy.compactMap(\.failure).first
        guard users.allSatisfy(\.isDone) else { return }
        if observer.isInside {
            // The observer's own events may still be on their way behind its answers.
            let newest = users.lazy.flatMap(\.seqs).compactMap(\.self).max() ?? 0
            if !isReading, (observer.observed?.last ?? 0) >= newest { compare(observer) }
        } else {
            isReading = false
        }
    }

    private func compare(_ observer: ReplayUser) {
        isReading = true
        mismatches = Mismatches()
        mismatches.holes = observer.observed?.holes ?? 0
        mismatches.repeats = observer.observed?.repeats ?? 0
        expected = [:]
        readUpTo = 0
        for (index, user) in users.enumerated() {
            var before = 0
            for (message, seq) in zip(user.messages, user.seqs) {
                let seq = seq ?? 0
                // A refusal lets later messages overtake: that is the client's doing, not a fault.
                if seq <= before && context.counts.refusals == 0 { mismatches.disorder += 1 }
                before = seq
                if expected.updateValue((index, message.text), forKey: seq) != nil {
                    mismatches.missing += 1
                }
            }
        }
        readPage(observer)
    }

    private func readPage(_ observer: ReplayUser) {
        let command: JSONValue = [
            "type": "history", "room": .string(name), "after": .int(readUpTo),
            "limit": .int(Self.page),
        ]
        observer.request(command) { [unowned self, unowned observer] answer in
            context.counts.lastProgress = monotonicMilliseconds()
            if let code = answer["code"]?.string {
                // After a new connection all is read once more.
                return observer.refused("\(name): history", code)
            }
            let messages = answer["messages"]?.array ?? []
            for message in messages { compare(message) }
            if answer["end"]?.bool == true || messages.isEmpty {
                mismatches.missing += expected.count
                finish()
            } else {
                readPage(observer)
            }
        }
    }

    private func compare(_ message: JSONValue) {
        let seq = message["seq"]?.int ?? 0
        if seq <= readUpTo { mismatches.disorder += 1 }
        readUpTo = max(readUpTo, seq)
        guard let sent = expected.removeValue(forKey: seq) else {
            mismatches.unexpected += 1
            return
        }
        // Bytes, not `==`: two spellings of one character are equal as strings.
        let text = message["text"]?.string ?? ""
        if !text.utf8.elementsEqual(sent.text.utf8) { mismatches.texts += 1 }
        if message["from"]?["name"]?.string != users[sent.user].name { mismatches.authors += 1 }
    }

    private func finish() {
        isFinished = true
        for user in users { user.leave() }
        let verdict = mismatches.total == 0 ? "as sent" : "\(mismatches)"
        Output.complain("\(name): \(messageCount) messages, \(users.count) users, \(verdict)\n")
    }
}
