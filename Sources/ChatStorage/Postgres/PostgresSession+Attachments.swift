// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresAppend {
    /// Behind the locks of the rooms, and before anything is asked: see `PostgresStatement.filesLock`.
    ///
    /// Never first as one among others and then alone: two transactions would wait for each other.
    static func lockFiles(
        _ batch: AppendBatch, _ connection: PostgresConnection
    ) throws(PostgresFailure) {
        let posts = batch.entries.contains { !$0.change.attachments.isEmpty }
        var deletions: [(RoomID, SequenceNumber)] = []
        for entry in batch.entries {
            if case .delete(let target) = entry.change { deletions.append((entry.room, target)) }
        }
        switch (posts, deletions.isEmpty) {
        case (true, true): try connection.send(.shareFiles)
        // A message may be deleted that is posted here, so that nothing is known of its files.
        case (true, false): try connection.send(.lockFiles)
        case (false, false):
            try connection.send(.lockFilesOf, PostgresStatement.places(deletions))
        case (false, true): break
        }
    }

    func insert(_ attachments: [MessageAttachment], _ room: RoomRecord) throws(PostgresFailure) {
        for (place, attachment) in attachments.enumerated() {
            try connection.send(
                .insertAttachment,
                [
                    .room(room.id), .seq(room.head), .number(place), .bytes(attachment.id),
                    .bytes(attachment.name), .int(attachment.byteCount),
                    .bytes(attachment.mediaType), .bytes(attachment.sha256),
                    .optional(attachment.width.map { Int64($0) }),
                    .optional(attachment.height.map { Int64($0) }),
                    .optional(attachment.durationMilliseconds.map { Int64($0) }),
                    .bytes(attachment.preview),
                ])
            try connection.send(.adoptAttachment, [.bytes(attachment.id)])
        }
    }
}

extension PostgresSession {
    /// Reads the same events again with their attachments, on one state of the tables.
    func withAttachments(
        _ events: [LoggedEvent], in room: RoomID
    ) throws(PostgresFailure) -> [LoggedEvent] {
        guard let first = events.first, let last = events.last else { return events }
        let before = SequenceNumber(rawValue: first.seq.rawValue - 1)
        return try read { session throws(PostgresFailure) in
            try session.connection.ask(
                .events, [.room(room), .seq(before), .number(events.count)])
            try session.connection.ask(
                .attachments, [.room(room), .seq(first.seq), .seq(last.seq)])
            let results = try session.connection.answers()
            guard let rows = results.first, let attachments = results.last else { return events }
            return rows.all { $0.loggedEvent() }.compactMap(\.self).adding(attachments.attachments)
        }
    }

    /// Adds the files of what a search has found, inside the search's transaction.
    func withAttachments(_ page: SearchPage) throws(PostgresFailure) -> SearchPage {
        if page.hits.isEmpty { return page }
        let found = try connection.fetch(
            .hitAttachments,
            [
                .ints(page.hits.map { Int64(bitPattern: $0.room.rawValue) }),
                .ints(page.hits.map { Int64(clamping: $0.seq.rawValue) }),
            ])
        var page = page
        for row in found.all({ $0 }) {
            let index = Int(row.int(10)) - 1
            guard page.hits.indices.contains(index) else { continue }
            page.hits[index].attachments.append(row.attachment())
        }
        return page
    }

    func orphanedAttachments(limit: Int) throws(PostgresFailure) -> [String] {
        try fetch(.orphans, [.number(max(1, limit))]).all { $0.text(0) }
    }

    func forgetOrphanedAttachments(_ ids: [String]) throws(PostgresFailure) {
        try connection.send(.forgetOrphans, [.texts(ids)])
    }
}

extension PostgresResult {
    /// The attachments of all rows, with the places of their messages.
    var attachments: [(SequenceNumber, MessageAttachment)] {
        all { ($0.seq(0), $0.attachment()) }
    }
}

extension PostgresRow {
    /// Whether the event of this row is a message with files.
    var hasAttachments: Bool { int(5) == StoredEventKind.message.rawValue && !isNull(9) }

    /// The attachment of this row; its message's place is column 0.
    func attachment() -> MessageAttachment {
        MessageAttachment(
            id: text(1), name: text(2), byteCount: int(3), mediaType: text(4), sha256: text(5),
            width: optionalInt(6).map { Int($0) }, height: optionalInt(7).map { Int($0) },
            durationMilliseconds: optionalInt(8).map { Int($0) }, preview: text(9))
    }
}
