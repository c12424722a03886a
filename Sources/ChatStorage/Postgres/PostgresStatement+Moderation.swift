// SPDX-License-Identifier: MIT

extension PostgresStatement {
    var moderationSQL: String {
        switch self {
        case .ban: "SELECT until, reason FROM bans WHERE room = $1 AND user_id = $2"
        case .banCount:
            "SELECT count(*) FROM bans WHERE room = $1 AND until > $2 AND \(Self.exists)"
        case .insertBan:
            """
            INSERT INTO bans (room, user_id, until, seq, at, sender, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (room, user_id) DO UPDATE
            SET until = $3, seq = $4, at = $5, sender = $6, reason = $7
            """
        case .deleteBan: "DELETE FROM bans WHERE room = $1 AND user_id = $2"
        case .deletePastBans: "DELETE FROM bans WHERE room = $1 AND until <= $2"
        case .mutes: "SELECT user_id, until FROM mutes WHERE room = $1"
        case .muteCount: "SELECT count(*) FROM mutes WHERE room = $1 AND until > $2"
        case .insertMute:
            """
            INSERT INTO mutes (room, user_id, until) VALUES ($1, $2, $3)
            ON CONFLICT (room, user_id) DO UPDATE SET until = $3
            """
        case .deleteMute: "DELETE FROM mutes WHERE room = $1 AND user_id = $2"
        case .deletePastMutes: "DELETE FROM mutes WHERE room = $1 AND until <= $2"
        case .absentMutes:
            """
            SELECT t.user_id, t.until FROM mutes t WHERE t.room = $1 AND NOT EXISTS
                (SELECT 1 FROM members m WHERE m.room = t.room AND m.user_id = t.user_id)
            """
        case .setHasMutes: "UPDATE rooms SET has_mutes = $2 WHERE id = $1"
        default:
            """
            SELECT b.user_id, u.name, b.until, b.reason, b.at, b.sender, s.name FROM bans b
            LEFT JOIN users u ON u.id = b.user_id LEFT JOIN users s ON s.id = b.sender
            WHERE b.room = $1 AND b.until > $2 AND \(Self.exists)
            ORDER BY b.seq DESC LIMIT $3 OFFSET $4
            """
        }
    }
}
