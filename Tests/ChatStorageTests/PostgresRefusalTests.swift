// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Foundation
import Testing

/// A server that lets nobody in, or lets nobody write: the error says what is to be done, and the store goes on by
/// itself when the cause is gone.
@Suite struct PostgresRefusalTests {
    private static let room = RoomID(rawValue: 7)

    private let cluster: PostgresCluster

    init() async throws { cluster = try await PostgresCluster.shared() }

    // MARK: Not let in

    private static let refusals: [(String, StorageError.Code)] = [
        ("57P03", .unavailable), ("53300", .unavailable), ("57P01", .unavailable),
        ("28P01", .configuration), ("28000", .configuration), ("3D000", .configuration),
    ]

    /// By its code: the text is in the server's language.
    @Test(arguments: refusals)
    func `what a server says when it refuses is understood in every language`(
        code: String, meaning: StorageError.Code
    ) async throws {
        let server = try RefusingServer(code: code, text: "Désolé, « invalid »")
        let store = PostgresStore("\(server.conninfo) sslmode=disable")
        let failure = await #expect(throws: StorageError.self) { try await store.open() }
        #expect(failure?.code == meaning, "\(String(describing: failure))")
    }

    @Test func `a server without TLS is refused if TLS is required`() async throws {
        let server = try RefusingServer(code: "57P03", text: "starting up")
        let store = PostgresStore("\(server.conninfo) sslmode=require")
        let failure = await #expect(throws: StorageError.self) { try await store.open() }
        #expect(failure?.code == .configuration, "\(String(describing: failure))")
    }

    @Test func `a wrong password is a configuration error`() async throws {
        let role = try await newRole("PASSWORD 'right'")
        // The first line that fits counts.
        let file = "\(cluster.data)/pg_hba.conf"
        let lines = try String(contentsOfFile: file, encoding: .utf8)
        try "local all \(role) scram-sha-256\n\(lines)"
            .write(toFile: file, atomically: false, encoding: .utf8)
        try await cluster.query("SELECT pg_reload_conf()")
        let schema = PostgresCluster.newSchema()
        func open(_ password: String) async -> StorageError? {
            var options = PostgresOptions()
            options.schema = schema
            let store = PostgresStore(
                "\(cluster.conninfo) user=\(role) password=\(password)", options: options)
            do throws(StorageError) {
                try await store.open()
                await store.close()
                return nil
            } catch {
                return error
            }
        }
        // The server reads its settings when it has time.
        var failure: StorageError?
        while failure == nil { failure = await open("wrong") }
        #expect(failure?.code == .configuration)
        #expect(await open("right") == nil)
    }

    @Test func `a server that is full is unavailable, and the next call works when it is not`()
        async throws
    {
        let role = try await newRole("")
        let store = try await filledStore(role) { $0.callMilliseconds = 2_000 }
        try await cluster.query("ALTER ROLE \(role) CONNECTION LIMIT 0")
        try await cut(role)
        let failure = await #expect(throws: StorageError.self) { try await append("a", to: store) }
        #expect(failure?.code == .unavailable)
        try await cluster.query("ALTER ROLE \(role) CONNECTION LIMIT -1")
        // The next attempt to connect may be up to two seconds away.
        var outcome: AppendOutcome?
        while outcome == nil {
            do throws(StorageError) {
                outcome = try await append("a", to: store)
            } catch {
                try #require(error.code == .unavailable, "\(error)")
            }
        }
        #expect(outcome?.storedSeq == 1)
        await store.close()
    }

    // MARK: Not let write

    /// As after a failover: who was the primary is a standby now. A new connection may find another server.
    @Test func `a server that only reads now is told of, and left for one that writes`()
        async throws
    {
        let role = try await newRole("")
        let store = try await filledStore(role)
        try await cluster.query("ALTER ROLE \(role) SET default_transaction_read_only = on")
        try await cut(role)
        let failure = await #expect(throws: StorageError.self) { try await append("a", to: store) }
        #expect(failure?.code == .cannotWrite)
        #expect(try await store.loadRoom(Self.room)?.room.head == SequenceNumber.none)
        try await cluster.query("ALTER ROLE \(role) RESET default_transaction_read_only")
        var outcome: AppendOutcome?
        // Each connection that only reads is found out once.
        for _ in 0..<3 where outcome == nil { outcome = try? await append("a", to: store) }
        #expect(outcome?.storedSeq == 1)
        await store.close()
    }

    private static let causes: [(String, StorageError.Code)] = [
        ("53100", .cannotWrite), ("53200", .unavailable), ("58030", .cannotWrite),
        ("XX001", .corrupt), ("42501", .cannotWrite),
    ]

    @Test(arguments: causes)
    func `a full disk and its like undo the batch, and the next one works`(
        code: String, meaning: StorageError.Code
    ) async throws {
        let schema = PostgresCluster.newSchema()
        let store = try await filledStore(nil) { $0.schema = schema }
        try await cluster.query(
            """
            CREATE FUNCTION \(schema).fail() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE 'injected' USING ERRCODE = '\(code)'; END $$;
            CREATE TRIGGER fault BEFORE INSERT ON \(schema).events FOR EACH ROW
                EXECUTE FUNCTION \(schema).fail()
            """)
        let failure = await #expect(throws: StorageError.self) { try await append("a", to: store) }
        #expect(failure?.code == meaning)
        #expect(try await store.events(in: Self.room, after: .none, limit: 9).isEmpty)
        try await cluster.query("DROP TRIGGER fault ON \(schema).events")
        #expect(try await append("a", to: store)?.storedSeq == 1)
        await store.close()
    }

    // MARK: Helpers

    /// A role that is no superuser: those may always connect.
    private func newRole(_ clauses: String) async throws -> String {
        let role = PostgresCluster.newSchema()
        try await cluster.query(
            "CREATE ROLE \(role) LOGIN \(clauses); GRANT CREATE ON DATABASE postgres TO \(role)")
        return role
    }

    private func cut(_ role: String) async throws {
        try await cluster.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(role)'")
    }

    /// With an empty room.
    private func filledStore(
        _ role: String?, _ configure: (inout PostgresOptions) -> Void = { _ in }
    ) async throws -> PostgresStore {
        var options = PostgresOptions()
        options.schema = PostgresCluster.newSchema()
        options.connections = 2
        configure(&options)
        let user = role.map { " user=\($0)" } ?? ""
        let store = PostgresStore(cluster.conninfo + user, options: options)
        try await store.open()
        let record = RoomRecord(
            id: Self.room, name: "Room", createdAt: Timestamp(milliseconds: 0))
        _ = try await store.createRoom(record, owner: nil)
        return store
    }

    private func append(
        _ text: String, to store: PostgresStore
    ) async throws(StorageError) -> AppendOutcome? {
        let entry = LogEntry(
            room: Self.room, sender: UserID(rawValue: 1), at: Timestamp(milliseconds: 0),
            clientID: text, change: .message(text: text, replyTo: nil))
        return try await store.append(AppendBatch(entries: [entry])).first
    }
}
