// SPDX-License-Identifier: MIT

import ChatAuth
import ChatClient
import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RegistrationTests {
    private static let new = ChatRegistration(
        username: "Ana", password: "correct horse", email: "ana@example.org",
        displayName: "Ana Lund")

    @Test func `an account is made with the first sign-in, and serves for the next`() async throws {
        let store = MemoryStore()
        var options = AccountOptions()
        options.password = .weakest
        let accounts = try AccountService(
            store: store, keys: TokenKeys(signing: .random(id: "test")), options: options)
        let engine = try await ChatEngine(
            store: store, authenticator: .accounts(accounts, allowsGuests: false))
        try await engine.serve(TCPTransport(port: 0))
        let endpoint = ChatEndpoint(host: "127.0.0.1", port: engine.ports[0])
        let first = try ChatClient(endpoint, as: .newAccount(Self.new))
        let user = try await first.whoAmI()
        #expect(user.name == "Ana")
        let second = try ChatClient(
            endpoint, as: .account(login: "ana@example.org", password: "correct horse"))
        #expect(try await second.whoAmI().id == user.id)
        let third = try ChatClient(endpoint, as: .newAccount(Self.new))
        await #expect {
            try await third.whoAmI()
        } throws: { error in (error as? ChatRefusal)?.code == "username_taken" }
        for client in [first, second] { client.close() }
        await engine.shutdown()
    }

    @Test func `an account whose making was not answered is signed in to`() throws {
        var world = MachineWorld(.newAccount(Self.new))
        world.run { machine, now in machine.opened(now: now) }
        #expect(try world.take("register")["email"]?.string == "ana@example.org")
        world.run { machine, now in machine.closed(nil, now: now) }
        try world.pass()
        world.run { machine, now in machine.opened(now: now) }
        world.refuse(try world.take("register"), "username_taken")
        let login = try world.take("login")
        #expect(login["login"]?.string == "Ana")
        world.refuse(login, "invalid_credentials")
        guard case .closed(let refusal) = world.states.last else {
            Issue.record("\(world.states)")
            return
        }
        #expect(refusal?.code == "invalid_credentials")
    }

    @Test func `a name that was taken from the first is refused`() throws {
        var world = MachineWorld(.newAccount(Self.new))
        world.run { machine, now in machine.opened(now: now) }
        world.refuse(try world.take("register"), "username_taken")
        guard case .closed(let refusal) = world.states.last else {
            Issue.record("\(world.states)")
            return
        }
        #expect(refusal?.code == "username_taken")
    }
}
