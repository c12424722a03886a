// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import Testing

/// Files that several messages share, while transactions that do not see each other post and remove these messages.
@Suite struct PostgresOrphanTests {
    private static let ada = UserID(rawValue: 1)
    private static let rooms = (10..<14).map { RoomID(rawValue: $0) }
    private static let time = Timestamp(milliseconds: 1_000)

    /// What takes the last message of a file away.
    enum Removal: CaseIterable, Sendable {
        case deletion, trim, sweep, erasure
    }

    private let cluster: PostgresCluster

    init() async throws { cluster = try await PostgresCluster.shared() }

    private static func entry(_ change: LogChange, in room: RoomID) -> LogEntry {
        LogEntry(room: room, sender: ada, at: time, change: change)
    }

    private static func post(_ id: String, in room: RoomID) -> LogEntry {
        let attachment = MessageAttachment(
            id: id, name: "f", byteCount: 1, mediaType: "a/b", sha256: "")
        return entry(.post(Post(text: "", attachments: [attachment])), in: room)
    }

    private func opened(_ schema: String) async throws -> PostgresStore {
        let store = cluster.store {
            $0.schema = schema
            $0.connections = 8
        }
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: Self.ada, name: "Ada", token: "t", isNameKept: false))
        for room in Self.rooms { try await make(room, store) }
        return store
    }

    private func make(_ room: RoomID, _ store: PostgresStore) async throws {
        let record = RoomRecord(id: room, name: "\(room)", createdAt: Self.time)
        _ = try await store.createRoom(record, owner: Self.ada)
    }

    private func remove(
        _ seq: SequenceNumber, in room: RoomID, _ removal: Removal, _ store: PostgresStore
    ) async throws {
        switch removal {
        case .deletion:
            _ = try await store.append(
                AppendBatch(entries: [Self.entry(.delete(target: seq), in: room)]))
        case .trim: _ = try await store.trim(room, through: seq, limit: 1_000)
        case .sweep:
            _ = try await store.deleteRoom(room)
            while try await !store.sweep(limit: 1_000).isDone {}
        case .erasure:
            _ = try await store.beginErasure(of: Self.ada)
            while let slice = try await store.erase(limit: 1_000), !slice.isDone {}
        }
    }

    @Test(arguments: Removal.allCases)
    func `a file that is posted while its last message goes is used, and no orphan`(
        _ removal: Removal
    ) async throws {
        let schema = PostgresCluster.newSchema()
        let store = try await opened(schema)
        for round in 0..<25 {
            let id = "shared \(round)"
            if removal == .sweep, round > 0 { try await make(Self.rooms[0], store) }
            let first = try await store.append(
                AppendBatch(entries: [Self.post(id, in: Self.rooms[0])]))
            let seq = try #require(first[0].storedSeq.map { SequenceNumber(rawValue: $0) })
            async let posted = store.append(
                AppendBatch(entries: [Self.post(id, in: Self.rooms[1])]))
            try await remove(seq, in: Self.rooms[0], removal, store)
            #expect(try await posted[0].storedSeq != nil)
            // An erasure may have met the second message as well.
            let used = try await cluster.query(
                "SELECT count(*) FROM \(schema).attachments WHERE id = '\(id)'::bytea")
            let orphans = try await store.orphanedAttachments(limit: 1_000)
            #expect(orphans.contains(id) == (used == "0"), "round \(round)")
        }
        await store.close()
    }

    @Test func `a file whose last messages go at once is an orphan`() async throws {
        let store = try await opened(PostgresCluster.newSchema())
        for round in 0..<25 {
            let id = "shared \(round)"
            let posts = try await store.append(
                AppendBatch(entries: Self.rooms.map { Self.post(id, in: $0) }))
            let places = try posts.map {
                SequenceNumber(rawValue: try #require($0.storedSeq))
            }
            try await withThrowingTaskGroup { group in
                for (room, seq) in zip(Self.rooms, places) {
                    group.addTask {
                        let removal: Removal = seq.rawValue % 2 == 0 ? .deletion : .trim
                        try await remove(seq, in: room, removal, store)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.orphanedAttachments(limit: 1_000).contains(id))
        }
        await store.close()
    }

    @Test func `batches that post and delete files at once wait for each other, not forever`()
        async throws
    {
        let store = try await opened(PostgresCluster.newSchema())
        try await withThrowingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    let order = worker % 2 == 0 ? Self.rooms : Self.rooms.reversed()
                    for round in 0..<10 {
                        let posts = order.map { Self.post("f\((worker + round) % 3)", in: $0) }
                        let outcomes = try await store.append(AppendBatch(entries: posts))
                        let deletions = zip(order, outcomes).compactMap { room, outcome in
                            outcome.storedSeq.map {
                                Self.entry(.delete(target: SequenceNumber(rawValue: $0)), in: room)
                            }
                        }
                        let more = [Self.post("mixed", in: order[0])] + deletions
                        _ = try await store.append(AppendBatch(entries: more))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.orphanedAttachments(limit: 100) == ["f0", "f1", "f2"])
        await store.close()
    }
}
