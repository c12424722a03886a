// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresStatement {
    var ruleSQL: String {
        switch self {
        case .deletions: "SELECT deletions FROM append_guard"
        case .lockAppends: "LOCK TABLE append_guard IN ACCESS EXCLUSIVE MODE"
        case .countDeletion:
            "UPDATE append_guard SET deletions = deletions + 1 RETURNING deletions"
        case .lockRooms:
            // The locks are taken in the order of the rows: two servers cannot wait for each other.
            "SELECT 1 FROM rooms WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"
        case .lockedRooms:
            // Not in one statement: this one must see what was done before the locks were had.
            """
            SELECT \(Self.roomColumns), coalesce(
                    (SELECT e.at FROM events e WHERE e.room = r.id ORDER BY e.seq DESC LIMIT 1),
                    r.last_at),
                r.has_mutes
            FROM rooms r WHERE r.id = ANY($1::bigint[])
            """
        case .clientIDs:
            """
            SELECT k.n, c.seq, c.at, c.fingerprint
            FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
                WITH ORDINALITY AS k(room, sender, client_id, n)
            JOIN client_ids c ON c.room = k.room AND c.sender = k.sender
                AND c.client_id = k.client_id
            """
        case .isStored:
            // A text that was deleted meanwhile is gone; of an erased user, the client id as well.
            """
            SELECT 1 FROM events WHERE room = $1 AND seq = $2 AND at = $3 AND sender = $4
                AND kind = $5::bigint AND (text IS NULL OR text IS NOT DISTINCT FROM $7)
                AND (client_id IS NOT DISTINCT FROM $6 OR (client_id IS NULL AND text IS NULL))
            """
        case .message:
            """
            SELECT e.sender, e.text IS NULL, coalesce(s.is_pinned, false) FROM events e
            LEFT JOIN message_states s ON s.room = e.room AND s.seq = e.seq
            WHERE e.room = $1 AND e.seq = $2 AND e.kind = 0
            """
        case .reactionFacts:
            """
            SELECT count(DISTINCT emoji), count(*) FILTER (WHERE emoji = $3),
                count(*) FILTER (WHERE emoji = $3 AND user_id = $4)
            FROM reactions WHERE room = $1 AND target = $2
            """
        case .pinCount: "SELECT count(*) FROM message_states WHERE room = $1 AND is_pinned"
        case .role: "SELECT role FROM members WHERE room = $1 AND user_id = $2"
        default: "SELECT 1 FROM rooms WHERE name_key = $1"
        }
    }

    var logSQL: String {
        switch self {
        case .insertEvents:
            """
            INSERT INTO events
                (room, seq, at, sender, kind, target, subject, detail, client_id, text)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],
                $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[])
            """
        case .insertMessages:
            // Divides by zero if a room was deleted since, or the guard is gone. To read the guard keeps rooms
            // from being deleted until the commit; its lock comes before the statement's look at the tables.
            """
            INSERT INTO events (room, seq, at, sender, kind, client_id, text)
            SELECT t.room, t.seq, t.at, t.sender, 0, t.client_id, t.text
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[],
                $6::bytea[]) AS t(room, seq, at, sender, client_id, text)
            WHERE 1 / coalesce((SELECT (deletions = $7)::int FROM append_guard), 0) = 1
            """
        case .insertClientIDs:
            """
            INSERT INTO client_ids (room, sender, client_id, seq, at, fingerprint)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[],
                $5::bigint[], $6::bigint[])
            """
        case .insertAuthors:
            """
            INSERT INTO authors (room, user_id, block)
            SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) ON CONFLICT DO NOTHING
            """
        case .insertRoomChanges:
            """
            INSERT INTO room_changes
                (room, seq, name, description, is_private, maximum_members, slow_mode_seconds,
                retention_days, retention_messages)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """
        case .updateMemberCounts:
            """
            UPDATE rooms r SET member_count = t.member_count
            FROM unnest($1::bigint[], $2::bigint[]) AS t(id, member_count) WHERE r.id = t.id
            """
        default:
            """
            UPDATE rooms SET name = $2, name_key = $3, description = $4, is_private = $5,
                maximum_members = $6, slow_mode_seconds = $7, retention_days = $8,
                retention_messages = $9 WHERE id = $1
            """
        }
    }

    var messageSQL: String {
        switch self {
        case .editMessage:
            """
            INSERT INTO message_states (room, seq, edited_at, is_pinned, text)
            VALUES ($1, $2, $3, false, $4)
            ON CONFLICT (room, seq) DO UPDATE SET edited_at = $3, text = $4
            """
        case .insertEdit: "INSERT INTO edits (room, target, seq) VALUES ($1, $2, $3)"
        case .redactEvents:
            """
            UPDATE events SET text = NULL, detail = NULL WHERE room = $1 AND seq IN
                (SELECT $2::bigint UNION ALL SELECT seq FROM edits WHERE room = $1 AND target = $2)
            """
        case .deleteState: "DELETE FROM message_states WHERE room = $1 AND seq = $2"
        case .deleteEdits: "DELETE FROM edits WHERE room = $1 AND target = $2"
        case .deleteReactions: "DELETE FROM reactions WHERE room = $1 AND target = $2"
        case .insertReaction:
            """
            INSERT INTO reactions (room, target, emoji, user_id, seq, since)
            VALUES ($1, $2, $3, $4, $5, coalesce(
                (SELECT min(since) FROM reactions
                 WHERE room = $1 AND target = $2 AND emoji = $3), $5))
            """
        case .deleteReaction:
            """
            DELETE FROM reactions
            WHERE room = $1 AND target = $2 AND emoji = $3 AND user_id = $4
            """
        default:
            """
            INSERT INTO message_states (room, seq, is_pinned) VALUES ($1, $2, $3)
            ON CONFLICT (room, seq) DO UPDATE SET is_pinned = $3
            """
        }
    }

    var recordSQL: String {
        switch self {
        case .setRole: "UPDATE members SET role = $3::bigint WHERE room = $1 AND user_id = $2"
        case .demoteOwner:
            "UPDATE members SET role = \(Role.admin.rawValue) WHERE room = $1"
                + " AND role = \(Role.owner.rawValue)"
        case .insertRoom:
            """
            INSERT INTO rooms (id, last_at, member_count, is_private, maximum_members,
                slow_mode_seconds, created_at, name, name_key, description, retention_days,
                retention_messages)
            VALUES ($1, $2, 0, $3, $4, $5, $2, $6, $7, $8, $9, $10)
            ON CONFLICT DO NOTHING RETURNING id
            """
        case .deleteRoom: "DELETE FROM rooms WHERE id = $1 RETURNING id"
        case .insertUser:
            """
            INSERT INTO users (id, name, token, is_name_kept, name_key, display_name, avatar,
                status_text, created_at, hides_last_seen, last_seen)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING RETURNING id
            """
        case .findUser:
            // The holder of the name comes first; the id may be another name's.
            """
            SELECT \(Self.userColumns) FROM users
            WHERE name_key = $1 OR id = $2 ORDER BY name_key = $1 DESC LIMIT 1
            """
        case .updateUser:
            "UPDATE users SET token = $2, is_name_kept = $3 WHERE id = $1 AND NOT is_erased"
        default:
            """
            DELETE FROM client_ids WHERE ctid = ANY(ARRAY(
                SELECT ctid FROM client_ids WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING 1
            """
        }
    }
}
