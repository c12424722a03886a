// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@testable import ChatAuth

/// What an activity log is told of accounts.
@Suite struct AccountActivityTests {
    private func events(_ log: ActivityRecorder) -> [String] {
        log.take().compactMap { activity in
            switch activity {
            case .signedIn(_, let method, _): "in by \(method)"
            case .signInRefused(let code, _): "refused \(code)"
            case .signedOut(_, let isExplicit, _): isExplicit ? "out" : "gone"
            case .passwordChanged(let user, _): "password of \(user.name)"
            case .emailChanged(let user, _): "address of \(user.name)"
            case .renamed(let user, let name): "\(user.name) is \(name)"
            default: nil
            }
        }
    }

    @Test func `O5: how somebody signed in, and what was wrong with it, is recorded`() async throws
    {
        let world = try await InBandWorld()
        let (_, registered) = await world.registered("ana")
        _ = await world.loggedIn("ana")
        _ = await world.hello(registered["access_token"].string ?? "")
        let stranger = world.client()
        await world.ask(stranger, "login", ["login": "ana", "password": "wrong password"])
        await world.ask(stranger, "refresh", ["refresh_token": "nonsense"])
        await world.ask(stranger, "register", ["username": "ana", "password": "long enough"])
        #expect(
            events(world.log) == [
                "in by registration", "in by password", "in by token",
                "refused invalidCredentials", "refused invalidToken", "refused usernameTaken",
            ])
    }

    @Test func `changes of names and passwords, and signing out, are recorded`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana")
        _ = await world.loggedIn("ana")
        _ = events(world.log)
        await world.ask(ana, "username.change", ["username": "anna"])
        await world.ask(
            ana, "password.change",
            ["password": "wrong", "new_password": "another long one"])
        await world.ask(
            ana, "password.change",
            [
                "password": .string(AccountWorld.password),
                "new_password": "another long one",
            ])
        await world.ask(
            ana, "email.change", ["email": "anna@example.org", "password": "another long one"])
        await world.ask(ana, "logout")
        #expect(
            events(world.log) == [
                "ana is anna", "refused invalidCredentials", "out", "password of anna",
                "address of anna", "out",
            ])
    }

    @Test func `a sign-in by a call without a connection is recorded, its tokens' use is not`()
        async throws
    {
        let world = try await InBandWorld()
        let peer = PeerInfo(address: "192.0.2.9", transport: "http")
        func run(_ command: String, _ source: CommandSource = .nobody) async -> JSONValue {
            let answer = await world.world.call { engine in
                await engine.run(Array(command.utf8), by: source, from: peer)
            }
            return JSONValue(utf8: answer) ?? .null
        }
        let registered = await run(
            #"{"type":"register","username":"ana","password":"correct horse"}"#)
        let token = try #require(registered["access_token"].string)
        #expect(await run(#"{"type":"whoami"}"#, .token(token)).type == "ok")
        #expect(await run(#"{"type":"whoami"}"#, .token(token + "x")).code == "invalid_token")
        #expect(await run(#"{"type":"logout"}"#, .token(token)).type == "ok")
        #expect(events(world.log) == ["in by registration", "refused invalidToken", "out"])
    }
}
