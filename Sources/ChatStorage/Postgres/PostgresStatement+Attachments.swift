// SPDX-License-Identifier: MIT

extension PostgresStatement {
    static let attachmentColumns = """
        a.seq, a.id, a.name, a.byte_count, a.media_type, a.sha256, a.width, a.height, \
        a.duration, a.preview
        """

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
        case .deleteAttachments: "DELETE FROM attachments WHERE room = $1 AND seq = $2"
        case .forgetOrphans: "DELETE FROM orphaned_attachments WHERE id = ANY($1::bytea[])"
        case .attachedFiles:
            "SELECT DISTINCT id FROM attachments WHERE id = ANY($1::bytea[]) AND room = $2"
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
