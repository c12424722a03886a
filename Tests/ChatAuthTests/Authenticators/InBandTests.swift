// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

/// Two shards, accounts and guests.
struct InBandWorld {
    let accounts: AccountWorld
    let world: LoopbackWorld

    let log = ActivityRecorder()

    init(
        allowsGuests: Bool = true, _ configure: (inout AccountOptions) -> Void = { _ in }
    ) async throws {
        accounts = try AccountWorld(configure)
        let log = log
        world = try await LoopbackWorld(
            store: accounts.store,
            authenticator: .accounts(accounts.service, allowsGuests: allowsGuests), shards: 2,
            clock: accounts.clock
        ) { $0.activityLog = log }
    }

    func client(shard: Int? = nil) -> LoopbackClient {
        world.connect(LoopbackClient.Options(shard: shard))
    }

    /// Sends a command and waits until the passwords are hashed.
    @discardableResult
    func ask(
        _ client: LoopbackClient, _ type: String, _ fields: JSONValue = [:]
    ) async -> JSONValue {
        let id = client.post(type, fields)
        await world.settleCalls()
        return client.answer(to: id)
    }

    /// A client that has registered.
    func registered(_ name: String, shard: Int? = nil) async -> (LoopbackClient, JSONValue) {
        let client = client(shard: shard)
        let answer = await ask(
            client, "register",
            [
                "username": .string(name), "password": .string(AccountWorld.password),
                "email": .string("\(name)@example.org"),
            ])
        return (client, answer)
    }

    func loggedIn(_ name: String, shard: Int? = nil) async -> (LoopbackClient, JSONValue) {
        let client = client(shard: shard)
        let answer = await ask(
            client, "login",
            ["login": .string(name), "password": .string(AccountWorld.password)])
        return (client, answer)
    }

    func hello(_ token: String, shard: Int? = nil) async -> (LoopbackClient, JSONValue) {
        let client = client(shard: shard)
        return (client, await ask(client, "hello", ["token": .string(token)]))
    }
}

@Suite struct `Accounts on a connection` {
    @Test func `register and login are answered like hello, with tokens`() async throws {
        let world = try await InBandWorld()
        let (_, registered) = await world.registered("ana")
        let (_, loggedIn) = await world.loggedIn("ANA")
        for answer in [registered, loggedIn] {
            #expect(answer.type == "ok")
            #expect(answer["user"]["name"] == "ana")
            #expect(answer["expires_in_seconds"] == 900)
            #expect(answer["rooms"].elements.first?["name"] == "general")
            #expect(answer["refresh_token"].string?.hasPrefix("rt_") == true)
            let (_, hello) = await world.hello(answer["access_token"].string ?? "")
            #expect(hello["user"]["id"] == registered["user"]["id"])
            #expect(hello["access_token"] == .null)
        }
    }

    @Test func `login resumes from positions`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana")
        await world.ask(ana, "send", ["room": "general", "text": "one", "client_id": "k"])
        let other = world.client()
        await world.ask(
            other, "login",
            [
                "login": "ana", "password": .string(AccountWorld.password),
                "resume": ["general": 0],
            ])
        #expect(other.events("message").map { $0["text"] } == ["one"])
    }

    @Test func `A1: every broken rule is told in details`() async throws {
        let world = try await InBandWorld()
        let client = world.client()
        let answer = await world.ask(
            client, "register", ["username": "a", "password": "b", "email": "c"])
        #expect(answer["code"] == "invalid_field")
        #expect(answer["field"] == "username")
        for field in ["username", "password", "email"] {
            #expect(answer["details"][field].string?.isEmpty == false)
        }
        let empty = await world.ask(client, "register")
        #expect(empty["details"]["username"] == "is required")
        #expect(empty["details"]["password"] == "is required")
    }

    @Test func `A6: logout ends the device's connections and tokens, others stay`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana", shard: 0)
        let token = registered["access_token"].string ?? ""
        let (same, _) = await world.hello(token, shard: 1)
        let (other, _) = await world.loggedIn("ana", shard: 1)
        let answer = await world.ask(ana, "logout")
        #expect(answer.type == "ok")
        #expect(ana.closeCode == .loggedOut)
        #expect(same.closeCode == .sessionRevoked)
        #expect(other.isConnected)
        let (_, again) = await world.hello(token)
        #expect(again["code"] == "invalid_token")
    }

    @Test func `A6: logout of all devices and deactivation end every connection`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana", shard: 0)
        let (other, _) = await world.loggedIn("ana", shard: 1)
        let (bo, _) = await world.registered("bo1")
        await world.ask(ana, "logout", ["all": true])
        #expect(ana.closeCode == .loggedOut)
        #expect(other.closeCode == .sessionRevoked)
        #expect(bo.isConnected)
        let (third, _) = await world.loggedIn("ana")
        let user = try #require(UserID(registered["user"]["id"].string ?? ""))
        let service = world.accounts.service
        let failure = await world.world.call { _ in
            await refusal { () async throws(WireError) in
                try await service.setState(.deactivated, of: user)
            }
        }
        #expect(failure == nil)
        world.world.settle()
        #expect(third.closeCode == .sessionRevoked)
        let (_, refused) = await world.loggedIn("ana")
        #expect(refused["code"] == "account_locked")
    }

    @Test func `a failed logout leaves the connection and says so`() async throws {
        let store = FaultingStore(MemoryStore())
        let accounts = try AccountWorld(store: store)
        let world = try await LoopbackWorld(
            store: store, authenticator: .accounts(accounts.service), clock: accounts.clock)
        let ana = world.connect()
        ana.post(
            "register", ["username": "ana", "password": .string(AccountWorld.password)])
        await world.settleCalls()
        for number in 1...2 { store.fail(.updateAccount, number: number) }
        let id = ana.post("logout")
        await world.settleCalls()
        #expect(ana.answer(to: id)["code"] == "storage_unavailable")
        #expect(ana.isConnected)
        ana.post("logout")
        await world.settleCalls()
        #expect(ana.closeCode == .loggedOut)
    }

    @Test func `a connection ends when its token has expired and was not refreshed`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana")
        ana.answersProbes = true
        await world.world.advanceCalls(milliseconds: 899_000)
        #expect(ana.isConnected)
        await world.world.advanceCalls(milliseconds: 2_000)
        #expect(ana.closeCode == .tokenExpired)
    }

    @Test func `a connection whose token was refreshed stays, wherever that was done`() async throws
    {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana", shard: 0)
        await world.world.advanceCalls(milliseconds: 600_000)
        let answer = await world.ask(
            ana, "refresh", ["refresh_token": registered["refresh_token"]])
        #expect(answer["access_token"].string?.isEmpty == false)
        await world.world.advanceCalls(milliseconds: 600_000)
        #expect(ana.isConnected)
        let elsewhere = world.client(shard: 1)
        let next = await world.ask(
            elsewhere, "refresh", ["refresh_token": answer["refresh_token"]])
        #expect(next.type == "ok")
        await world.world.advanceCalls(milliseconds: 600_000)
        #expect(ana.isConnected)
        await world.world.advanceCalls(milliseconds: 400_000)
        #expect(ana.closeCode == .tokenExpired)
    }

    @Test func `a refresh before signing in is followed by hello`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana")
        ana.cut()
        let client = world.client()
        let refreshed = await world.ask(
            client, "refresh", ["refresh_token": registered["refresh_token"]])
        let hello = await world.ask(client, "hello", ["token": refreshed["access_token"]])
        #expect(hello["user"]["name"] == "ana")
        let bad = await world.ask(world.client(), "refresh", ["refresh_token": "rt_x"])
        #expect(bad["code"] == "invalid_token")
    }

    @Test func `a password change leaves this device and signs out the others`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana", shard: 0)
        let (other, _) = await world.loggedIn("ana", shard: 1)
        let wrong = await world.ask(
            ana, "password.change", ["password": "wrong horse", "new_password": "battery staple"])
        #expect(wrong["code"] == "invalid_credentials")
        #expect(other.isConnected)
        let right = await world.ask(
            ana, "password.change",
            ["password": .string(AccountWorld.password), "new_password": "battery staple"])
        #expect(right.type == "ok")
        #expect(ana.isConnected)
        #expect(other.closeCode == .sessionRevoked)
    }

    @Test func `A7: whoami tells all of an account but the hash`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana")
        await world.ask(
            ana, "profile.update", ["display_name": "Ana", "avatar": "a", "status_text": "s"])
        let user = await world.ask(ana, "whoami")["user"]
        #expect(user["id"] == registered["user"]["id"])
        #expect(user["name"] == "ana")
        #expect(user["email"] == "ana@example.org")
        #expect(user["display_name"] == "Ana")
        #expect(user["avatar"] == "a")
        #expect(user["status_text"] == "s")
        #expect(user["status"] == "online")
        await world.ask(ana, "presence.set", ["status": "busy"])
        #expect(await world.ask(ana, "whoami")["user"]["status"] == "busy")
        #expect(user["created_at"].string?.isEmpty == false)
        #expect(user["last_login_at"].string?.isEmpty == false)
        #expect(ana.texts.allSatisfy { !$0.contains("argon2") })
    }

    @Test func `A9: nothing but signing in works before it`() async throws {
        let world = try await InBandWorld()
        let client = world.client()
        let commands: [(String, JSONValue)] = [
            ("send", ["room": "general", "text": "x"]), ("history", ["room": "general"]),
            ("whoami", [:]), ("room.list", [:]), ("room.join", ["room": "general"]),
            ("profile.update", ["display_name": "x"]), ("presence.set", ["status": "away"]),
            ("typing", ["room": "general"]), ("logout", [:]), ("search", ["text": "x"]),
            ("password.change", ["password": "x", "new_password": "y"]),
            ("react", ["room": "general", "target": 1, "emoji": "👍"]), ("ping", [:]),
        ]
        for (type, fields) in commands {
            let answer = await world.ask(client, type, fields)
            #expect(answer["code"] == "hello_required", "\(type)")
        }
    }

    @Test func `A9: a name cannot be forged in an event`() async throws {
        let world = try await InBandWorld()
        let (ana, answer) = await world.registered("ana")
        let (bo, _) = await world.registered("bo1")
        await world.ask(
            ana, "send",
            [
                "room": "general", "text": "hi", "client_id": "k", "name": "bo1", "user": "bo1",
                "from": ["id": "u_0000000000001", "name": "bo1"], "username": "bo1",
            ])
        let event = try #require(bo.events("message").first)
        #expect(event["from"]["id"] == answer["user"]["id"])
        #expect(event["from"]["name"] == "ana")
    }

    @Test func `A9: guests come in where they may, under free names only`() async throws {
        let both = try await InBandWorld()
        _ = await both.registered("ana")
        let guest = both.client()
        let taken = await both.ask(guest, "hello", ["name": "ANA"])
        #expect(taken["code"] == "name_taken")
        let empty = await both.ask(guest, "hello", ["name": " \u{200D} "])
        #expect(empty["code"] == "invalid_field")
        let free = await both.ask(guest, "hello", ["name": "gus"])
        #expect(free["token"].string?.hasPrefix("g_") == true)
        let change = await both.ask(
            guest, "password.change", ["password": "x", "new_password": "12345678"])
        #expect(change["code"] == "no_accounts")
        let only = try await InBandWorld(allowsGuests: false)
        let refused = await only.ask(only.client(), "hello", ["name": "gus"])
        #expect(refused["code"] == "invalid_token")
    }

    @Test func `A9: a server of guests knows no accounts`() async throws {
        let world = try await LoopbackWorld()
        let client = world.connect()
        for (type, fields) in [
            ("register", ["username": "ana", "password": "12345678"]),
            ("login", ["login": "ana", "password": "12345678"]),
            ("refresh", ["refresh_token": "rt"]),
        ] as [(String, JSONValue)] {
            #expect(client.ask(type, fields)["code"] == "no_accounts", "\(type)")
        }
        #expect(client.ask("hello", ["name": "ana"]).type == "ok")
        #expect(client.ask("logout").type == "ok")
    }

    @Test func `A10: another back end signs in whom it wants`() async throws {
        let world = try await LoopbackWorld(authenticator: OneWordAuthenticator())
        let client = world.connect()
        #expect(client.ask("hello", ["token": "wrong"])["code"] == "invalid_token")
        #expect(client.ask("hello", ["token": "sesame"])["user"]["name"] == "Ali")
    }

    @Test func `A10: a changed profile is seen by others, also if the service changes it`()
        async throws
    {
        let world = try await InBandWorld()
        let (ana, answer) = await world.registered("ana", shard: 0)
        let (bo, _) = await world.registered("bo1", shard: 1)
        await world.ask(ana, "profile.update", ["display_name": "Ana Lund"])
        #expect(bo.events("profile").last?["user"]["display_name"] == "Ana Lund")
        let (service, token) = (world.accounts.service, answer["access_token"].string ?? "")
        let failure = await world.world.call { _ in
            await refusal { () async throws(WireError) in
                try await service.updateProfile(
                    ProfileChanges(avatar: "faces/7", statusText: "away"),
                    of: service.authenticate(token))
            }
        }
        #expect(failure == nil)
        world.world.settle()
        // Told once per interval, with what is stored then.
        world.world.advance(milliseconds: 2_000)
        #expect(bo.events("profile").last?["user"]["avatar"] == "faces/7")
        #expect(bo.events("profile").last?["user"]["status_text"] == "away")
    }

    @Test func `A10: a changed name is everybody's at once`() async throws {
        let world = try await InBandWorld()
        let (ana, answer) = await world.registered("ana", shard: 0)
        let (other, _) = await world.loggedIn("ana", shard: 1)
        let (bo, _) = await world.registered("bo1", shard: 1)
        let taken = await world.ask(ana, "username.change", ["username": "BO1"])
        #expect(taken["code"] == "username_taken")
        let short = await world.ask(ana, "username.change", ["username": "x"])
        #expect(short["details"]["username"].string?.isEmpty == false)
        #expect(await world.ask(ana, "username.change", ["username": "Zoe"]).type == "ok")
        #expect(bo.events("profile").last?["user"]["name"] == "Zoe")
        await world.ask(other, "send", ["room": "general", "text": "hi", "client_id": "k"])
        #expect(bo.events("message").last?["from"]["name"] == "Zoe")
        #expect(bo.events("message").last?["from"]["id"] == answer["user"]["id"])
        let members = await world.ask(bo, "room.members", ["room": "general"])
        #expect(members["members"].elements.map { $0["name"] } == ["Zoe", "bo1"])
        #expect(await world.ask(ana, "whoami")["user"]["name"] == "Zoe")
        #expect(await world.loggedIn("zoe").1.type == "ok")
        #expect(await world.loggedIn("ana").1["code"] == "invalid_credentials")
    }

    @Test func `who is signed out while signing in does not come in`() async throws {
        let accounts = try AccountWorld()
        let held = HeldAuthenticator(AccountAuthenticator(accounts.service))
        let world = try await LoopbackWorld(
            store: accounts.store, authenticator: held, clock: accounts.clock)
        let grant = try await accounts.register()
        let client = world.connect()
        let id = client.post("hello", ["token": .string(grant.accessToken)])
        world.settle()
        await held.reached()
        // The token has been looked at and was good; now it is void.
        await world.call { engine in
            await engine.endSessions(of: grant.user.id, devices: [grant.device])
        }
        held.letGo()
        await world.settleCalls()
        #expect(client.answer(to: id)["code"] == "invalid_token")
    }
}

/// A back end of an embedder.
private struct OneWordAuthenticator: Authenticator {
    func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        guard credentials.token == "sesame" else {
            throw WireError(.invalidToken, "say the word", field: "token")
        }
        return SignIn(user: UserReference(id: UserID(rawValue: 7), name: "Ali"))
    }
}

/// Lets a sign-in wait between its check and its end.
private final class HeldAuthenticator: Authenticator {
    private struct State {
        var isReached = false
        var isFree = false
    }

    private let inner: AccountAuthenticator
    private let state = Lock(State())

    init(_ inner: AccountAuthenticator) { self.inner = inner }

    var accounts: (any AccountManaging)? { inner.accounts }

    func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        let signIn = try await inner.signIn(credentials, store: store)
        state.withLock { $0.isReached = true }
        while !state.withLock({ $0.isFree }) { await Task.yield() }
        return signIn
    }

    func reached() async {
        while !state.withLock({ $0.isReached }) { await Task.yield() }
    }

    func letGo() { state.withLock { $0.isFree = true } }
}
