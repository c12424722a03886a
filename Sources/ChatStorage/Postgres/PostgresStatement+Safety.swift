// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresStatement {
    private static let isLink = "i.room = $1 AND i.user_id IS NULL AND i.expires > $2"

    var safetySQL: String {
        switch self {
        case .links:
            """
            SELECT i.code, i.room, i.user_id, i.sender, i.created_at, i.expires, i.uses_left, u.name
            FROM invitations i LEFT JOIN users u ON u.id = i.sender WHERE \(Self.isLink)
            ORDER BY i.created_at DESC, i.code LIMIT $3 OFFSET $4
            """
        case .linkCount: "SELECT count(*) FROM invitations i WHERE \(Self.isLink)"
        case .setPassword:
            """
            INSERT INTO room_passwords (room, hash) VALUES ($1, $2)
            ON CONFLICT (room) DO UPDATE SET hash = $2
            """
        case .removePassword: "DELETE FROM room_passwords WHERE room = $1"
        case .password: "SELECT hash FROM room_passwords WHERE room = $1"
        case .insertAudit:
            // The room's lock keeps two from taking the same number.
            """
            INSERT INTO audit (room, number, at, actor, action, subject, value, text)
            VALUES ($1, coalesce((SELECT max(number) FROM audit WHERE room = $1), 0) + 1,
                $2, $3, $4, $5, $6, $7)
            """
        case .trimAudit:
            """
            DELETE FROM audit WHERE room = $1
                AND number <= (SELECT max(number) FROM audit WHERE room = $1) - $2
            """
        case .isAudited:
            "SELECT 1 FROM audit WHERE room = $1 AND actor = $2 AND at = $3 AND action = $4"
        case .audit:
            """
            SELECT a.number, a.at, a.actor, a.action, a.subject, a.value, a.text, u.name, s.name
            FROM audit a \(Self.joining("users", as: "u", where: "id = a.actor"))
            \(Self.joining("users", as: "s", where: "id = a.subject"))
            WHERE a.room = $1 AND a.number < $2 AND \(Self.exists)
            ORDER BY a.number DESC LIMIT $3
            """
        case .sweepAudit: Self.sweep("audit")
        case .eraseAudit:
            """
            UPDATE audit SET text = '' WHERE room = $1 AND (actor = $2 OR subject = $2)
                AND action = \(AuditAction.ban.rawValue) AND text <> ''
            """
        case .blockCount:
            "SELECT count(*), count(*) FILTER (WHERE blocked = $2) FROM blocks WHERE user_id = $1"
        case .insertBlock:
            """
            INSERT INTO blocks (user_id, blocked, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
            """
        case .deleteBlock: "DELETE FROM blocks WHERE user_id = $1 AND blocked = $2 RETURNING 1"
        case .blocks:
            """
            SELECT b.blocked, u.name, b.at FROM blocks b LEFT JOIN users u ON u.id = b.blocked
            WHERE b.user_id = $1
            ORDER BY b.at DESC, (b.blocked < 0) DESC, b.blocked DESC LIMIT $2 OFFSET $3
            """
        case .eraseBlocks: "DELETE FROM blocks WHERE user_id = $1 OR blocked = $1"
        default:
            """
            SELECT user_id FROM blocks WHERE user_id = $1 AND blocked = $2
            UNION ALL SELECT user_id FROM blocks WHERE user_id = $2 AND blocked = $1
            """
        }
    }
}
