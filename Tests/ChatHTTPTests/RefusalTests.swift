// SPDX-License-Identifier: MIT

import ChatCore
import ChatHTTP
import ChatStorageMemory
import ChatTesting
import ChatTransportWS
import Testing

/// Whoever refuses, the shape is the same.
@Suite(.timeLimit(.minutes(15)))
struct RefusalTests {
    private static let host = "Host: localhost\r\nConnection: close\r\n"
    private static let json = "Content-Type: application/json\r\n"

    @Test func `O2 every refusal is JSON with code, message and time`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        let me = "Authorization: Bearer \(ana.token ?? "")\r\n"
        func post(_ body: String, _ fields: String) -> String {
            "POST /api/rooms HTTP/1.1\r\n\(Self.host)\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let long = String(repeating: "x", count: 70_000)
        for (request, status, code) in [
            ("GET /nowhere HTTP/1.1\r\n\(Self.host)\r\n", 404, "not_found"),
            ("GET /api/nowhere HTTP/1.1\r\n\(Self.host)\r\n", 404, "not_found"),
            ("GET /api/rooms/a%2Fb HTTP/1.1\r\n\(Self.host)\(me)\r\n", 400, "bad_request"),
            ("PUT /api/rooms HTTP/1.1\r\n\(Self.host)\r\n", 405, "method_not_allowed"),
            ("GET /api/rooms HTTP/1.1\r\n\(Self.host)\r\n", 401, "token_required"),
            (
                "GET /api/rooms HTTP/1.1\r\n\(Self.host)Authorization: Basic eDp5\r\n\r\n", 401,
                "invalid_token"
            ),
            (
                "GET /api/rooms HTTP/1.1\r\n\(Self.host)Authorization: Bearer nobody's\r\n\r\n",
                401, "invalid_token"
            ),
            (
                "GET /api/rooms?token=\(ana.token ?? "") HTTP/1.1\r\n\(Self.host)\r\n", 401,
                "token_required"
            ),
            (post("{", me + Self.json), 400, "bad_json"),
            (post("[]", me + Self.json), 400, "bad_json"),
            (post("{\"name\":\"x\"}", me), 415, "unsupported_media_type"),
            (post("name=x", me + "Content-Type: text/plain\r\n"), 415, "unsupported_media_type"),
            (post(long, me + Self.json), 413, "too_large"),
            ("GET /\(long.prefix(5_000)) HTTP/1.1\r\n\(Self.host)\r\n", 414, "target_too_long"),
            (
                "GET / HTTP/1.1\r\n\(Self.host)X: \(long.prefix(20_000))\r\n\r\n", 431,
                "head_too_large"
            ),
            ("nonsense\r\n\r\n", 400, "bad_request"),
            ("GET / HTTP/3.0\r\n\(Self.host)\r\n", 505, "version_not_supported"),
        ] {
            let reply = try await server.nobody.raw(request)
            #expect(reply.status == status, "\(request.prefix(60))")
            #expect(reply.code == code, "\(request.prefix(60)): \(reply.text)")
            #expect(reply.fields["content-type"] == "application/json")
            #expect(reply.fields["cache-control"] == "no-store")
            #expect(reply.error["message"].string?.isEmpty == false)
            #expect(Timestamp(reply.error["time"].string ?? "") != nil)
            #expect((reply.fields["www-authenticate"] != nil) == (status == 401))
            #expect((reply.fields["allow"] != nil) == (status == 405))
        }
        await server.stop()
    }

    @Test func `HEAD has the head of GET, and OPTIONS names the methods`() async throws {
        let server = try await APIServer(
            crossOrigin: HTTPCrossOrigin(.these(["https://a.example"])))
        let ana = try await server.guest("ana")
        let get = try await ana.get("/rooms")
        let head = try await ana.send("HEAD", "/rooms")
        #expect(head.status == 200)
        #expect(head.text.isEmpty)
        #expect(head.fields["content-length"] == get.fields["content-length"])
        let options = try await server.nobody.send(
            "OPTIONS", "/api/rooms",
            fields: "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n",
            content: "")
        #expect(options.status == 204)
        #expect(options.fields["access-control-allow-origin"] == "https://a.example")
        #expect(options.fields["access-control-allow-methods"]?.contains("POST") == true)
        #expect(options.fields["access-control-allow-headers"]?.contains("Authorization") == true)
        let other = try await ana.send(
            "GET", "/api/rooms", fields: "Origin: https://b.example\r\n", content: "")
        #expect(other.status == 200)
        #expect(other.fields["access-control-allow-origin"] == nil)
        #expect(other.fields["access-control-allow-credentials"] == nil)
        await server.stop()
    }

    @Test func `O1 a user's budget is one for calls and connections, and says when to come back`()
        async throws
    {
        var configuration = ChatConfiguration()
        configuration.rates[.user, .message] = BucketSize(capacity: 3, tokensPerMinute: 3)
        let server = try await APIServer(configuration: configuration)
        let ana = try await server.guest("ana")
        let device = try await Listener(server.engine, token: ana.token ?? "")
        for number in 1...2 {
            let body: JSONValue = ["text": .string("\(number)")]
            #expect(try await ana.post("/rooms/general/messages", body).status == 201)
        }
        let sent = await device.ask(["type": "send", "room": "general", "text": "3"])
        #expect(sent.type == "ok")
        let refused = try await ana.post("/rooms/general/messages", ["text": "4"])
        #expect(refused.status == 429)
        #expect(refused.error["bucket"] == "user.message")
        let wait = try #require(refused.error["retry_after_ms"].integer)
        #expect(refused.fields["retry-after"] == "\((wait + 999) / 1_000)")
        await server.stop()
    }

    @Test func `guessing tokens is limited by address`() async throws {
        var configuration = ChatConfiguration()
        configuration.rates[.address, .signIn] = BucketSize(capacity: 2, tokensPerMinute: 1)
        let server = try await APIServer(configuration: configuration)
        let guesser = APIClient(port: server.port, token: "g_0000000000000")
        #expect(try await guesser.get("/rooms").status == 401)
        #expect(try await guesser.get("/rooms").status == 401)
        let refused = try await guesser.get("/rooms")
        #expect(refused.code == "rate_limited")
        #expect(refused.error["bucket"] == "address.sign_in")
        await server.stop()
    }

    @Test func `the embedder's rules hold for calls`() async throws {
        struct NoShouting: ChatPolicy {
            func check(
                _ action: RoomAction, by user: UserReference, in room: RoomRecord
            ) -> WireError? {
                guard case .write(.message(let text, _), _) = action, text.hasSuffix("!") else {
                    return nil
                }
                return WireError(.forbidden, "no shouting", field: "text")
            }
        }
        var configuration = ChatConfiguration()
        configuration.policy = NoShouting()
        let server = try await APIServer(configuration: configuration)
        let ana = try await server.guest("ana")
        let refused = try await ana.post("/rooms/general/messages", ["text": "hey!"])
        #expect(refused.status == 403)
        #expect(refused.error["details"]["text"] == "no shouting")
        #expect(try await ana.post("/rooms/general/messages", ["text": "hey"]).status == 201)
        await server.stop()
    }

    @Test func `O3 a store that fails is 503 with a time to come back`() async throws {
        let store = FaultingStore(MemoryStore())
        let server = try await APIServer(store: store)
        let ana = try await server.guest("ana")
        store.fail(.listRooms)
        store.fail(.history)
        // The authenticator tries twice.
        store.fail(.addUser, number: 1)
        store.fail(.addUser, number: 2)
        for reply in [
            try await ana.get("/rooms"), try await ana.get("/rooms/general/messages"),
            try await server.nobody.post("/auth/guest", ["name": "bo"]),
        ] {
            #expect(reply.status == 503)
            #expect(reply.code == "storage_unavailable")
            #expect(reply.fields["retry-after"] == "1")
        }
        #expect(try await ana.get("/rooms").status == 200)
        await server.stop()
    }

    @Test func `A9 a guest's name is exclusive while they are connected, and has a token`()
        async throws
    {
        let server = try await APIServer()
        let listener = try await Listener(server.engine, name: "bo")
        _ = listener
        let taken = try await server.nobody.post("/auth/guest", ["name": "bo"])
        #expect(taken.status == 409)
        #expect(taken.code == "name_taken")
        let ana = try await server.guest("ana")
        #expect(try await ana.get("/auth/me").body["user"]["name"] == "ana")
        for (body, code) in [
            ([:], "missing_field"), (["name": " "], "invalid_field"),
            (["name": 7], "invalid_field"),
        ] as [(JSONValue, String)] {
            #expect(try await server.nobody.post("/auth/guest", body).code == code)
        }
        // Without accounts there are none.
        let login = try await server.nobody.post(
            "/auth/login", ["login": "ana", "password": "password"])
        #expect(login.status == 404)
        #expect(login.code == "no_accounts")
        await server.stop()
    }

    @Test func `what only a connection can do is refused to a single command`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        for (command, code) in [
            ("{\"type\":\"typing\",\"room\":\"general\"}", "unknown_command"),
            ("{\"type\":\"presence.set\",\"status\":\"away\"}", "unknown_command"),
            ("{\"type\":\"hello\",\"name\":\"bo\"}", "already_signed_in"),
            ("{\"type\":\"ping\"}", ""), ("nonsense", "bad_json"),
        ] {
            let answer = await server.engine.run(
                Array(command.utf8), by: .token(ana.token ?? ""),
                from: PeerInfo(address: "test", transport: "test"))
            #expect(JSONValue(utf8: answer)?.code == code, "\(command)")
        }
        let unsigned = await server.engine.run(
            Array("{\"type\":\"whoami\"}".utf8), by: .nobody,
            from: PeerInfo(address: "test", transport: "test"))
        #expect(JSONValue(utf8: unsigned)?.code == "hello_required")
        await server.stop()
    }

    @Test func `calls that come while the server stops are told to come back`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        await server.engine.shutdown(deadlineMilliseconds: 10)
        let answer = await server.engine.run(
            Array("{\"type\":\"whoami\"}".utf8), by: .token(ana.token ?? ""),
            from: PeerInfo(address: "test", transport: "test"))
        #expect(JSONValue(utf8: answer)?.code == "shutting_down")
    }
}
