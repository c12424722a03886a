// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Foundation
import Testing

/// A server that crashes while it is used: every acknowledged message is stored once, in its place.
@Suite struct PostgresCrashTests {
    private static let room = RoomID(rawValue: 7)
    private static let record = RoomRecord(
        id: room, name: "Room", createdAt: Timestamp(milliseconds: 0))

    @Test func `a server that crashes twenty times under load loses nothing and stores all once`()
        async throws
    {
        // Its own server: the others' is shared.
        let cluster = try await PostgresCluster()
        let store = cluster.store { $0.connections = 4 }
        try await store.open()
        _ = try await store.createRoom(Self.record, owner: nil)
        let book = Book()
        try await withThrowingTaskGroup { group in
            for sender in 0..<4 {
                group.addTask { try await Self.send(as: sender, to: store, book) }
            }
            group.addTask {
                // Whatever happens here, the senders come to their end.
                do {
                    try await Self.crash(cluster, store, book)
                } catch {
                    await book.end()
                    throw error
                }
                await book.end()
            }
            try await group.waitForAll()
        }
        try await Self.check(store, book)
        let count = try await store.events(in: Self.room, after: .none, limit: .max).count
        #expect(count == (await book.acknowledged.count))
        await store.close()
    }

    /// The server dies within COMMIT: what was written until then is not in its log yet, and the
    /// number of the transaction is free again.
    @Test func `a commit that a crash has wiped out is done again, another's is not taken for it`()
        async throws
    {
        let cluster = try await PostgresCluster("-c wal_writer_delay=10s -c chat.waits=on")
        let store = cluster.store { $0.schema = "chat" }
        try await store.open()
        _ = try await store.createRoom(Self.record, owner: nil)
        try await cluster.query(
            """
            CREATE FUNCTION chat.wait() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF current_setting('chat.waits', true) = 'on' THEN
                    PERFORM pg_sleep(600); END IF; RETURN new; END $$;
            CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON chat.events
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION chat.wait()
            """)
        async let outcomes = store.append(AppendBatch(entries: [Self.message("x")]))
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        while try await cluster.query(waits) == "0" { await Task.yield() }
        try await cluster.crash()
        // Where the store does not find it, others take the number.
        try await cluster.start("-c unix_socket_directories=\(cluster.data)")
        let other = "CREATE TABLE IF NOT EXISTS public.other (n bigint)"
        try await cluster.query(other, host: cluster.data)
        try await cluster.query(
            "DO $$ BEGIN FOR n IN 1..50 LOOP INSERT INTO other VALUES (n); COMMIT; END LOOP; END $$",
            host: cluster.data)
        try await cluster.crash()
        try await cluster.start()
        #expect(try await outcomes == [.stored(seq: 1, at: Self.record.createdAt)])
        let events = try await store.events(in: Self.room, after: .none, limit: 10)
        #expect(events.map(\.clientID) == ["x"])
        await store.close()
    }

    /// Of the tests themselves: a run that is killed leaves no server behind.
    @Test func `a cluster is gone when the process that made it was killed`() async throws {
        let directory = try TemporaryDirectory()
        let note = directory.file("cluster")
        await #expect(processExitsWith: .signal(SIGKILL)) { [note = note as String] in
            let cluster = try await PostgresCluster()
            try cluster.directory.write(toFile: note, atomically: true, encoding: .utf8)
            kill(getpid(), SIGKILL)
        }
        let cluster = try String(contentsOfFile: note, encoding: .utf8)
        #expect(cluster.hasPrefix("/tmp/chat-postgres-"))
        while FileManager.default.fileExists(atPath: cluster) { await Task.yield() }
    }

    // MARK: Helpers

    private static func message(_ key: String) -> LogEntry {
        LogEntry(
            room: room, sender: UserID(rawValue: 1), at: record.createdAt, clientID: key,
            change: .message(text: key, replyTo: nil))
    }

    /// Sends one message after the other; what failed is sent again under the same client id.
    private static func send(
        as sender: Int, to store: PostgresStore, _ book: Book
    ) async throws {
        var number = 0
        while await !book.isOver {
            let key = "\(sender) \(number)"
            let outcomes: [AppendOutcome]
            do throws(StorageError) {
                outcomes = try await store.append(AppendBatch(entries: [message(key)]))
            } catch {
                try #require(error.code == .unavailable, "\(error)")
                continue
            }
            switch outcomes.first {
            case .stored(let seq, _), .duplicate(let seq, _): await book.note(key, at: seq)
            default: Issue.record("\(key): \(outcomes)")
            }
            number += 1
        }
    }

    /// Twenty times: a crash, a new start, a look.
    private static func crash(
        _ cluster: PostgresCluster, _ store: PostgresStore, _ book: Book
    ) async throws {
        for crash in 1...20 {
            await book.reach(crash * 25)
            try await cluster.crash()
            try await cluster.start()
            try await check(store, book)
        }
        await book.reach(21 * 25)
    }

    /// What was acknowledged before the look is there, and nothing twice.
    private static func check(_ store: PostgresStore, _ book: Book) async throws {
        let acknowledged = await book.acknowledged
        let events = try await store.events(in: room, after: .none, limit: .max)
        #expect(events.map(\.seq.rawValue) == Array(1...UInt64(events.count)))
        #expect(Set(events.map(\.clientID)).count == events.count)
        for (key, seq) in acknowledged {
            let index = Int(seq.rawValue) - 1
            try #require(events.indices.contains(index), "\(key) at \(seq) is lost")
            #expect(events[index].clientID == key)
        }
    }

    /// What was acknowledged, for who waits for a number.
    private actor Book {
        private(set) var acknowledged: [String: SequenceNumber] = [:]
        private(set) var isOver = false
        private var waiter: (goal: Int, CheckedContinuation<Void, Never>)?

        func note(_ key: String, at seq: SequenceNumber) {
            acknowledged[key] = seq
            if let (goal, continuation) = waiter, acknowledged.count >= goal {
                waiter = nil
                continuation.resume()
            }
        }

        func reach(_ goal: Int) async {
            if acknowledged.count >= goal { return }
            await withCheckedContinuation { waiter = (goal, $0) }
        }

        func end() { isOver = true }
    }
}
