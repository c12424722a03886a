// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

/// Accounts through a socket.
@Suite(.timeLimit(.minutes(15)))
struct AccountCallTests {
    private static func server(
        _ change: (inout AccountOptions) -> Void = { _ in }
    ) async throws -> APIServer {
        let store = MemoryStore()
        var options = AccountOptions()
        options.password = .weakest
        change(&options)
        let keys = try TokenKeys(signing: .random(id: "test"))
        let service = try AccountService(store: store, keys: keys, options: options)
        return try await APIServer(store: store, authenticator: .accounts(service))
    }

    private static func register(
        _ name: String, at server: APIServer
    ) async throws -> (client: APIClient, refreshToken: String) {
        let reply = try await server.nobody.post(
            "/auth/register",
            [
                "username": .string(name), "password": "correct horse",
                "email": .string("\(name)@example.org"), "display_name": "Somebody",
            ])
        #expect(reply.status == 201, "\(reply.body)")
        let client = APIClient(
            port: server.port, token: reply.body["access_token"].string,
            id: reply.body["user"]["id"].string ?? "?")
        return (client, reply.body["refresh_token"].string ?? "?")
    }

    @Test func `A1 every broken rule of a registration is told by field`() async throws {
        let server = try await Self.server()
        let reply = try await server.nobody.post(
            "/auth/register", ["username": "ab", "password": "short", "email": "nowhere"])
        #expect(reply.status == 422)
        #expect(reply.code == "invalid_field")
        #expect(reply.error["details"].keys == ["email", "password", "username"])
        await server.stop()
    }

    @Test func `A2 a name or address is taken in any case`() async throws {
        let server = try await Self.server()
        _ = try await Self.register("ana", at: server)
        for (body, code) in [
            (["username": "ANA", "password": "correct horse"], "username_taken"),
            (
                ["username": "bo", "password": "correct horse", "email": "Ana@Example.org"],
                "invalid_field"
            ),
            (
                ["username": "bobo", "password": "correct horse", "email": "Ana@Example.org"],
                "email_taken"
            ),
        ] as [(JSONValue, String)] {
            #expect(try await server.nobody.post("/auth/register", body).code == code)
        }
        await server.stop()
    }

    @Test func `A3 a wrong password and an unknown user get the same answer`() async throws {
        let server = try await Self.server()
        _ = try await Self.register("ana", at: server)
        let wrong = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "wrong horse"])
        let unknown = try await server.nobody.post(
            "/auth/login", ["login": "nobody", "password": "wrong horse"])
        #expect(wrong.status == 401)
        #expect(wrong.error.setting("time", to: "") == unknown.error.setting("time", to: ""))
        let login = try await server.nobody.post(
            "/auth/login", ["login": "ana@example.org", "password": "correct horse"])
        #expect(login.status == 200)
        #expect(login.body["user"]["name"] == "ana")
        #expect(login.body["expires_in_seconds"] == 900)
        #expect(login.body["rooms"][0]["name"] == "general")
        await server.stop()
    }

    @Test func `A5 a token that is forged, foreign or over is refused`() async throws {
        let server = try await Self.server()
        let (ana, _) = try await Self.register("ana", at: server)
        let token = try #require(ana.token)
        let parts = token.split(separator: ".")
        for forged in [
            "eyJhbGciOiJub25lIn0.\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[0])", "x",
            token + "x",
        ] {
            let reply = try await APIClient(port: server.port, token: forged).get("/auth/me")
            #expect(reply.status == 401)
            #expect(reply.code == "invalid_token")
        }
        #expect(try await server.nobody.get("/auth/me").code == "token_required")
        await server.stop()
    }

    @Test func `A6 logging out ends the token, and leaves other devices in`() async throws {
        let server = try await Self.server()
        let (ana, refreshToken) = try await Self.register("ana", at: server)
        let login = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "correct horse"])
        let other = APIClient(port: server.port, token: login.body["access_token"].string)
        let device = try await Listener(server.engine, token: ana.token ?? "")
        #expect(try await ana.post("/auth/logout").status == 204)
        #expect(await device.next { $0.type == "goodbye" }["reason"] == "session_revoked")
        #expect(try await ana.get("/auth/me").code == "invalid_token")
        #expect(try await other.get("/auth/me").status == 200)
        let refreshed = try await server.nobody.post(
            "/auth/refresh", ["refresh_token": .string(refreshToken)])
        #expect(refreshed.status == 401)
        #expect(try await other.post("/auth/logout", ["all": true]).status == 204)
        #expect(try await other.get("/auth/me").status == 401)
        await server.stop()
    }

    @Test func `one's devices are listed, and signed out`() async throws {
        let server = try await Self.server()
        let (ana, _) = try await Self.register("ana", at: server)
        let login = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "correct horse", "client": "phone"])
        let phone = APIClient(
            port: server.port, token: login.body["access_token"].string, id: ana.id)
        let devices = try await ana.get("/auth/devices").body["devices"].elements
        #expect(devices.map { $0["client"] } == ["phone", ""])
        #expect(devices.map { $0["current"] } == [false, true])
        let id = try #require(devices.first?["id"].string)
        #expect(try await ana.delete("/auth/devices/\(id)").status == 204)
        #expect(try await phone.get("/auth/me").status == 401)
        #expect(try await ana.get("/auth/devices").body["devices"].elements.count == 1)
        #expect(try await ana.delete("/auth/devices/nonsense").status == 422)
        await server.stop()
    }

    @Test func `a refresh token is used once, and gives new tokens`() async throws {
        let server = try await Self.server { $0.refreshGraceSeconds = 0 }
        let (ana, first) = try await Self.register("ana", at: server)
        let second = try await server.nobody.post(
            "/auth/refresh", ["refresh_token": .string(first)])
        #expect(second.status == 200)
        let renewed = APIClient(port: server.port, token: second.body["access_token"].string)
        #expect(try await renewed.get("/auth/me").body["user"]["name"] == "ana")
        let reused = try await server.nobody.post(
            "/auth/refresh", ["refresh_token": .string(first)])
        #expect(reused.status == 401)
        #expect(reused.code == "token_reused")
        #expect(try await ana.get("/auth/me").status == 401)
        #expect(try await server.nobody.post("/auth/refresh", [:]).code == "missing_field")
        await server.stop()
    }

    @Test func `A7 who am I tells all but the hash`() async throws {
        let server = try await Self.server()
        let (ana, _) = try await Self.register("ana", at: server)
        let me = try await ana.get("/auth/me")
        #expect(me.body["user"]["email"] == "ana@example.org")
        #expect(me.body["user"]["display_name"] == "Somebody")
        #expect(me.body["user"]["id"] == .string(ana.id))
        #expect(me.body["user"]["status"] == "offline", "nobody is online by a call")
        #expect(!me.text.contains("argon2"))
        #expect(me.fields["cache-control"] == "no-store")
        let changed = try await ana.patch(
            "/auth/me", ["display_name": "Ana", "status_text": "tea"])
        #expect(changed.body["user"]["display_name"] == "Ana")
        #expect(try await ana.patch("/auth/me", [:]).code == "missing_field")
        await server.stop()
    }

    @Test func `A8 failed logins are blocked with an error of their own`() async throws {
        let server = try await Self.server { $0.loginLimits.failuresPerAccount = 2 }
        _ = try await Self.register("ana", at: server)
        let body: JSONValue = ["login": "ana", "password": "wrong horse"]
        for _ in 0..<2 {
            #expect(try await server.nobody.post("/auth/login", body).status == 401)
        }
        let blocked = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "correct horse"])
        #expect(blocked.status == 429)
        #expect(blocked.code == "login_blocked")
        #expect(Int(blocked.fields["retry-after"] ?? "").map { $0 > 800 } == true)
        await server.stop()
    }

    @Test func `a password is changed, and other devices are signed out`() async throws {
        let server = try await Self.server()
        let (ana, _) = try await Self.register("ana", at: server)
        let login = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "correct horse"])
        let other = APIClient(port: server.port, token: login.body["access_token"].string)
        let wrong = try await ana.post(
            "/auth/password", ["password": "wrong horse", "new_password": "better horse"])
        #expect(wrong.code == "invalid_credentials")
        let changed = try await ana.post(
            "/auth/password", ["password": "correct horse", "new_password": "better horse"])
        #expect(changed.status == 204)
        #expect(try await ana.get("/auth/me").status == 200)
        #expect(try await other.get("/auth/me").status == 401)
        let again = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "better horse"])
        #expect(again.status == 200)
        await server.stop()
    }

    @Test func `guests are not let in where only accounts are`() async throws {
        let server = try await Self.server()
        let reply = try await server.nobody.post("/auth/guest", ["name": "ana"])
        #expect(reply.status == 401)
        await server.stop()
    }
}
