// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Invariant 6: receipts only move forward.
@Suite struct ReceiptEngineTests {
    private func receipt(
        _ client: LoopbackClient, delivered: Int? = nil, read: Int? = nil
    ) -> JSONValue {
        var fields: JSONValue = ["room": "general"]
        if let delivered { fields = fields.setting("delivered", to: .integer(Int64(delivered))) }
        if let read { fields = fields.setting("read", to: .integer(Int64(read))) }
        return client.ask("receipt", fields)
    }

    @Test(arguments: [1, 3])
    func `a lower value is answered with the stored one, a higher one is capped by the head`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        for number in 0..<3 { clients[0].say("\(number)") }
        #expect(receipt(clients[1], delivered: 4)["delivered"] == 4)
        let read = receipt(clients[1], read: 5)
        #expect(read["delivered"] == 5)
        #expect(read["read"] == 5)
        let lower = receipt(clients[1], delivered: 1, read: 1)
        #expect(lower["delivered"] == 5)
        #expect(lower["read"] == 5)
        #expect(receipt(clients[1], read: 999)["read"] == 5)
    }

    @Test(arguments: [1, 3])
    func `others are told once per interval, of the newest marks only`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        for number in 0..<5 { clients[0].say("\(number)") }
        for seq in 3...7 { _ = receipt(clients[1], read: seq) }
        world.advance(milliseconds: 500)
        let told = clients[0].events("receipt")
        #expect(told.count <= 2)
        #expect(told.last?["read"] == 7)
        #expect(told.last?["user"].string == clients[1].userID)
    }

    @Test func `unread is counted from what was read and is right after a restart`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        for number in 0..<4 { ana.say("\(number)") }
        bo.say("own messages do not count")
        let deleted = ana.say("deleted").seq
        ana.ask("delete", ["room": "general", "target": .integer(Int64(deleted))])
        func unread() -> JSONValue { bo.ask("whoami")["rooms"][0]["unread"] }
        #expect(unread() == 4)
        _ = receipt(bo, read: 4)
        #expect(unread() == 2)
        try await world.restart()
        bo.reconnect(as: "bo")
        world.settle()
        #expect(bo.welcome["rooms"][0]["unread"] == 2)
        #expect(bo.welcome["rooms"][0]["read"] == 4)
        #expect(receipt(bo, read: 3)["read"] == 4)
    }

    @Test func `the ticks of a message: sent, delivered, read, and every reader`() async throws {
        let world = try await LoopbackWorld()
        let clients = world.guests("ana", "bo", "cy")
        let seq = clients[0].say("tick").seq
        let query: JSONValue = ["room": "general", "seq": .integer(Int64(seq))]
        #expect(clients[0].ask("readers", query)["status"] == "sent")
        // The sender's own receipt proves nothing.
        _ = receipt(clients[0], read: seq)
        #expect(clients[0].ask("readers", query)["status"] == "sent")
        _ = receipt(clients[1], delivered: seq)
        #expect(clients[0].ask("readers", query)["status"] == "delivered")
        _ = receipt(clients[1], read: seq)
        _ = receipt(clients[2], read: seq)
        let answer = clients[0].ask("readers", query)
        #expect(answer["status"] == "read")
        #expect(Set(answer["readers"].elements.compactMap { $0["name"].string }) == ["bo", "cy"])
    }

    @Test func `a receipt that could not be stored is refused and not told`() async throws {
        let store = FaultingStore(MemoryStore())
        let world = try await LoopbackWorld(store: store)
        let clients = world.guests("ana", "bo")
        clients[0].say("x")
        store.fail(.append)
        #expect(receipt(clients[1], read: 3).code == "storage_unavailable")
        world.advance(milliseconds: 500)
        #expect(clients[0].events("receipt").isEmpty)
        #expect(receipt(clients[1], read: 3)["read"] == 3)
    }
}
