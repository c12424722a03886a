// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// What was stored may wait for the transaction under way, so that both go out in one write.
@Suite struct HeldFanOutTests {
    private let counting = FaultingStore(MemoryStore())
    private let store: HeldStore

    init() { store = HeldStore(counting) }

    private func world(nanosecondsPerSubscriber: Int64) async throws -> LoopbackWorld {
        try await LoopbackWorld(store: store) {
            $0.limits.heldFanOutNanosecondsPerSubscriber = nanosecondsPerSubscriber
        }
    }

    /// Has one message stored, for so long, while another one waits for the next transaction.
    private func postTwo(
        _ clients: [LoopbackClient], _ world: LoopbackWorld, milliseconds: Int64 = 0
    ) {
        // So that the name of the room need not be looked up.
        clients[0].ask("history", ["room": "general"])
        let before = counting.count(of: .append)
        clients[0].post("send", ["room": "general", "text": "1"])
        world.runTurn(shard: 0)
        world.clock.advance(to: world.clock.now().advanced(byMilliseconds: milliseconds))
        clients[1].post("send", ["room": "general", "text": "2"])
        for _ in 0..<100 where counting.count(of: .append) == before { world.runTurn(shard: 0) }
    }

    private func texts(_ client: LoopbackClient) -> [JSONValue] {
        client.events("message").map { $0["text"] }
    }

    /// Two subscribers: a wait of 2 ms is worth while, or none.
    @Test(arguments: [
        (0, 0, [1, 2]), (1_000_000, 0, [2]), (1_000_000, 1, [2]), (1_000_000, 3, [1, 2]),
    ])
    func `two transactions go out together if the first was quick enough`(
        _ nanosecondsPerSubscriber: Int64, _ milliseconds: Int64, _ expected: [Int]
    ) async throws {
        let world = try await world(nanosecondsPerSubscriber: nanosecondsPerSubscriber)
        let clients = world.guests("ana", "bo")
        postTwo(clients, world, milliseconds: milliseconds)
        var seen = [texts(clients[0]).count]
        for _ in 0..<100 where texts(clients[0]).count < 2 {
            world.runTurn(shard: 0)
            let count = texts(clients[0]).count
            if seen.last != count { seen.append(count) }
        }
        #expect(texts(clients[1]) == ["1", "2"])
        #expect(seen.filter { $0 > 0 } == expected)
    }

    @Test func `they wait no longer than the limit, and the answer does not wait`() async throws {
        let world = try await world(nanosecondsPerSubscriber: 1_000_000)
        let clients = world.guests("ana", "bo")
        postTwo(clients, world)
        store.hold()
        world.settle()
        #expect(store.waitingCount == 1)
        #expect(clients[0].messages.last?.type == "ok")
        #expect(texts(clients[1]).isEmpty)
        world.advance(milliseconds: 1)
        #expect(texts(clients[1]).isEmpty)
        world.advance(milliseconds: 1)
        #expect(texts(clients[1]) == ["1"])
        await store.release(in: world)
        #expect(texts(clients[1]) == ["1", "2"])
    }

    @Test func `somebody who comes meanwhile gets what comes from then on, once`() async throws {
        let world = try await world(nanosecondsPerSubscriber: 1_000_000)
        let clients = world.guests("ana", "bo")
        postTwo(clients, world)
        store.hold()
        world.settle()
        clients[1].cut()
        clients[1].reconnect(as: "bo")
        world.settle()
        // The first message was stored before: it is in the head that the hello tells.
        #expect(texts(clients[0]) == ["1"])
        #expect(texts(clients[1]).isEmpty)
        await store.release(in: world)
        #expect(texts(clients[0]) == ["1", "2"])
        #expect(texts(clients[1]) == ["2"])
    }
}
