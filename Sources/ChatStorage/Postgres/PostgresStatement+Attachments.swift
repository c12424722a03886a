// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresStatement {
    static let attachmentColumns = """
        a.seq, a.id, a.name, a.byte_count, a.media_type, a.sha256, a.width, a.height, \
        a.duration, a.preview
        """

    /// Which files no message has any more is asked of all rooms, which nobody locks: whoever takes files away is alone
    /// in it, until the end of the transaction, and whoever posts files is alone with others who do.
    private static let filesLock = "1130914162, hashtext(current_schema())"

    /// Only where there are any: most messages have none, and wait for nobody.
    private static func lockFiles(_ rows: String) -> String {
        "SELECT pg_advisory_xact_lock(\(filesLock)) FROM (SELECT 1 \(rows) LIMIT 1) x"
    }

    /// The parameters of `lockFilesOf`.
    static func places(_ messages: [(RoomID, SequenceNumber)]) -> [PostgresValue] {
        [
            .ints(messages.map { Int64(bitPattern: $0.0.rawValue) }),
            .ints(messages.map { Int64(clamping: $0.1.rawValue) }),
        ]
    }

    var attachmentSQL: String {
        let columns = Self.attachmentColumns
        return switch self {
        case .insertAttachment:
            """
            INSERT INTO attachments (room, seq, place, id, name, byte_count, media_type, sha256,
                width, height, duration, preview)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """
        case .adoptAttachment: "DELETE FROM orphaned_attachments WHERE id = $1"
        case .orphanAttachments:
            """
            INSERT INTO orphaned_attachments
            SELECT a.id FROM attachments a WHERE a.room = $1 AND a.seq = $2 AND NOT EXISTS (
                SELECT 1 FROM attachments b WHERE b.id = a.id AND NOT (b.room = $1 AND b.seq = $2))
            ON CONFLICT DO NOTHING
            """
        case .shareFiles: "SELECT pg_advisory_xact_lock_shared(\(Self.filesLock))"
        case .lockFiles: "SELECT pg_advisory_xact_lock(\(Self.filesLock))"
        case .lockFilesOf:
            Self.lockFiles(
                """
                FROM unnest($1::bigint[], $2::bigint[]) AS t(room, seq)
                JOIN attachments a ON a.room = t.room AND a.seq = t.seq
                """)
        case .lockFilesUpTo: Self.lockFiles("FROM attachments WHERE room = $1 AND seq <= $2")
        case .deleteAttachments: "DELETE FROM attachments WHERE room = $1 AND seq = $2"
        case .forgetOrphans: "DELETE FROM orphaned_attachments WHERE id = ANY($1::bytea[])"
        case .attachments:
            """
            SELECT \(columns) FROM attachments a
            WHERE a.room = $1 AND a.seq BETWEEN $2 AND $3 ORDER BY a.seq, a.place
            """
        case .pinnedAttachments:
            """
            SELECT \(columns) FROM message_states s
            JOIN attachments a ON a.room = s.room AND a.seq = s.seq
            WHERE s.room = $1 AND s.is_pinned ORDER BY s.seq, a.place
            """
        default: "SELECT id FROM orphaned_attachments ORDER BY id LIMIT $1"
        }
    }
}
