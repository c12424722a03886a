// SPDX-License-Identifier: MIT

import ChatCore

/// Pages of history.
extension PostgresSession {
    /// The parts of a page, before and from a place, and the statements that find them.
    private struct Parts {
        var place: PostgresValue
        var isTime = false
        /// How many messages before the place; `nil` for none.
        var past: Int?
        /// How many messages from the place on, with those that are lacking before it; `nil` for
        /// none.
        var rest: Int?

        /// For each part its messages, their reactions and their files.
        var statements: [(of: [PostgresStatement], limit: Int)] {
            var statements: [([PostgresStatement], Int)] = []
            if let past {
                statements.append(
                    isTime
                        ? (
                            [.messagesBeforeTime, .reactionsBeforeTime, .attachmentsBeforeTime],
                            past
                        )
                        : ([.messagesBefore, .reactionsBefore, .attachmentsBefore], past))
            }
            if let rest {
                statements.append(
                    isTime
                        ? ([.messagesFromTime, .reactionsFromTime, .attachmentsFromTime], rest)
                        : ([.messagesFrom, .reactionsFrom, .attachmentsFrom], rest))
            }
            return statements
        }
    }

    /// A page costs one round trip, whatever its size.
    func history(_ query: HistoryQuery) throws(PostgresFailure) -> HistoryPage {
        guard let parts = Self.parts(query) else { return HistoryPage(messages: [], isEnd: true) }
        let results = try readAtOnce { connection throws(PostgresFailure) in
            if parts.isTime { try connection.send(.setPlace, [.room(query.room), parts.place]) }
            for (statements, limit) in parts.statements {
                // One more than the page holds, to see whether there is more.
                let count = PostgresValue.number(limit == .max ? limit : limit + 1)
                let values: [PostgresValue] =
                    parts.isTime
                    ? [.room(query.room), count] : [.room(query.room), parts.place, count]
                for statement in statements { try connection.ask(statement, values) }
            }
        }
        var page = HistoryPage(messages: [], isEnd: true)
        var index = 0
        if let past = parts.past, results.count > 2 {
            let found = results[0].all { $0.message() }
            page.isEnd = found.count <= past
            page.messages = found.prefix(past).reversed().adding(reactions: results[1])
                .adding(results[2].attachments)
            index = 3
        }
        if let rest = parts.rest, results.count > index + 2 {
            // Around a place, what lacks before it comes after it.
            let limit = rest - page.messages.count
            let found = results[index].all { $0.message() }
            page.isEnd = page.isEnd && found.count <= limit
            page.messages += Array(found.prefix(limit)).adding(reactions: results[index + 1])
                .adding(results[index + 2].attachments)
        }
        return page
    }

    /// `nil` for a page that is empty whatever the log holds.
    private static func parts(_ query: HistoryQuery) -> Parts? {
        let limit = max(1, query.limit)
        switch query.anchor {
        case .latest: return Parts(place: .int(.max), past: limit)
        case .before(let seq): return Parts(place: .seq(seq), past: limit)
        case .after(let seq):
            guard seq.rawValue < Int64.max else { return nil }
            return Parts(place: .seq(seq.next), rest: limit)
        case .around(let seq): return Parts(place: .seq(seq), past: limit / 2, rest: limit)
        case .beforeTime(let time): return Parts(place: .time(time), isTime: true, past: limit)
        case .afterTime(let time): return Parts(place: .time(time), isTime: true, rest: limit)
        case .aroundTime(let time):
            return Parts(place: .time(time), isTime: true, past: limit / 2, rest: limit)
        }
    }
}

extension [Message] {
    /// With their reactions, which come ordered by message, emoji and time; those of other
    /// messages are passed over.
    func adding(reactions: PostgresResult) -> [Message] {
        let rows = reactions.all { row in
            (target: row.seq(0), emoji: row.text(1), user: row.user(2))
        }
        var messages = self
        var index = 0
        for row in rows {
            while index < messages.count, messages[index].seq < row.target { index += 1 }
            guard index < messages.count, messages[index].seq == row.target else { continue }
            messages[index].add(row.emoji, of: row.user)
        }
        return messages
    }
}

extension Message {
    /// Adds a reaction; those of one emoji come one after the other.
    fileprivate mutating func add(_ emoji: String, of user: UserID) {
        if let last = reactions.indices.last,
            reactions[last].emoji.utf8.elementsEqual(emoji.utf8)
        {
            reactions[last].users.append(user)
        } else {
            reactions.append(Reaction(emoji: emoji, users: [user]))
        }
    }
}
