// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Invariant 10: a slow consumer harms nobody.
@Suite struct SlowConsumerTests {
    private func world(_ shards: Int) async throws -> LoopbackWorld {
        try await LoopbackWorld(shards: shards) {
            $0.limits.queuedBytes = 4_000
            $0.limits.queuedSlices = 1_000
        }
    }

    @Test(arguments: [1, 3])
    func `who reads too slowly is let go with a code that allows returning; others miss nothing`(
        _ shards: Int
    ) async throws {
        let world = try await world(shards)
        let clients = world.guests("ana", "bo", "slow")
        let slow = clients[2]
        let position =
            slow.places(in: slow.general).last ?? slow.welcome["rooms"][0]["head"].integer ?? 0
        slow.stopReading(afterBytes: 100)
        for number in 0..<100 { clients[0].say("message \(number)") }
        #expect(slow.closeCode == .slowConsumer)
        #expect(slow.closeCode?.isReconnectable == true)
        #expect(clients[1].events("message").count == 100)
        slow.reconnect(as: "slow", resume: ["general": .integer(Int64(position))])
        world.settle()
        #expect(slow.places(in: slow.general) == Array(position + 1...position + 100))
    }

    @Test(arguments: [1, 3])
    func `live events are shed first, and the newest state comes when it reads again`(
        _ shards: Int
    ) async throws {
        let world = try await world(shards)
        let clients = world.guests("ana", "bo", "slow")
        let slow = clients[2]
        slow.stopReading()
        clients[0].say("one")
        for number in 0..<200 {
            clients[0].ask("typing", ["room": "general", "on": .bool(number % 2 == 0)])
            clients[0].ask("presence.set", ["status": number % 2 == 0 ? "busy" : "online"])
        }
        clients[1].ask("typing", ["room": "general"])
        clients[1].ask("receipt", ["room": "general", "read": 2])
        world.advance(milliseconds: 200)
        #expect(slow.isConnected)
        _ = slow.takeNew()
        slow.startReading()
        world.settle()
        let caughtUp = slow.takeNew()
        #expect(caughtUp.of("message").count == 1)
        #expect(caughtUp.of("typing").last?["users"].elements.map { $0["name"] } == ["bo"])
        #expect(caughtUp.of("typing").count <= 2)
        #expect(caughtUp.of("receipt").contains { $0["user"].string == clients[1].userID })
        let status = caughtUp.of("presence").last { $0["user"]["name"] == "ana" }
        #expect(status?["status"] == "online")
    }

    @Test(arguments: [1, 3])
    func `a slow reader's resume waits for it instead of filling its queue`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards) {
            $0.limits.queuedBytes = 20_000
            $0.limits.ringEvents = 1
            $0.limits.resumePageEvents = 8
        }
        let ana = world.guest("ana")
        for number in 0..<300 { ana.say("message number \(number)") }
        let slow = world.connect()
        slow.stopReading()
        slow.post("hello", ["name": "slow", "resume": ["general": 0]])
        world.settle()
        #expect(slow.isConnected, "three times the bound would have been queued")
        for _ in 0..<400 where slow.isConnected {
            slow.stopReading(afterBytes: 500)
            world.settle()
        }
        slow.startReading()
        world.settle()
        #expect(slow.places(in: slow.general) == Array(1...302))
    }

    @Test func `half a line is followed by its other half`() async throws {
        let world = try await world(1)
        let clients = world.guests("ana", "slow")
        for window in 1..<120 {
            clients[1].stopReading(afterBytes: window)
            clients[0].ask("typing", ["room": "general", "on": .bool(window % 2 == 0)])
            clients[0].say("x")
            clients[1].startReading()
            world.settle()
        }
        #expect(!clients[1].messages.contains(.null))
        #expect(clients[1].events("message").count == 119)
    }
}
