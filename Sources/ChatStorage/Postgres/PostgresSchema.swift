// SPDX-License-Identifier: MIT

/// The tables, as numbered steps.
///
/// A step that was ever released is never changed: add the next one.
///
/// Identities are 64-bit numbers without sign, kept as the signed number of the same bits. Texts
/// are `bytea` in UTF-8 (`convert_from(text, 'UTF8')` shows them): they may hold NUL, and their
/// indexes do not depend on a locale, which an update of the system's libraries can change.
enum PostgresSchema {
    /// Step n brings a schema from version n - 1 to version n.
    static let migrations = [
        version1, version2, version3, version4, version5, version6, version7,
        version8, version9, version10, version11,
    ]

    /// The version that this code reads and writes.
    static var version: Int64 { Int64(migrations.count) }

    /// The version since which ``NameKey`` folds names as it does now.
    static let foldingVersion: Int64 = 9

    /// What the schema is locked under while it is brought up to date: "ChatEngi".
    static let lock: Int64 = 0x4368_6174_456e_6769

    /// Rows of the hot path are only added to `events` and `client_ids`; the rows that change
    /// often (`rooms`, `members`) leave space in their pages, so that no index changes.
    ///
    /// `client_ids` stands in the order of time: a block range index finds the old ones at no cost
    /// to the new ones.
    private static let version1 = """
        CREATE TABLE users (
            id bigint PRIMARY KEY,
            name bytea NOT NULL,
            name_key bytea NOT NULL UNIQUE,
            token bytea NOT NULL,
            is_name_kept boolean NOT NULL
        );
        CREATE UNIQUE INDEX users_by_token ON users(token) WHERE token <> '';

        CREATE TABLE rooms (
            id bigint PRIMARY KEY,
            head bigint NOT NULL,
            last_at bigint NOT NULL,
            member_count bigint NOT NULL,
            is_private boolean NOT NULL,
            maximum_members bigint NOT NULL,
            slow_mode_seconds bigint NOT NULL,
            created_at bigint NOT NULL,
            name bytea NOT NULL,
            name_key bytea NOT NULL UNIQUE,
            description bytea NOT NULL
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX rooms_by_age ON rooms(created_at);

        CREATE TABLE members (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            role smallint NOT NULL,
            joined_at bigint NOT NULL,
            joined_after bigint NOT NULL,
            delivered bigint NOT NULL,
            read bigint NOT NULL,
            PRIMARY KEY (room, user_id)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX members_by_user ON members(user_id);

        -- kind: see StoredEventKind. target: the reply's target, or what is edited, deleted ...
        -- subject: the user of a membership event. detail: role or reason.
        -- text: of messages and edits (NULL when redacted); the emoji of reactions.
        CREATE TABLE events (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            sender bigint NOT NULL,
            target bigint,
            subject bigint,
            kind smallint NOT NULL,
            detail smallint,
            client_id bytea,
            text bytea,
            PRIMARY KEY (room, seq)
        );

        CREATE TABLE room_changes (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            name bytea,
            description bytea,
            is_private boolean,
            maximum_members bigint,
            slow_mode_seconds bigint,
            PRIMARY KEY (room, seq)
        );

        CREATE TABLE client_ids (
            room bigint NOT NULL,
            sender bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            fingerprint bigint NOT NULL,
            client_id bytea NOT NULL,
            PRIMARY KEY (room, sender, client_id)
        );
        CREATE INDEX client_ids_by_age ON client_ids USING brin(at) WITH (pages_per_range = 16);

        -- The state of edited or pinned messages.
        CREATE TABLE message_states (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            edited_at bigint,
            is_pinned boolean NOT NULL,
            text bytea,
            PRIMARY KEY (room, seq)
        );
        CREATE INDEX pinned_messages ON message_states(room, seq) WHERE is_pinned;

        CREATE TABLE edits (
            room bigint NOT NULL,
            target bigint NOT NULL,
            seq bigint NOT NULL,
            PRIMARY KEY (room, target, seq)
        );

        -- since: the event that put the first of this emoji there; orders the emoji.
        CREATE TABLE reactions (
            room bigint NOT NULL,
            target bigint NOT NULL,
            user_id bigint NOT NULL,
            seq bigint NOT NULL,
            since bigint NOT NULL,
            emoji bytea NOT NULL,
            PRIMARY KEY (room, target, emoji, user_id)
        );
        """

    /// Bans, mutes, invitations, profiles and attachments. Those of the first three that are over stay until the next one of their room comes.
    ///
    /// seq: of the ban's event; it orders the bans of a room. until: in milliseconds; the largest
    /// number for never. `has_mutes` is read with the room's lock: a room without costs no look-up.
    private static let version2 = """
        ALTER TABLE rooms ADD COLUMN has_mutes boolean NOT NULL DEFAULT false;

        CREATE TABLE bans (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            until bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            sender bigint NOT NULL,
            reason bytea NOT NULL,
            PRIMARY KEY (room, user_id)
        );

        CREATE TABLE mutes (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            until bigint NOT NULL,
            PRIMARY KEY (room, user_id)
        );

        -- user_id: NULL for a link. uses_left: at least 1.
        CREATE TABLE invitations (
            code bytea PRIMARY KEY,
            room bigint NOT NULL,
            user_id bigint,
            sender bigint NOT NULL,
            created_at bigint NOT NULL,
            expires bigint NOT NULL,
            uses_left bigint NOT NULL
        );
        CREATE UNIQUE INDEX invitations_of_user ON invitations(user_id, room)
            WHERE user_id IS NOT NULL;
        CREATE INDEX invitations_of_room ON invitations(room);

        ALTER TABLE users ADD COLUMN display_name bytea NOT NULL DEFAULT '',
            ADD COLUMN avatar bytea NOT NULL DEFAULT '',
            ADD COLUMN status_text bytea NOT NULL DEFAULT '',
            ADD COLUMN created_at bigint NOT NULL DEFAULT 0;

        -- Files of messages; `detail` of a message's event is their number. place: 0, 1, 2 ...
        CREATE TABLE attachments (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            place bigint NOT NULL,
            id bytea NOT NULL,
            name bytea NOT NULL,
            byte_count bigint NOT NULL,
            media_type bytea NOT NULL,
            sha256 bytea NOT NULL,
            width bigint,
            height bigint,
            duration bigint,
            preview bytea NOT NULL,
            PRIMARY KEY (room, seq, place)
        );
        CREATE INDEX attachments_by_id ON attachments(id);

        -- Files that no message has any more.
        CREATE TABLE orphaned_attachments (id bytea PRIMARY KEY);
        """

    /// How data ends: what retention has removed, and what is still to be swept and to be erased.
    ///
    /// Retention removes old rows all the time: the large tables are cleaned up after a fiftieth of
    /// them is dead, not after a fifth, so that the space is used again soon.
    private static let version3 = """
        ALTER TABLE rooms ADD COLUMN trimmed bigint NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN is_erased boolean NOT NULL DEFAULT false;

        CREATE TABLE deleted_rooms (room bigint PRIMARY KEY);

        CREATE TABLE erasures (
            user_id bigint PRIMARY KEY,
            room bigint NOT NULL,
            seq bigint NOT NULL
        );

        ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02);
        ALTER TABLE client_ids SET (autovacuum_vacuum_scale_factor = 0.02);
        """

    /// The index of search: see `PostgresIndexer`.
    ///
    /// `search_rooms` says up to which place the index knows a room's log.
    private static let version4 = """
        CREATE TABLE search_rooms (
            room bigint PRIMARY KEY,
            seq bigint NOT NULL
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
        INSERT INTO search_rooms SELECT id, trimmed FROM rooms;

        CREATE TABLE search_index (
            room bigint NOT NULL,
            seq bigint NOT NULL,
            at bigint NOT NULL,
            words tsvector NOT NULL,
            PRIMARY KEY (room, seq)
        );
        CREATE INDEX search_by_words ON search_index USING gin(words);
        CREATE INDEX search_by_time ON search_index(at, room, seq);
        """

    /// What unread counts are computed from: see `PostgresStatement+RoomList.swift`.
    ///
    /// Both are small, and written seldom while messages are posted.
    private static let version5 = """
        CREATE INDEX uncounted_events ON events(room, seq) WHERE kind <> 0 OR text IS NULL;

        CREATE TABLE authors (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            block bigint NOT NULL,
            PRIMARY KEY (room, user_id, block)
        );
        INSERT INTO authors SELECT DISTINCT room, sender, seq / 256 FROM events WHERE kind = 0;
        """

    /// A room's head is its last event, or `trimmed`; its last time that event's, or `last_at`: written
    /// with each batch for each room, both cost more than they saved.
    ///
    /// One row: how many rooms were ever deleted. Whoever appends reads it, and so has a lock that
    /// whoever deletes a room waits for: see `PostgresKnownAppend`.
    private static let version6 = """
        ALTER TABLE rooms DROP COLUMN head;

        CREATE TABLE append_guard (deletions bigint NOT NULL);
        INSERT INTO append_guard VALUES (0);
        """

    /// How long a room keeps its events; 0: as long as the server does.
    ///
    /// Every message adds to the index of search and retention takes from it: cleaning it up often keeps GIN's list
    /// of what is not sorted in yet short, which every search reads, and its space in use.
    private static let version7 = """
        ALTER TABLE rooms ADD COLUMN retention_days bigint NOT NULL DEFAULT 0,
            ADD COLUMN retention_messages bigint NOT NULL DEFAULT 0;
        ALTER TABLE room_changes ADD COLUMN retention_days bigint,
            ADD COLUMN retention_messages bigint;

        ALTER TABLE search_index SET (autovacuum_vacuum_scale_factor = 0.02,
            autovacuum_vacuum_insert_scale_factor = 0.05);
        """

    /// Passwords and audit logs of rooms, and who blocks whom. action: see `AuditAction`.
    private static let version8 = """
        CREATE TABLE room_passwords (
            room bigint PRIMARY KEY,
            hash bytea NOT NULL
        );

        CREATE TABLE audit (
            room bigint NOT NULL,
            number bigint NOT NULL,
            at bigint NOT NULL,
            actor bigint NOT NULL,
            action bigint NOT NULL,
            subject bigint,
            value bigint,
            text bytea NOT NULL,
            PRIMARY KEY (room, number)
        );

        CREATE TABLE blocks (
            user_id bigint NOT NULL,
            blocked bigint NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY (user_id, blocked)
        );
        CREATE INDEX blocks_by_blocked ON blocks(blocked);
        """

    /// Accounts and their devices. The name of an account is its user's.
    private static let version9 = """
        CREATE TABLE accounts (
            user_id bigint PRIMARY KEY,
            email bytea,
            email_key bytea UNIQUE,
            password_hash bytea NOT NULL,
            state bigint NOT NULL,
            created_at bigint NOT NULL,
            last_login_at bigint
        );

        CREATE TABLE devices (
            id bigint PRIMARY KEY,
            user_id bigint NOT NULL,
            client bytea NOT NULL,
            family_hash bytea NOT NULL,
            current_hash bytea NOT NULL,
            previous_hash bytea NOT NULL,
            created_at bigint NOT NULL,
            rotated_at bigint NOT NULL,
            expires bigint NOT NULL
        );
        CREATE INDEX devices_of_user ON devices(user_id);
        CREATE INDEX devices_by_expiry ON devices(expires);
        """

    /// When members read what: the events after `previous`, up to `seq`.
    private static let version10 = """
        CREATE TABLE read_times (
            room bigint NOT NULL,
            user_id bigint NOT NULL,
            seq bigint NOT NULL,
            previous bigint NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY (room, user_id, seq)
        );
        CREATE INDEX read_times_by_age ON read_times(at);

        ALTER TABLE read_times SET (autovacuum_vacuum_scale_factor = 0.02);
        """
}
