// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteReader {
    /// Adds attachments, which come ordered by message.
    func withAttachments(
        _ messages: [Message], in room: RoomID, _ statement: borrowing SQLiteStatement
    ) throws(StorageError) -> [Message] {
        guard !messages.isEmpty else { return messages }
        statement.bind(1, room)
        let rows = try statement.all { ($0.seq(0), $0.attachment()) }
        return rows.isEmpty ? messages : messages.adding(rows)
    }

    /// Adds the files of what a search has found: a look-up per hit of the page.
    func withAttachments(_ page: SearchPage) throws(StorageError) -> SearchPage {
        var page = page
        for index in page.hits.indices {
            statements.attachments.bind(1, page.hits[index].room)
            statements.attachments.bind(2, page.hits[index].seq)
            statements.attachments.bind(3, page.hits[index].seq)
            page.hits[index].attachments = try statements.attachments.all { $0.attachment() }
        }
        return page
    }

    /// Reads the same events again with their attachments, on one state of the file.
    func withAttachments(
        _ events: [LoggedEvent], in room: RoomID
    ) throws(StorageError) -> [LoggedEvent] {
        guard let first = events.first, let last = events.last else { return events }
        return try transaction { () throws(StorageError) in
            statements.events.bind(1, room)
            statements.events.bind(2, SequenceNumber(rawValue: first.seq.rawValue - 1))
            statements.events.bind(3, events.count)
            let events = try statements.events.all { $0.loggedEvent() }.compactMap(\.self)
            statements.attachments.bind(1, room)
            statements.attachments.bind(2, first.seq)
            statements.attachments.bind(3, last.seq)
            let rows = try statements.attachments.all { ($0.seq(0), $0.attachment()) }
            return events.adding(rows)
        }
    }

    func orphanedAttachments(limit: Int) throws(StorageError) -> [String] {
        statements.orphanedAttachments.bind(1, max(1, limit))
        return try statements.orphanedAttachments.all { $0.text(0) }
    }
}

extension SQLiteStatement {
    /// Whether the event of the present row is a message with files.
    var hasAttachments: Bool { int(5) == StoredEventKind.message.rawValue && !isNull(9) }

    /// Columns that ``attachment()`` reads.
    static let attachmentColumns =
        "a.seq, a.id, a.name, a.byte_count, a.media_type, a.sha256, a.width, a.height,"
        + " a.duration, a.preview"

    /// The attachment of the present row; its message's place is column 0.
    func attachment() -> MessageAttachment {
        MessageAttachment(
            id: text(1), name: text(2), byteCount: int(3), mediaType: text(4), sha256: text(5),
            width: optionalInt(6).map { Int($0) }, height: optionalInt(7).map { Int($0) },
            durationMilliseconds: optionalInt(8).map { Int($0) }, preview: text(9))
    }
}
