// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import Foundation
import Testing

/// Whatever is read, it is found by an index: no query reads a whole log, or sorts one.
@Suite struct QueryPlanTests {
    // MARK: SQLite

    @Test func `SQLite reads logs by their indexes, in their order`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        let store = SQLiteStore(path: path)
        try await store.open()
        let database = try RawDatabase(path)
        try database.execute(Self.sqliteRows)
        for analyzes in [false, true] {
            if analyzes { try database.execute("ANALYZE") }
            for sql in try await store.readingSQL() where sql != "BEGIN" {
                let plan = try database.lines("EXPLAIN QUERY PLAN " + sql)
                #expect(!plan.isEmpty)
                for line in plan {
                    // The letters stand for events, message states, members and reactions.
                    let isScan = [
                        "e", "x", "events", "s", "m", "members", "reactions", "a", "t",
                        "read_times",
                    ]
                    .contains { line == "SCAN \($0)" || line.hasPrefix("SCAN \($0) ") }
                    #expect(!isScan, "\(line) in \(sql)")
                    let isSort = line.contains("TEMP B-TREE")
                    #expect(!isSort || Self.sorts(sql), "\(line) in \(sql)")
                }
            }
        }
        await store.close()
    }

    /// Lists of rooms and members and the reactions of one page are put in order, logs are not.
    private static func sorts(_ sql: String) -> Bool {
        sql.contains("own AS MATERIALIZED") || sql.contains("rooms r LEFT JOIN members")
            || sql.contains("FROM members m LEFT JOIN users") || sql.contains("FROM reactions")
            || sql.contains("reactions r ON") || sql.contains("attachments a ON a.room = s.room")
            || sql.contains("FROM bans b") || sql.contains("FROM invitations i")
    }

    private static let sqliteRows = """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)
        INSERT INTO events (room, seq, at, sender, kind, target, text)
            SELECT i % 4, i / 4 + 1, i, i % 7, CASE i % 11 WHEN 10 THEN 3 ELSE 0 END, 1, 'text' FROM n;
        INSERT INTO rooms
            (id, member_count, is_private, maximum_members, slow_mode_seconds, created_at, name, name_key, description)
            SELECT DISTINCT room, 7, 0, 0, 0, room, room, room, '' FROM events;
        INSERT INTO members SELECT DISTINCT room, sender, 1, 0, 0, 0, 0 FROM events;
        INSERT INTO authors SELECT DISTINCT room, sender, seq / 256 FROM events WHERE kind = 0;
        INSERT INTO message_states SELECT room, seq, 1, seq % 500 = 0, 'x' FROM events
            WHERE kind = 0 AND seq % 50 = 0;
        INSERT INTO reactions SELECT room, seq, 'e', sender, seq, seq FROM events WHERE seq % 20 = 0;
        INSERT INTO read_times SELECT room, sender, seq, seq - 1, at FROM events;
        """

    // MARK: Postgres

    /// A value for each parameter.
    private static let values = [
        "room": "1", "roomNamed": "'x'", "members": "1", "countRooms": "1", "rooms": "1, 20, 0",
        "user": "1", "userWithToken": "'x'", "memberships": "1", "countJoined": "1",
        "joinedRooms": "1, 100, 0", "joinedMembers": "1, 100, 0, 8", "events": "1, 2000, 50",
        "pinned": "1", "pinnedReactions": "1", "messagesBefore": "1, 2000, 51",
        "messagesFrom": "1, 2000, 51", "setPlace": "1, 9000", "messagesBeforeTime": "1, 51",
        "messagesFromTime": "1, 51", "reactionsBefore": "1, 2000, 51",
        "reactionsFrom": "1, 2000, 51", "reactionsBeforeTime": "1, 51",
        "reactionsFromTime": "1, 51", "attachmentsBefore": "1, 2000, 51",
        "attachmentsFrom": "1, 2000, 51", "attachmentsBeforeTime": "1, 51",
        "attachmentsFromTime": "1, 51", "joinedAttachments": "1, 100, 0",
        "pinnedAttachments": "1", "attachments": "1, 2000, 2050",
        "hitAttachments": "'{1}', '{2000}'", "ownRooms": "1",
        "searchCandidates": "'rare', '{1}', 0, 99999, 99999, 0, 0, 64", "ownRoomsBehind": "1",
        "unindexed": "'{1}', '{2000}', 100", "readTimes": "1, 2000",
        "readTimesOfUser": "1, 1, 2000, 50", "trimReadTimes": "1, 2000, 100",
        "eraseReadTimes": "1, 1, 100", "removeReadTimes": "500, 100",
    ]

    @Test(arguments: ["force_custom_plan", "force_generic_plan"])
    func `Postgres reads logs by their indexes, in their order`(mode: String) async throws {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        let store = cluster.store { $0.schema = schema }
        try await store.open()
        let setting =
            "SET search_path = \(schema); SET plan_cache_mode = \(mode); "
            + "SET chat.place = 2250; "
        try await cluster.query(setting + Self.postgresRows)
        #expect(Set(Self.values.keys) == Set(PostgresStore.readingSQL.keys))
        for (name, sql) in PostgresStore.readingSQL {
            let json = try await cluster.query(
                setting + "PREPARE p AS \(sql); EXPLAIN (FORMAT JSON) EXECUTE p("
                    + (Self.values[name] ?? "") + ")")
            let plans = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
            let plan = PlanNode(try #require(plans?.first?["Plan"] as? [String: Any]))
            for node in plan.all where node.kind == "Seq Scan" {
                #expect(!Self.logs.contains(node.table), "\(name): \(node.table) is scanned")
            }
            for node in plan.all where node.kind.contains("Sort") {
                #expect(!node.readsUnlimitedLog, "\(name): a log is sorted")
            }
            for node in plan.all where node.kind == "Bitmap Index Scan" {
                let isWhole = node.index == "events_pkey" && !node.condition.contains("seq")
                #expect(!isWhole, "\(name): a log is read whole")
            }
        }
        await store.close()
    }

    private static let logs = [
        "events", "message_states", "reactions", "search_index", "users", "read_times",
    ]

    private static let postgresRows = """
        INSERT INTO events (room, seq, at, sender, kind, target, text)
            SELECT i % 4, i / 4 + 1, i, i % 7, CASE i % 11 WHEN 10 THEN 3 ELSE 0 END, 1, 'text'
            FROM generate_series(0, 99999) i;
        INSERT INTO rooms (id, last_at, member_count, is_private, maximum_members,
            slow_mode_seconds, created_at, name, name_key, description)
            SELECT i, 0, 7, false, 0, 0, i, i::text::bytea, i::text::bytea, ''
            FROM generate_series(0, 3) i;
        INSERT INTO users SELECT i, i::text::bytea, i::text::bytea, '', true
            FROM generate_series(0, 9999) i;
        INSERT INTO members SELECT DISTINCT room, sender, 1, 0, 0, 0, 0 FROM events;
        INSERT INTO authors SELECT DISTINCT room, sender, seq / 256 FROM events WHERE kind = 0;
        INSERT INTO search_rooms SELECT id, 25000 FROM rooms;
        INSERT INTO search_index SELECT room, seq, at,
            array_to_tsvector(ARRAY['R' || room, 'w' || seq % 100, CASE WHEN seq = 7 THEN 'rare' ELSE 'often' END])
            FROM events WHERE kind = 0;
        INSERT INTO message_states SELECT room, seq, 1, seq % 500 = 0, 'x' FROM events
            WHERE kind = 0 AND seq % 50 = 0;
        INSERT INTO reactions SELECT room, seq, sender, seq, seq, 'e' FROM events WHERE seq % 20 = 0;
        INSERT INTO read_times SELECT room, sender, seq, seq - 1, at FROM events;
        ANALYZE
        """
}

/// A node of a plan of Postgres.
private struct PlanNode {
    let kind: String
    let table: String
    let index: String
    let condition: String
    let children: [PlanNode]

    init(_ node: [String: Any]) {
        kind = node["Node Type"] as? String ?? ""
        table = node["Relation Name"] as? String ?? ""
        index = node["Index Name"] as? String ?? ""
        condition = node["Index Cond"] as? String ?? ""
        children = (node["Plans"] as? [[String: Any]] ?? []).map(PlanNode.init)
    }

    var all: [PlanNode] { [self] + children.flatMap(\.all) }

    /// Whether rows of the log come here of which nobody has said how many.
    var readsUnlimitedLog: Bool {
        if kind == "Limit" || kind == "Aggregate" { return false }
        // A look at one place is none of a log.
        return table == "events" && !condition.contains("(seq =")
            || children.contains(where: \.readsUnlimitedLog)
    }
}
