// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresStatement {
    /// Removes some rows of a table; they are named by their places, because no statement to delete takes a limit.
    private static func some(_ table: String, _ condition: String, limit: String) -> String {
        """
        DELETE FROM \(table) WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM \(table) WHERE \(condition) LIMIT \(limit)))
        RETURNING 1
        """
    }

    static func sweep(_ table: String) -> String {
        some(table, "room = $1", limit: "$2")
    }

    /// What a user wrote, and what others gave as the reason of a ban of theirs.
    private static let own =
        "(sender = $4 OR (subject = $4 AND kind = \(StoredEventKind.ban.rawValue)))"

    var trimSQL: String {
        switch self {
        case .roomsFrom:
            "SELECT \(Self.roomColumns) FROM rooms r WHERE r.id >= $1 ORDER BY r.id LIMIT $2"
        case .userNamed: "SELECT \(Self.userColumns) FROM users WHERE name_key = $1"
        case .eventTime: "SELECT at FROM events WHERE room = $1 AND seq = $2"
        case .newestMessage:
            """
            SELECT seq FROM events WHERE room = $1 AND kind = 0
            ORDER BY seq DESC LIMIT 1 OFFSET $2
            """
        case .trimReactions: Self.some("reactions", "room = $1 AND target <= $2", limit: "$3")
        case .trimStates: "DELETE FROM message_states WHERE room = $1 AND seq <= $2"
        case .trimEdits: "DELETE FROM edits WHERE room = $1 AND target <= $2"
        case .trimChanges: "DELETE FROM room_changes WHERE room = $1 AND seq <= $2"
        case .trimAttachments:
            """
            WITH gone AS (DELETE FROM attachments WHERE room = $1 AND seq <= $2 RETURNING id)
            INSERT INTO orphaned_attachments
            SELECT g.id FROM gone g WHERE NOT EXISTS (
                SELECT 1 FROM attachments b WHERE b.id = g.id AND NOT (b.room = $1 AND b.seq <= $2))
            ON CONFLICT DO NOTHING
            """
        case .trimEvents: "DELETE FROM events WHERE room = $1 AND seq <= $2"
        case .trimSearchIndex: "DELETE FROM search_index WHERE room = $1 AND seq <= $2"
        case .trimSearchRoom: "UPDATE search_rooms SET seq = $2 WHERE room = $1 AND seq < $2"
        case .trimAuthors:
            // Only whole blocks: in the block of the edge somebody may have posted after it.
            "DELETE FROM authors WHERE room = $1 AND block < ($2::bigint + 1) / \(PostgresAuthors.blockEvents)"
        default:
            """
            UPDATE rooms SET trimmed = $2, last_at = coalesce(
                (SELECT at FROM events WHERE room = $1 AND seq = $2), last_at) WHERE id = $1
            """
        }
    }

    var sweepSQL: String {
        switch self {
        case .bury: "INSERT INTO deleted_rooms VALUES ($1) ON CONFLICT DO NOTHING"
        case .isBuried: "SELECT room FROM deleted_rooms WHERE room = $1 FOR UPDATE"
        // What another server sweeps right now is left to it.
        case .buried: "SELECT room FROM deleted_rooms ORDER BY room LIMIT 1 FOR UPDATE SKIP LOCKED"
        case .exhume: "DELETE FROM deleted_rooms WHERE room = $1"
        case .sweepEvents: Self.sweep("events")
        case .sweepStates: Self.sweep("message_states")
        case .sweepEdits: Self.sweep("edits")
        case .sweepReactions: Self.sweep("reactions")
        case .sweepChanges: Self.sweep("room_changes")
        case .sweepMembers: Self.sweep("members")
        case .sweepClientIDs: Self.sweep("client_ids")
        case .sweepBans: Self.sweep("bans")
        case .sweepMutes: Self.sweep("mutes")
        case .sweepSearchIndex: Self.sweep("search_index")
        case .sweepAuthors: Self.sweep("authors")
        case .sweepReadTimes: Self.sweep("read_times")
        case .sweepAttachments:
            """
            WITH gone AS (
                DELETE FROM attachments WHERE ctid = ANY(ARRAY(
                    SELECT ctid FROM attachments WHERE room = $1 LIMIT $2))
                RETURNING id),
            orphaned AS (
                INSERT INTO orphaned_attachments
                SELECT g.id FROM gone g WHERE NOT EXISTS (
                    SELECT 1 FROM attachments b WHERE b.id = g.id AND b.room <> $1)
                ON CONFLICT DO NOTHING)
            SELECT 1 FROM gone
            """
        case .tableSizes:
            """
            SELECT convert_to(c.relname::text, 'UTF8'), pg_total_relation_size(c.oid),
                coalesce(pg_stat_get_dead_tuples(c.oid), 0),
                coalesce(pg_stat_get_live_tuples(c.oid), 0)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY 2 DESC, 1
            """
        default:
            """
            SELECT (SELECT count(*) FROM deleted_rooms) + (SELECT count(*) FROM erasures),
                (SELECT setting = 'on' FROM pg_settings WHERE name = 'autovacuum')
            """
        }
    }

    var erasureSQL: String {
        switch self {
        case .eraseUser:
            """
            UPDATE users SET name = $2, name_key = $3, token = '', is_name_kept = true,
                is_erased = true, display_name = '', avatar = '', status_text = '',
                created_at = 0, last_seen = NULL, hides_last_seen = false
            WHERE id = $1 RETURNING 1
            """
        case .noteErasure:
            """
            INSERT INTO erasures VALUES ($1, $2, $3)
            ON CONFLICT (user_id) DO UPDATE SET room = $2, seq = $3
            """
        case .nextErasure:
            """
            SELECT user_id, room, seq FROM erasures
            ORDER BY user_id LIMIT 1 FOR UPDATE
            """
        case .pendingErasures: "SELECT user_id FROM erasures ORDER BY user_id LIMIT $1"
        case .endErasure: "DELETE FROM erasures WHERE user_id = $1"
        case .nextRoom:
            "SELECT r.id, r.trimmed, \(Self.head) FROM rooms r WHERE r.id >= $1 ORDER BY r.id LIMIT 1"
        case .ownEvents:
            """
            SELECT seq, kind, target, text, client_id, sender = $4 FROM events
            WHERE room = $1 AND seq > $2 AND seq <= $3 AND \(Self.own)
            """
        case .eraseEvents:
            """
            UPDATE events SET text = NULL,
                client_id = CASE WHEN sender = $4 THEN NULL ELSE client_id END
            WHERE room = $1 AND seq > $2 AND seq <= $3 AND \(Self.own)
            """
        case .ownSanctions:
            """
            SELECT 1 FROM bans WHERE room = $1 AND (user_id = $2 OR sender = $2) AND reason <> ''
            UNION ALL SELECT 1 FROM audit
            WHERE room = $1 AND (actor = $2 OR subject = $2) AND text <> ''
            UNION ALL SELECT 1 FROM mutes WHERE room = $1 AND user_id = $2
            UNION ALL SELECT 1 FROM invitations
            WHERE room = $1 AND (user_id = $2 OR sender = $2) LIMIT 1
            """
        case .eraseBans:
            """
            UPDATE bans SET reason = ''
            WHERE room = $1 AND (user_id = $2 OR sender = $2) AND reason <> ''
            """
        case .eraseMutes: "DELETE FROM mutes WHERE room = $1 AND user_id = $2"
        case .eraseAuthors:
            // Up to the place `$3` nothing of theirs is left to count.
            """
            DELETE FROM authors WHERE room = $1 AND user_id = $2
                AND block < ($3::bigint + 1) / \(PostgresAuthors.blockEvents)
            """
        case .eraseInvitations:
            "DELETE FROM invitations WHERE room = $1 AND (user_id = $2 OR sender = $2)"
        default: "DELETE FROM client_ids WHERE room = $1 AND sender = $2 AND client_id = $3"
        }
    }
}
