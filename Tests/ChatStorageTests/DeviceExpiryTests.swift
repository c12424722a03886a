// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatStorageMemory
import ChatStorageSQLite
import ChatTesting
import Testing

/// An engine with accounts forgets devices that nobody uses any more, whatever it stores them in.
@Suite(.timeLimit(.minutes(5)))
struct DeviceExpiryTests {
    @Test func `expired devices go in slices, in memory`() async throws {
        try await check(MemoryStore())
    }

    @Test func `expired devices go in slices, in SQLite`() async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.synchronous = .normal
        try await check(SQLiteStore(path: directory.file("chat.sqlite"), options: options))
    }

    @Test func `expired devices go in slices, in Postgres`() async throws {
        try await check(try await PostgresCluster.shared().store())
    }

    private func check(_ store: any ChatStore & AccountStore) async throws {
        let clock = VirtualClock()
        let key = try TokenKey.hs256(id: "k", secret: Array(repeating: 5, count: 32))
        let service = try AccountService(store: store, keys: TokenKeys(signing: key), clock: clock)
        let world = try await LoopbackWorld(
            store: store, authenticator: .accounts(service), shards: 2, clock: clock)
        let time = clock.wallTime()
        let user = UserReference(id: UserID(rawValue: 7), name: "ana")
        _ = try await store.addAccount(
            AccountRecord(user: user, passwordHash: "hash", createdAt: time),
            profile: UserProfile())
        for number in 1...451 {
            // All but the last one expire at this moment.
            let expires = Timestamp(milliseconds: time.milliseconds + (number == 451 ? 60_000 : 0))
            let device = DeviceRecord(
                id: DeviceID(rawValue: UInt64(number)), user: user.id, familyHash: "f\(number)",
                currentHash: "c\(number)", createdAt: time, rotatedAt: time, expires: expires)
            let gone = try await store.addDevice(device, passwordHash: "hash", maximum: 1_000)
            #expect(gone == [])
        }
        await world.advanceCalls(milliseconds: 999)
        #expect(try await store.devices(of: user.id).count == 451)
        await world.advanceCalls(milliseconds: 1)
        #expect(try await store.devices(of: user.id).count == 251)
        await world.advanceCalls(milliseconds: 5_000)
        let rest = try await store.devices(of: user.id)
        #expect(rest.map(\.id) == [DeviceID(rawValue: 451)])
        // Not before the next look, and then it goes too.
        await world.advanceCalls(milliseconds: 3_590_000)
        #expect(try await store.devices(of: user.id).count == 1)
        await world.advanceCalls(milliseconds: 10_000)
        #expect(try await store.devices(of: user.id).isEmpty)
        await world.shutdown()
    }
}
