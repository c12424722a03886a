// SPDX-License-Identifier: MIT

import CPostgres
import CSQLite
import ChatCore

/// Rooms full of messages, written by the databases themselves: a log of millions in a minute.
///
/// Every tenth event is a reaction. The index of search is told that it knows everything, though without words it holds
/// nothing.
struct GeneratedLog {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let rooms: Int
    /// In each room, with the other events.
    let messages: Int
    /// Whether the texts are words, and in the index of search.
    var hasWords = false

    static let reader = UserID(rawValue: 1)
    static let authors = 20
    static let startMilliseconds: Int64 = 1_767_225_600_000

    /// Opens an empty store, makes users and rooms, and closes it.
    func makeRooms(_ store: some ChatStore) async throws {
        try await store.open()
        for number in 0...Self.authors {
            let id = UserID(rawValue: Self.reader.rawValue + UInt64(number))
            let user = UserRecord(id: id, name: "user \(number)", token: "", isNameKept: false)
            _ = try await store.addUser(user)
        }
        for number in 1...rooms {
            let room = RoomRecord(
                id: RoomID(rawValue: UInt64(number)), name: "room \(number)",
                createdAt: Timestamp(milliseconds: Self.startMilliseconds))
            _ = try await store.createRoom(room, owner: nil)
        }
        await store.close()
    }

    private func event(_ text: String) -> String {
        """
        SELECT 1 + i % \(rooms), 1 + i / \(rooms), \(Self.startMilliseconds) + i / \(rooms) * 1000,
            2 + i / \(rooms) % \(Self.authors), CASE WHEN i / \(rooms) % 10 = 9 THEN 3 ELSE 0 END,
            CASE WHEN i / \(rooms) % 10 = 9 THEN i / \(rooms) END, \(text)
        """
    }

    private static let members = """
        INSERT INTO members SELECT r.id, u.id, 1, 0, 0, 0, 0 FROM rooms r, users u;
        INSERT INTO authors SELECT DISTINCT room, sender, seq / 256 FROM events WHERE kind = 0;
        """

    func fillSQLite(file: String) throws {
        var handle: OpaquePointer?
        let code = sqlite3_open(file, &handle)
        defer { sqlite3_close_v2(handle) }
        guard code == SQLITE_OK else { throw Failure(description: "\(file): \(code)") }
        let sql = """
            PRAGMA synchronous = OFF;
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
                WHERE i < \(rooms * messages - 1))
            INSERT INTO events (room, seq, at, sender, kind, target, text)
            \(event(hasWords ? GeneratedWords.text : "hex(zeroblob(60)) || i")) FROM n;
            \(Self.members)
            \(hasWords ? GeneratedWords.indexSQLite : "")
            UPDATE search_state SET position = (SELECT max(position) FROM events);
            PRAGMA wal_checkpoint(TRUNCATE);
            """
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw Failure(description: String(cString: sqlite3_errmsg(handle)))
        }
    }

    func fillPostgres(conninfo: String) throws {
        let text =
            hasWords
            ? "convert_to(\(GeneratedWords.text), 'UTF8')" : "(repeat('0', 120) || i)::bytea"
        let indexing = hasWords ? GeneratedWords.indexPostgres : []
        let statements =
            [
                """
                INSERT INTO events (room, seq, at, sender, kind, target, text)
                \(event(text))
                FROM generate_series(0::bigint, \(rooms * messages - 1)) i
                """,
                Self.members, "UPDATE search_rooms SET seq = \(messages)",
            ] + indexing + ["VACUUM ANALYZE", "CHECKPOINT"]
        try Self.execute(statements, conninfo: conninfo)
    }

    /// Runs statements in the schema of the store, one after the other.
    static func execute(_ statements: [String], conninfo: String) throws {
        let handle = PQconnectdb(conninfo)
        defer { PQfinish(handle) }
        for sql in ["SET search_path = chat"] + statements {
            let result = PQexec(handle, sql)
            defer { PQclear(result) }
            guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
                throw Failure(description: String(cString: PQerrorMessage(handle)))
            }
        }
    }
}
