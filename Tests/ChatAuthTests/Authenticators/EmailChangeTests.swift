// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatAuth

@Suite(.timeLimit(.minutes(5))) struct `Another e-mail address` {
    @Test func `is what its owner signs in with from then on`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana")
        let password = JSONValue.string(AccountWorld.password)
        let changed = await world.ask(
            ana, "email.change", ["email": " Lund@Example.org ", "password": password])
        #expect(changed.type == "ok")
        #expect(await world.ask(ana, "whoami")["user"]["email"] == "Lund@Example.org")
        #expect(await world.loggedIn("lund@example.org").1["user"]["name"] == "ana")
        #expect(await world.loggedIn("ana@example.org").1["code"] == "invalid_credentials")
        let none = await world.ask(ana, "email.change", ["email": "", "password": password])
        #expect(none.type == "ok")
        #expect(await world.ask(ana, "whoami")["user"]["email"] == .null)
        #expect(await world.loggedIn("lund@example.org").1["code"] == "invalid_credentials")
    }

    @Test func `needs the password, and must be nobody else's`() async throws {
        let world = try await InBandWorld()
        let (ana, _) = await world.registered("ana")
        _ = await world.registered("bob")
        func change(_ email: JSONValue, _ password: JSONValue) async -> JSONValue {
            await world.ask(ana, "email.change", ["email": email, "password": password])
        }
        let right = JSONValue.string(AccountWorld.password)
        #expect(await change("new@example.org", "wrong horse")["code"] == "invalid_credentials")
        #expect(await change("BOB@example.org", right)["code"] == "email_taken")
        #expect(await change("nowhere", right)["details"].keys == ["email"])
        #expect(await change("nowhere", "")["details"].keys == ["email", "password"])
        #expect(await world.ask(ana, "whoami")["user"]["email"] == "ana@example.org")
        let guest = world.client()
        await world.ask(guest, "hello", ["name": "cy"])
        let refused = await world.ask(
            guest, "email.change", ["email": "cy@example.org", "password": "x"])
        #expect(refused["code"] == "no_accounts")
    }
}
