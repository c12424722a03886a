// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@Suite struct FaultingStoreTests {
    private static let room = RoomRecord(
        id: RoomID(rawValue: 1), name: "Room", createdAt: Timestamp(milliseconds: 0))

    private let store = FaultingStore(MemoryStore())
    private let batch = AppendBatch(entries: [
        LogEntry(
            room: room.id, sender: UserID(rawValue: 1), at: room.createdAt,
            change: .message(text: "x", replyTo: nil))
    ])

    @Test func `a failure before the call leaves nothing`() async throws {
        _ = try await store.createRoom(Self.room, owner: nil)
        store.fail(.append, number: 2)
        _ = try await store.append(batch)
        await #expect(throws: StorageError.self) { try await store.append(batch) }
        #expect(try await store.loadRoom(Self.room.id)?.room.head == 1)
        _ = try await store.append(batch)
        #expect(store.count(of: .append) == 3)
    }

    @Test func `a failure after the call loses only the answer`() async throws {
        _ = try await store.createRoom(Self.room, owner: nil)
        let lost = StorageError(.cannotWrite, "full")
        store.fail(.append, .after, with: lost)
        await #expect(throws: lost) { try await store.append(batch) }
        #expect(try await store.loadRoom(Self.room.id)?.room.head == 1)
    }

    @Test func `only calls of the given kind fail`() async throws {
        store.fail(.history)
        _ = try await store.createRoom(Self.room, owner: nil)
        _ = try await store.append(batch)
        let query = HistoryQuery(room: Self.room.id, anchor: .latest, limit: 1)
        await #expect(throws: StorageError.self) { try await store.history(query) }
        #expect(try await store.history(query).messages.count == 1)
    }
}
