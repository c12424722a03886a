// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting

/// What a simulation found wrong. Its text holds the seed.
struct SimulationFailure: Error, CustomStringConvertible {
    var description: String
}

/// Random clients on one engine: they talk, vanish, come back, read slowly; the store fails, the engine dies.
/// After every step the invariants are checked.
final class Simulator {
    let seed: UInt64
    var random: SeededGenerator
    let world: LoopbackWorld
    let faults: FaultingStore
    let held: HeldStore
    private(set) var actors: [SimulatedClient] = []
    private(set) var step = 0
    private var isHolding = false
    var book = SimulationBook()

    init(seed: UInt64, shards: Int, clients: Int) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        // Both ways into the log: a third of the worlds append within the turn.
        faults = FaultingStore(MemoryStore(), appendsAtOnce: seed % 3 == 0)
        held = HeldStore(faults)
        let identities = SeededGenerator(seed: ~seed).locked()
        world = try await LoopbackWorld(
            store: held, authenticator: GuestAuthenticator(identity: identities), shards: shards
        ) {
            $0.identity = identities
            $0.limits.smallRoomMembers = seed % 2 == 0 ? 100 : 2
            // A few subscribers are enough to wait for a transaction, in half of the runs.
            $0.limits.heldFanOutNanosecondsPerSubscriber = seed % 4 < 2 ? 1_000_000 : 0
            $0.limits.ringEvents = 4
            $0.limits.resumePageEvents = 3
            $0.limits.queuedBytes = 6_000
            $0.limits.pipelinedCommands = 3
            $0.limits.idleRooms = 2
        }
        for index in 0..<clients { actors.append(SimulatedClient(name: "u\(index)", world)) }
    }

    /// A number below `bound`.
    func pick(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    func chance(_ percent: Int) -> Bool { pick(100) < percent }

    func run(steps: Int) async throws {
        for number in 0..<steps {
            step = number
            try await act()
            try check()
        }
        try await quiesce()
    }

    // MARK: One step

    private func act() async throws {
        switch pick(100) {
        case 0..<52: command(actors[pick(actors.count)])
        case 52..<62: connect(actors[pick(actors.count)])
        case 62..<66: actors[pick(actors.count)].cut()
        case 66..<69: actors[pick(actors.count)].client.stopReading(afterBytes: pick(300))
        case 69..<73: actors[pick(actors.count)].client.startReading()
        case 73..<76: fault()
        case 76..<79: hold()
        case 79..<83: await release()
        case 83..<89: world.advance(milliseconds: Int64(pick(4_000)))
        case 89..<90: try await restart()
        default: world.settle()
        }
        // Some turns in any order: other shards may be far behind.
        for _ in 0..<pick(6) {
            let busy = world.busyShards
            if busy.isEmpty { break }
            world.runTurn(shard: busy[pick(busy.count)])
        }
    }

    private func connect(_ actor: SimulatedClient) {
        actor.connect(shard: pick(world.engine.configuration.shards), resumes: !chance(10))
    }

    private func fault() {
        let calls: [FaultingStore.Call] = [
            .append, .append, .append, .events, .loadRoom, .memberships,
        ]
        let call = calls[pick(calls.count)]
        // A transaction may also be committed and its answer lost.
        let moment: FaultingStore.Moment = call == .append && pick(2) == 0 ? .after : .before
        faults.fail(call, number: 1 + pick(3), moment)
    }

    private func hold() {
        isHolding = true
        held.hold()
    }

    private func release() async {
        guard isHolding else { return }
        isHolding = false
        await held.release(in: world)
    }

    private func restart() async throws {
        await release()
        // Nothing is brought to an end: what was under way is lost, as with a killed process.
        for actor in actors { actor.cut() }
        faults.forgetFaults()
        try await world.restart()
    }

    // MARK: Commands

    private func command(_ actor: SimulatedClient) {
        guard actor.client.isConnected else { return connect(actor) }
        var room = book.roomNames[pick(book.roomNames.count)]
        let direct = actor.directRooms
        if !direct.isEmpty, chance(15) { room = direct[pick(direct.count)] }
        var fields: JSONValue = ["room": .string(room)]
        let target = JSONValue.integer(Int64(1 + pick(12)))
        switch pick(25) {
        case 21: about(actor, "dm.open")
        case 22: about(actor, chance(30) ? "user.block" : "user.unblock")
        case 0..<8: actor.send(in: room, retries: chance(20))
        case 8:
            actor.post("edit", fields.setting("target", to: target).setting("text", to: "edited"))
        case 9: actor.post("delete", fields.setting("target", to: target))
        case 10: actor.post("react", fields.setting("target", to: target).setting("emoji", to: "👍"))
        case 11: actor.post("typing", fields.setting("on", to: .bool(chance(70))))
        case 12, 13:
            fields = fields.setting(
                chance(50) ? "read" : "delivered", to: .integer(Int64(pick(40))))
            actor.post("receipt", fields)
        case 14: actor.post("room.join", fields)
        case 15: actor.post("room.leave", fields)
        case 16: if !direct.contains(room) { actor.post("room.create", ["name": .string(room)]) }
        // Who is kicked from a large room is not told, so these clients could not know where they are.
        case 17: if seed % 2 == 0 { govern("member.kick", actor, fields) }
        case 19: sanction(actor, fields)
        case 20: invite(actor, fields)
        case 18: actor.post("presence.set", ["status": chance(50) ? "away" : "online"])
        default: actor.post(chance(80) ? "history" : "logout", fields)
        }
    }

    /// Only who made a room may; the others are refused. Some sanctions end while the simulation goes on.
    private func sanction(_ actor: SimulatedClient, _ fields: JSONValue) {
        let kinds = ["member.ban", "member.unban", "member.mute", "member.unmute"]
        let kind = kinds[pick(kinds.count)]
        let hasEnd = chance(70) && !kind.contains("un")
        govern(
            kind, actor,
            hasEnd ? fields.setting("seconds", to: .integer(Int64(1 + pick(20)))) : fields)
    }

    private func invite(_ actor: SimulatedClient, _ fields: JSONValue) {
        switch pick(3) {
        case 0: actor.post("room.update", fields.setting("private", to: .bool(chance(60))))
        default: govern("room.invite", actor, fields)
        }
    }

    private func govern(_ command: String, _ actor: SimulatedClient, _ fields: JSONValue) {
        let other = actors[pick(actors.count)]
        guard let user = other.userID else { return }
        actor.post(command, fields.setting("user", to: .string(user)))
    }

    private func about(_ actor: SimulatedClient, _ type: String) {
        guard let user = actors[pick(actors.count)].userID else { return }
        actor.post(type, ["user": .string(user)])
    }

    // MARK: Checks

    func fail(_ what: String) -> SimulationFailure {
        SimulationFailure(
            description:
                "seed \(seed), \(world.engine.configuration.shards) shards, step \(step): \(what)")
    }

    private func check() throws {
        for actor in actors {
            if let problem = actor.digest(&book) {
                throw fail("\(actor.name): \(problem) \(actor.client.texts.suffix(6))")
            }
        }
    }

    /// Lets everything come to rest, brings everybody back, and compares with what is stored.
    private func quiesce() async throws {
        await release()
        world.settle()
        // Faults that were planned and not met yet would only blur the end.
        faults.forgetFaults()
        for actor in actors {
            actor.client.startReading()
            world.settle()
            try check()
            if !actor.isSignedIn { actor.connect(shard: 0, resumes: true) }
            world.settle()
            try check()
            if !actor.isSignedIn {
                throw fail("\(actor.name) cannot come back: \(actor.lastRefusal)")
            }
        }
        world.advance(milliseconds: 20_000)
        try check()
        try await compareWithStore()
        comparePresence()
        if let problem = book.presenceProblem { throw fail(problem) }
    }

    private func compareWithStore() async throws {
        for (room, events) in book.events.sorted(by: { $0.key < $1.key }) {
            guard let id = RoomID(room) else { throw fail("\(room) is no id") }
            let members = try await faults.loadRoom(id)?.members.map(\.user.description) ?? []
            let stored = try await faults.events(in: id, after: .none, limit: .max)
            for (index, event) in stored.enumerated() where event.seq.rawValue != UInt64(index + 1)
            {
                throw fail("the log of \(room) has a hole at \(index + 1)")
            }
            for (seq, _) in events where seq > stored.count {
                throw fail("\(room) showed \(seq) but stored \(stored.count)")
            }
            for actor in actors {
                guard let live = actor.live(in: room) else { continue }
                if !members.contains(actor.userID ?? "") { continue }
                if live != stored.count {
                    throw fail("\(actor.name) has \(live) of \(stored.count) in \(room)")
                }
            }
        }
        for (key, seq) in book.acknowledged {
            let stored = try await faults.events(
                in: key.room, after: SequenceNumber(rawValue: UInt64(seq - 1)), limit: 1)
            if stored.first?.clientID != key.clientID {
                throw fail("acknowledged message \(key.clientID) is not at \(seq)")
            }
        }
    }

    /// At rest everybody is signed in, so nobody may look offline.
    private func comparePresence() {
        let answer = actors[0].client.ask("room.members", ["room": "general", "limit": 100])
        let offline = answer["members"].elements.filter { $0["status"] == "offline" }
        if answer["online"].integer != actors.count || !offline.isEmpty {
            book.presenceProblem = "presence at rest: \(answer)"
        }
    }
}

extension SeededGenerator {
    /// A source that many may draw from.
    func locked() -> @Sendable () -> UInt64 {
        let box = SharedGenerator(self)
        return { box.next() }
    }
}
