// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting

/// A conversation of three users in which every kind of command comes, and a restart of the engine.
///
/// Whatever is refused because of the store is tried again, as a client would; nothing else may be refused. Clients
/// look at every message they get (``SimulatedClient``), and after each step nothing may have been shown that is not
/// stored.
final class FaultScenario {
    private let store: any ChatStore
    private let shards: Int
    private let world: LoopbackWorld
    private let ana: SimulatedClient
    private let bo: SimulatedClient
    private let cy: SimulatedClient
    private var clients: [SimulatedClient] { [ana, bo, cy] }
    private var book = SimulationBook()
    private var step = "start"
    private static let attempts = 6

    /// Starts an engine.
    ///
    /// - Parameters:
    ///   - faults: what the engine gets.
    ///   - store: the same without faults, to look at.
    init(faults: FaultingStore, store: any ChatStore, shards: Int) async throws {
        self.store = store
        self.shards = shards
        world = try await Self.makeWorld(faults, shards)
        ana = SimulatedClient(name: "ana", world)
        bo = SimulatedClient(name: "bo", world)
        cy = SimulatedClient(name: "cy", world)
    }

    func run() async throws {
        for client in clients { try await signIn(client) }
        try await talk()
        try await comeBack()
        try await moderate()
        try await meet()
        try await restart()
        try await end()
        try await compare()
    }

    private static func makeWorld(
        _ faults: FaultingStore, _ shards: Int
    ) async throws -> LoopbackWorld {
        let identities = SeededGenerator(seed: 7).locked()
        for _ in 1..<attempts {
            let world = try? await LoopbackWorld(
                store: faults, authenticator: GuestAuthenticator(identity: identities),
                shards: shards
            ) {
                $0.identity = identities
                $0.limits.ringEvents = 1
                $0.limits.idleRooms = 1
            }
            if let world { return world }
        }
        throw SimulationFailure(description: "the engine does not start")
    }

    // MARK: The conversation

    private func talk() async throws {
        try await enter("tea", ana, isNew: true)
        for client in [bo, cy] { try await enter("tea", client) }
        let first = try await say(ana, in: "tea")
        let second = try await say(bo, in: "tea")
        try await say(cy, in: "general")
        try await ask(ana, "edit", target(first, ["text": "better"]))
        try await ask(bo, "react", target(first, ["emoji": "👍"]))
        try await ask(cy, "react", target(first, ["emoji": "👍"]))
        try await ask(cy, "unreact", target(first, ["emoji": "👍"]))
        try await ask(ana, "pin", target(first))
        try await ask(ana, "pin", target(second))
        try await ask(ana, "unpin", target(second))
        try await ask(bo, "delete", target(second), orAlready: ["message_deleted"])
        try await ask(bo, "receipt", ["room": "tea", "read": .integer(Int64(first))])
        try await ask(bo, "receipt", ["room": "tea", "delivered": .integer(Int64(second))])
        try await ask(ana, "readers", ["room": "tea", "seq": .integer(Int64(first))])
        try await ask(cy, "history", ["room": "tea"])
        try await ask(cy, "search", ["text": "better"])
        try await ask(cy, "search", ["room": "tea", "text": "better"])
        try await ask(cy, "room.get", ["room": "tea"])
        try await ask(cy, "room.list")
        try await ask(cy, "whoami")
        try await ask(cy, "events", ["room": "tea", "after": 0])
    }

    private func comeBack() async throws {
        cy.cut()
        for client in [ana, bo, ana] { try await say(client, in: "tea") }
        try await signIn(cy)
        try await say(cy, in: "tea")
    }

    private func moderate() async throws {
        // Under its old name it is not found once it has the new one.
        try await ask(
            ana, "room.update", ["room": "tea", "name": "coffee"], orAlready: ["room_not_found"])
        for client in clients { try await ask(client, "room.get", ["room": "coffee"]) }
        try await say(bo, in: "coffee")
        try await ask(ana, "member.role", about(bo, ["role": "moderator"]))
        try await ask(bo, "member.kick", about(cy), orAlready: ["not_member"])
        try await say(ana, in: "coffee")
        try await enter("coffee", cy)
        try await ask(ana, "room.transfer", about(bo), orAlready: ["forbidden"])
        try await ask(ana, "room.leave", ["room": "coffee"], orAlready: ["not_member"])
        try await say(bo, in: "coffee")
    }

    /// Ana and Bo have a room of their own; Bo, who owns the coffee room, lets Ana in again by a link.
    private func meet() async throws {
        let (anas, bos) = (user(ana), user(bo))
        let direct = try await ask(ana, "dm.open", bos)["room"]["name"].string ?? "?"
        try await say(ana, in: direct)
        try await say(bo, in: direct)
        try await ask(bo, "user.block", anas)
        try await ask(bo, "user.blocks")
        try await ask(bo, "user.unblock", anas)
        try await say(ana, in: direct)
        let code = try await ask(bo, "link.create", ["room": "coffee"])["code"]
        try await ask(ana, "room.join", ["code": code])
        try await ask(bo, "link.list", ["room": "coffee"])
        try await ask(
            bo, "link.revoke", ["room": "coffee", "code": code], orAlready: ["invitation_not_found"]
        )
        try await ask(bo, "room.audit", ["room": "coffee"])
        try await ask(ana, "room.leave", ["room": "coffee"], orAlready: ["not_member"])
    }

    private func user(_ client: SimulatedClient) -> JSONValue {
        ["user": .string(client.userID ?? "?")]
    }

    private func restart() async throws {
        for client in clients { client.cut() }
        for attempt in 1...Self.attempts {
            do throws(StorageError) {
                try await world.restart()
                break
            } catch {
                if attempt == Self.attempts { throw failure("the engine does not restart") }
            }
        }
        for client in clients { try await signIn(client) }
        try await say(bo, in: "coffee")
    }

    private func end() async throws {
        try await enter("red", cy, isNew: true)
        try await enter("red", bo)
        try await say(bo, in: "red")
        try await ask(cy, "room.delete", ["room": "red"], orAlready: ["room_not_found"])
        for client in clients { try await say(client, in: "general") }
    }

    // MARK: Commands

    private func target(_ seq: Int, _ fields: JSONValue = [:]) -> JSONValue {
        fields.setting("room", to: "tea").setting("target", to: .integer(Int64(seq)))
    }

    private func about(_ client: SimulatedClient, _ fields: JSONValue = [:]) -> JSONValue {
        fields.setting("room", to: "coffee").setting("user", to: .string(client.userID ?? "?"))
    }

    private func signIn(_ client: SimulatedClient) async throws {
        step = "\(client.name) signs in"
        for _ in 0..<Self.attempts {
            client.connect(shard: shards - 1, resumes: true)
            try await settle()
            if client.isSignedIn, client.client.isConnected { return }
            guard client.lastRefusal.contains("storage_unavailable") || mayReconnect(client) else {
                throw failure(client.lastRefusal)
            }
            await world.advanceCalls(milliseconds: 1_000)
        }
        throw failure("still refused")
    }

    /// Makes a room or joins it; whose room was made without an answer is its member already.
    private func enter(_ room: String, _ client: SimulatedClient, isNew: Bool = false) async throws
    {
        if isNew {
            let answer = try await ask(
                client, "room.create", ["name": .string(room)], orAlready: ["room_name_taken"])
            if answer.type == "ok" { return }
        }
        try await ask(client, "room.join", ["room": .string(room)])
    }

    @discardableResult
    private func say(_ client: SimulatedClient, in room: String) async throws -> Int {
        var isRetry = false
        let answer = try await repeated(client, "\(client.name) says in \(room)", []) {
            defer { isRetry = true }
            return client.send(in: room, retries: isRetry)
        }
        return answer.seq
    }

    @discardableResult
    private func ask(
        _ client: SimulatedClient, _ type: String, _ fields: JSONValue = [:],
        orAlready codes: Set<String> = []
    ) async throws -> JSONValue {
        try await repeated(client, "\(client.name): \(type) \(fields)", codes) {
            client.post(type, fields)
        }
    }

    /// Sends until the store does its part, over a new connection if the old one was closed.
    ///
    /// - Parameter already: how a retry may be refused because the first attempt was done.
    private func repeated(
        _ client: SimulatedClient, _ what: String, _ already: Set<String>, _ send: () -> Int
    ) async throws -> JSONValue {
        for attempt in 0..<Self.attempts {
            if !client.isSignedIn || !client.client.isConnected { try await signIn(client) }
            step = what
            let id = send()
            try await settle()
            let answer = client.client.answer(to: id)
            if answer.type == "ok" { return answer }
            if attempt > 0, already.contains(answer.code) { return answer }
            let mayRetry =
                answer.code == "storage_unavailable" && answer["retry_after_ms"].integer != nil
            guard mayRetry || answer == .null && mayReconnect(client) else {
                throw failure("\(answer)")
            }
            await world.advanceCalls(milliseconds: 1_000)
        }
        throw failure("still refused")
    }

    /// A subscription whose log cannot be read ends its connection: the client would miss events.
    private func mayReconnect(_ client: SimulatedClient) -> Bool {
        !client.client.isConnected && client.client.closeCode?.isReconnectable == true
    }

    private func settle() async throws {
        await world.settleCalls()
        for client in clients {
            if let problem = client.digest(&book) { throw failure("\(client.name): \(problem)") }
        }
        for (room, events) in book.events {
            guard let id = RoomID(room), let last = events.keys.max(),
                let head = try await store.loadRoom(id)?.room.head.rawValue
            else { continue }
            if UInt64(last) > head { throw failure("\(last) was shown before it was stored") }
        }
    }

    private func failure(_ what: String) -> SimulationFailure {
        SimulationFailure(description: "\(step): \(what)")
    }
}

// MARK: At the end

extension FaultScenario {
    private func compare() async throws {
        step = "at the end"
        await world.advanceCalls(milliseconds: 20_000)
        try await settle()
        for client in clients where !client.client.isConnected {
            guard mayReconnect(client) else { throw failure("\(client.name) is away") }
            try await signIn(client)
        }
        guard let red = try await rooms(), !red.isEmpty else { throw failure("there are no rooms") }
        for room in red { try await compare(room) }
        for (key, seq) in book.acknowledged {
            guard let snapshot = try await store.loadRoom(key.room) else { continue }
            let stored = try await store.events(
                in: snapshot.room.id, after: SequenceNumber(rawValue: UInt64(seq - 1)), limit: 1)
            if stored.first?.clientID != key.clientID {
                throw failure("\(key.clientID) is not at \(seq)")
            }
        }
        if book.acknowledged.count != 18 {
            throw failure("\(book.acknowledged.count) messages were acknowledged")
        }
    }

    private func rooms() async throws -> [RoomID]? {
        guard let user = UserID(bo.userID ?? "") else { return nil }
        let list = try await store.memberships(of: user)
        let names = list.map { $0.room.directPair == nil ? $0.room.name : "direct" }
        if names.sorted() != ["coffee", "direct", "general"] { throw failure("\(list)") }
        return list.map(\.room.id)
    }

    private func compare(_ room: RoomID) async throws {
        guard let snapshot = try await store.loadRoom(room) else { throw failure("no \(room)") }
        let stored = try await store.events(in: room, after: .none, limit: .max)
        if stored.map(\.seq.rawValue) != Array(1...UInt64(stored.count)) {
            throw failure("a hole in \(room): \(stored.map(\.seq))")
        }
        let keys = stored.compactMap(\.clientID)
        if Set(keys).count != keys.count { throw failure("a message is stored twice: \(keys)") }
        for (seq, event) in book.events["\(room)"] ?? [:] {
            let isStored = stored.indices.contains(seq - 1)
            guard isStored, stored[seq - 1].clientID == event["client_id"].string else {
                throw failure("\(room) showed \(event), which is not stored")
            }
        }
        for client in clients {
            let isMember = snapshot.members.contains { $0.user.description == client.userID }
            let place = client.live(in: "\(room)")
            if isMember, place != stored.count {
                throw failure("\(client.name) has \(place ?? -1) of \(stored.count) in \(room)")
            }
        }
        // What the engine has in memory is what a fresh one reads.
        let shown = try await ask(bo, "room.members", ["room": .string("\(room)"), "limit": 100])
        let roles = shown["members"].elements.map { "\($0["name"]) \($0["role"])" }.sorted()
        let expected = snapshot.members.map { "\"\($0.name)\" \"\($0.role.name)\"" }.sorted()
        if roles != expected { throw failure("members \(roles), stored are \(expected)") }
        let state = try await ask(bo, "room.get", ["room": .string("\(room)")])["room"]
        if state["head"].integer != stored.count || state["name"].string != snapshot.room.name {
            throw failure("the engine has \(state), stored is \(snapshot.room)")
        }
    }
}
