// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTesting
import Foundation
import Testing

/// What clients see of a store's troubles: an error that they may retry, and after its end everything works, without
/// a restart.
@Suite struct EngineFaultTests {
    /// A store, a way to get in its way, and the way out of it.
    private struct Trouble {
        var store: any ChatStore
        var begin: () async throws -> Void
        var end: () async throws -> Void
    }

    @Test func `a file that another process holds`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        var options = SQLiteOptions()
        options.busyMilliseconds = 10
        let store = SQLiteStore(path: path, options: options)
        try await store.open()
        let other = try RawDatabase(path)
        try await check(
            Trouble(
                store: store, begin: { try other.execute("BEGIN IMMEDIATE") },
                end: { try other.execute("ROLLBACK") }))
    }

    /// In a process of its own, whose files may not grow meanwhile.
    @Test func `a disk that is full`() async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) {
            [path = directory.file("chat.sqlite") as String] in
            signal(SIGXFSZ, SIG_IGN)
            let store = SQLiteStore(path: path)
            try await Self().check(
                Trouble(
                    store: store, begin: { try SQLiteDiskFaultTests.limitFiles(to: 4_096) },
                    end: { try SQLiteDiskFaultTests.limitFiles(to: nil) }))
        }
    }

    @Test func `a file whose tables fail`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        let store = SQLiteStore(path: path)
        try await store.open()
        let other = try RawDatabase(path)
        try await check(
            Trouble(
                store: store,
                begin: {
                    try other.execute(
                        """
                        CREATE TRIGGER fault BEFORE INSERT ON events
                            BEGIN SELECT raise(ABORT, 'injected'); END
                        """)
                }, end: { try other.execute("DROP TRIGGER fault") }))
    }

    @Test func `a Postgres server that is gone`() async throws {
        let cluster = try await PostgresCluster()
        let store = cluster.store {
            $0.callMilliseconds = 2_000
            $0.resolveMilliseconds = 2_000
        }
        try await check(
            Trouble(
                store: store, begin: { try await cluster.crash() },
                end: { try await cluster.start() }))
    }

    @Test func `a Postgres server whose disk is full`() async throws {
        let cluster = try await PostgresCluster.shared()
        let schema = PostgresCluster.newSchema()
        try await check(
            Trouble(
                store: cluster.store { $0.schema = schema },
                begin: {
                    try await cluster.query(
                        """
                        CREATE FUNCTION \(schema).fail() RETURNS trigger LANGUAGE plpgsql AS
                            $$ BEGIN RAISE 'injected' USING ERRCODE = '53100'; END $$;
                        CREATE TRIGGER fault BEFORE INSERT ON \(schema).events FOR EACH ROW
                            EXECUTE FUNCTION \(schema).fail()
                        """)
                }, end: { try await cluster.query("DROP TRIGGER fault ON \(schema).events") }))
    }

    // MARK: Helpers

    private func check(_ trouble: Trouble) async throws {
        let world = try await LoopbackWorld(store: trouble.store)
        let (ana, bo) = (world.connect(), world.connect())
        for (client, name) in [(ana, "ana"), (bo, "bo")] {
            let welcome = await answer(world, client, "hello", ["name": .string(name)])
            #expect(welcome.type == "ok")
        }
        #expect(await say("before", ana, world).type == "ok")
        try await trouble.begin()
        for _ in 0..<3 {
            let refusal = await say("meanwhile", ana, world)
            #expect(refusal.code == "storage_unavailable", "\(refusal)")
            #expect(refusal["retry_after_ms"].integer != nil)
        }
        try await trouble.end()
        // The server may still be coming up, and the engine looks at the room again before it writes there.
        var last = JSONValue.null
        while last.type != "ok" {
            await world.advanceCalls(milliseconds: 1_000)
            last = await say("meanwhile", ana, world)
            try #require(last.type == "ok" || last.code == "storage_unavailable", "\(last)")
        }
        let next = await say("after", bo, world)
        #expect(next.seq == last.seq + 1)
        for client in [ana, bo] {
            let texts = client.events("message").map { $0["text"] }
            #expect(texts == ["before", "meanwhile", "after"])
        }
        let history = await answer(world, bo, "history", ["room": "general"])
        #expect(
            history["messages"].elements.map { $0["text"] } == ["before", "meanwhile", "after"])
        await world.shutdown()
    }

    private func say(
        _ text: String, _ client: LoopbackClient, _ world: LoopbackWorld
    ) async -> JSONValue {
        await answer(
            world, client, "send",
            ["room": "general", "text": .string(text), "client_id": .string(text)])
    }

    private func answer(
        _ world: LoopbackWorld, _ client: LoopbackClient, _ type: String, _ fields: JSONValue
    ) async -> JSONValue {
        let id = client.post(type, fields)
        await world.settleCalls()
        return client.answer(to: id)
    }
}
