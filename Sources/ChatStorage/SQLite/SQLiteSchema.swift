// SPDX-License-Identifier: MIT

/// The tables, as numbered steps.
///
/// A step that was ever released is never changed: add the next one.
///
/// Identities are 64-bit numbers without sign, kept as the signed number of the same bits.
enum SQLiteSchema {
    /// Step n brings a file from version n - 1 to version n.
    static let migrations = [
        version1, version2, version3, version4, version5, version6, version7, version8,
        version9, version10, version11,
    ]

    /// The version that this code reads and writes.
    static var version: Int64 { Int64(migrations.count) }

    /// The version since which ``NameKey`` folds names as it does now.
    static let foldingVersion = 9

    /// Written into the file's header, so that `file` and other programs can tell whose it is:
    /// "ChEn".
    static let applicationID = 0x4368_456e

    /// All rows of the hot path go to the end of `events`; the only index of that table is the one
    /// that makes places unique.
    ///
    /// What changes later (edits, pins, reactions) has small tables of its own, which hold nothing
    /// of a message that stayed as it was posted.
    private static let version1 = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            token TEXT NOT NULL,
            is_name_kept INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX users_by_token ON users(token) WHERE token <> '';

        CREATE TABLE rooms (
            id INTEGER PRIMARY KEY,
            head INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            member_count INTEGER NOT NULL,
            is_private INTEGER NOT NULL,
            maximum_members INTEGER NOT NULL,
            slow_mode_seconds INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            description TEXT NOT NULL
        ) STRICT;
        CREATE INDEX rooms_by_age ON rooms(created_at);

        CREATE TABLE members (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            role INTEGER NOT NULL,
            joined_at INTEGER NOT NULL,
            joined_after INTEGER NOT NULL,
            delivered INTEGER NOT NULL,
            read INTEGER NOT NULL,
            PRIMARY KEY (room, user)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_by_user ON members(user);

        -- kind: see StoredEventKind. target: the reply's target, or what is edited, deleted, pinned ...
        -- subject: the user of a membership event. detail: role or reason.
        -- text: of messages and edits (NULL when redacted); the emoji of reactions.
        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            target INTEGER,
            subject INTEGER,
            detail INTEGER,
            client_id TEXT,
            text TEXT
        ) STRICT;
        CREATE UNIQUE INDEX events_by_place ON events(room, seq);

        CREATE TABLE room_changes (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            name TEXT,
            description TEXT,
            is_private INTEGER,
            maximum_members INTEGER,
            slow_mode_seconds INTEGER,
            PRIMARY KEY (room, seq)
        ) STRICT, WITHOUT ROWID;

        -- Client ids: of one room and sender side by side, so that their page is likely in memory.
        CREATE TABLE client_ids (
            room INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            client_id TEXT NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL,
            PRIMARY KEY (room, sender, client_id)
        ) STRICT, WITHOUT ROWID;

        -- The state of edited or pinned messages.
        CREATE TABLE message_states (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            edited_at INTEGER,
            is_pinned INTEGER NOT NULL,
            text TEXT,
            PRIMARY KEY (room, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX pinned_messages ON message_states(room, seq) WHERE is_pinned = 1;

        CREATE TABLE edits (
            room INTEGER NOT NULL,
            target INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (room, target, seq)
        ) STRICT, WITHOUT ROWID;

        -- since: the event that put the first of this emoji there; orders the emoji.
        CREATE TABLE reactions (
            room INTEGER NOT NULL,
            target INTEGER NOT NULL,
            emoji TEXT NOT NULL,
            user INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (room, target, emoji, user)
        ) STRICT, WITHOUT ROWID;
        """

    /// The index of search: see `SQLiteIndexer`.
    ///
    /// Its rows have the position of the message's event. What is a word was decided before: the
    /// words come folded, with blanks between them, and this tokenizer takes them as they are.
    private static let version2 = """
        CREATE VIRTUAL TABLE search_index USING fts5(
            words, keys, tokenize = 'ascii', columnsize = 0
        );

        -- position: of the last event that the index knows.
        CREATE TABLE search_state (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            position INTEGER NOT NULL
        ) STRICT;
        INSERT INTO search_state VALUES (1, 0);
        """

    /// A room's head is the last place in `events_by_place`, and its last time that event's: written
    /// with each batch for each room, both cost more than they saved.
    private static let version3 = """
        ALTER TABLE rooms DROP COLUMN head;
        ALTER TABLE rooms DROP COLUMN last_at;
        """

    /// Bans, mutes, invitations, profiles and attachments. Those of the first three that are over stay until the next one of their room comes.
    ///
    /// seq: of the ban's event; it orders the bans of a room. until: in milliseconds; the largest
    /// number for never.
    private static let version4 = """
        CREATE TABLE bans (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            until INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            at INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (room, user)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE mutes (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            until INTEGER NOT NULL,
            PRIMARY KEY (room, user)
        ) STRICT, WITHOUT ROWID;

        -- user: NULL for a link. uses_left: at least 1.
        CREATE TABLE invitations (
            code TEXT NOT NULL PRIMARY KEY,
            room INTEGER NOT NULL,
            user INTEGER,
            sender INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            uses_left INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX invitations_of_user ON invitations(user, room) WHERE user IS NOT NULL;
        CREATE INDEX invitations_of_room ON invitations(room);

        ALTER TABLE users ADD COLUMN display_name TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN status_text TEXT NOT NULL DEFAULT '';
        ALTER TABLE users ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;

        -- Files of messages; `detail` of a message's event is their number. place: 0, 1, 2 ...
        CREATE TABLE attachments (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            place INTEGER NOT NULL,
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            byte_count INTEGER NOT NULL,
            media_type TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            width INTEGER,
            height INTEGER,
            duration INTEGER,
            preview TEXT NOT NULL,
            PRIMARY KEY (room, seq, place)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attachments_by_id ON attachments(id);

        -- Files that no message has any more.
        CREATE TABLE orphaned_attachments (
            id TEXT NOT NULL PRIMARY KEY
        ) STRICT, WITHOUT ROWID;
        """

    /// How data ends: what retention has removed, and what is still to be swept and to be erased.
    ///
    /// A room's head is its last event, or `trimmed` if retention has removed all of them. `stage`:
    /// see `SQLiteWriter.erase`.
    private static let version5 = """
        ALTER TABLE rooms ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE rooms ADD COLUMN trimmed_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN is_erased INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE deleted_rooms (room INTEGER PRIMARY KEY) STRICT;

        CREATE TABLE erasures (
            user INTEGER PRIMARY KEY,
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            stage INTEGER NOT NULL
        ) STRICT;
        """

    /// What unread counts are computed from: see `SQLiteRoomList`.
    ///
    /// Both are small, and written seldom while messages are posted.
    private static let version6 = """
        CREATE INDEX uncounted_events ON events(room, seq) WHERE kind <> 0 OR text IS NULL;

        CREATE TABLE authors (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            block INTEGER NOT NULL,
            PRIMARY KEY (room, user, block)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO authors SELECT DISTINCT room, sender, seq / 256 FROM events WHERE kind = 0;
        """

    /// How long a room keeps its events; 0: as long as the server does.
    private static let version7 = """
        ALTER TABLE rooms ADD COLUMN retention_days INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE rooms ADD COLUMN retention_messages INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE room_changes ADD COLUMN retention_days INTEGER;
        ALTER TABLE room_changes ADD COLUMN retention_messages INTEGER;
        """

    /// Passwords and audit logs of rooms, and who blocks whom. action: see `AuditAction`.
    private static let version8 = """
        CREATE TABLE room_passwords (
            room INTEGER PRIMARY KEY,
            hash TEXT NOT NULL
        ) STRICT;

        CREATE TABLE audit (
            room INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            actor INTEGER NOT NULL,
            action INTEGER NOT NULL,
            subject INTEGER,
            value INTEGER,
            text TEXT NOT NULL,
            PRIMARY KEY (room, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE blocks (
            user INTEGER NOT NULL,
            blocked INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (user, blocked)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blocks_by_blocked ON blocks(blocked);
        """

    /// Accounts and their devices. The name of an account is its user's; keys and hashes are texts.
    private static let version9 = """
        CREATE TABLE accounts (
            user INTEGER PRIMARY KEY,
            email TEXT,
            email_key TEXT UNIQUE,
            password_hash TEXT NOT NULL,
            state INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            last_login_at INTEGER
        ) STRICT;

        CREATE TABLE devices (
            id INTEGER PRIMARY KEY,
            user INTEGER NOT NULL,
            client TEXT NOT NULL,
            family_hash TEXT NOT NULL,
            current_hash TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            rotated_at INTEGER NOT NULL,
            expires INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX devices_of_user ON devices(user);
        CREATE INDEX devices_by_expiry ON devices(expires);
        """

    /// When members read what: the events after `previous`, up to `seq`.
    private static let version10 = """
        CREATE TABLE read_times (
            room INTEGER NOT NULL,
            user INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            previous INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (room, user, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX read_times_by_age ON read_times(at);
        """
}
