// SPDX-License-Identifier: MIT

import CSQLite
import ChatCore

/// Takes messages and edits from the log into the index of search, in the order in which they were
/// stored.
///
/// It does so in transactions of its own, after those that store: an index costs more than a third
/// of an append. So the index knows the log up to a position, which is kept with it. Only what
/// takes text away does not wait: a deleted message leaves the index in the deleting transaction.
final class SQLiteIndexer {
    /// After events were removed: the positions of the last ones are given again.
    static let stepBack = """
        UPDATE search_state SET position =
            min(position, (SELECT coalesce(max(position), 0) FROM events))
        """

    /// How much goes into the index in one transaction.
    struct Slice: Sendable {
        /// Events looked at, at most.
        var events: Int
        /// Bytes of text above which no further event is taken.
        var bytes: Int
    }

    private struct Event {
        var position: Int64
        var room: RoomID
        var sender: UserID
        var target: SequenceNumber
        /// `nil` if there is nothing to index.
        var text: String?
        var isEdit: Bool
    }

    private let known: SQLiteStatement
    private let newest: SQLiteStatement
    private let next: SQLiteStatement
    private let posted: SQLiteStatement
    private let insert: SQLiteStatement
    private let setKnown: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StorageError) {
        try Self.eraseWhatIsDeleted(connection)
        func prepare(_ sql: String) throws(StorageError) -> SQLiteStatement {
            try SQLiteStatement(connection, sql)
        }
        known = try prepare("SELECT position FROM search_state")
        newest = try prepare("SELECT max(position) FROM events")
        next = try prepare(
            """
            SELECT position, room, sender, target, text, kind FROM events
            WHERE position > ?1 ORDER BY position LIMIT ?2
            """)
        posted = try prepare(
            """
            SELECT position, sender FROM events
            WHERE room = ?1 AND seq = ?2 AND kind = 0 AND text IS NOT NULL
            """)
        insert = try prepare(
            "INSERT OR REPLACE INTO search_index (rowid, words, keys) VALUES (?1, ?2, ?3)")
        setKnown = try prepare("UPDATE search_state SET position = ?1")
    }

    /// From 3.42 on FTS5 can overwrite what is deleted. Before, single words of deleted texts stay
    /// in the index, out of reach, until it merges their place.
    private static func eraseWhatIsDeleted(_ connection: SQLiteConnection) throws(StorageError) {
        guard sqlite3_libversion_number() >= 3_042_000 else { return }
        let isOn = try connection.number(
            "SELECT v FROM search_index_config WHERE k = 'secure-delete'")
        if isOn == 1 { return }
        try connection.execute(
            "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)")
    }

    /// The position of the newest event; 0 if there is none.
    func lastPosition() throws(StorageError) -> Int64 { try newest.first { $0.int(0) } ?? 0 }

    /// Whether the index lacks events up to `end`.
    func isBehind(_ end: Int64) throws(StorageError) -> Bool {
        try knownPosition() < min(end, try lastPosition())
    }

    /// Takes the next events, inside the present transaction.
    func run(_ slice: Slice) throws(StorageError) {
        next.bind(1, try knownPosition())
        next.bind(2, slice.events)
        var events: [Event] = []
        var bytes = 0
        try next.forEach { row in
            let kind = StoredEventKind(rawValue: row.int(5))
            let text = kind == .message || kind == .edit ? row.optionalText(4) : nil
            bytes += text?.utf8.count ?? 0
            events.append(
                Event(
                    position: row.int(0), room: row.room(1), sender: row.user(2),
                    target: row.seq(3), text: text, isEdit: kind == .edit))
            return bytes <= slice.bytes
        }
        for event in events { try index(event) }
        guard let last = events.last else { return }
        setKnown.bind(1, last.position)
        try setKnown.run()
    }

    private func knownPosition() throws(StorageError) -> Int64 {
        try known.first { $0.int(0) } ?? 0
    }

    private func index(_ event: Event) throws(StorageError) {
        guard let text = event.text else { return }
        var (position, sender) = (event.position, event.sender)
        if event.isEdit {
            posted.bind(1, event.room)
            posted.bind(2, event.target)
            guard let message = try posted.first({ ($0.int(0), $0.user(1)) }) else { return }
            (position, sender) = message
        }
        insert.bind(1, position)
        insert.bind(2, SearchWords.joined(text))
        insert.bind(3, "\(Self.key(event.room)) \(Self.key(sender))")
        try insert.run()
    }

    // MARK: What the index is asked

    private static func key(_ room: RoomID) -> String { "r" + String(room.rawValue, radix: 36) }

    private static func key(_ user: UserID) -> String { "u" + String(user.rawValue, radix: 36) }

    /// The question in the index's language.
    ///
    /// Safe with any input: a pattern's words hold nothing but letters, digits and marks, and all of
    /// them stand in quotes.
    ///
    /// - Parameter rooms: those to search; `nil` for all there are.
    static func expression(for query: SearchQuery, in rooms: [RoomID]?) -> String {
        let terms = query.request.pattern.terms.map { term in
            quoted(term.words.joined(separator: " ")) + (term.isPrefix ? " *" : "")
        }
        var expression = "words : (\(terms.joined(separator: " AND ")))"
        if let rooms {
            let places = rooms.map { quoted(key($0)) }.joined(separator: " OR ")
            expression += " AND keys : (\(places))"
        }
        if let sender = query.request.sender {
            expression += " AND keys : \(quoted(key(sender)))"
        }
        return expression
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}
