// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Messages through a socket, beside connections.
@Suite(.timeLimit(.minutes(15)))
struct MessageCallTests {
    private static let room = "/rooms/general"

    @Test func `M1 M3 a message by call reaches connections and is posted once`() async throws {
        let server = try await APIServer()
        let listener = try await Listener(server.engine, name: "bo")
        let ana = try await server.guest("ana")
        let body: JSONValue = ["text": "hello", "client_id": "k1"]
        let first = try await ana.post(Self.room + "/messages", body)
        #expect(first.status == 201)
        let again = try await ana.post(Self.room + "/messages", body)
        #expect(again.status == 200)
        #expect(again.body["duplicate"] == true)
        #expect(again.body["seq"] == first.body["seq"])
        let event = await listener.next { $0.type == "message" }
        #expect(event["text"] == "hello")
        #expect(event["from"]["name"] == "ana")
        #expect(event["seq"] == first.body["seq"])
        let other = try await ana.post(
            Self.room + "/messages", ["text": "other", "client_id": "k1"])
        #expect(other.code == "client_id_reused")
        await server.stop()
    }

    @Test func `who calls is not online by it, and gets no events`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        let listener = try await Listener(server.engine, name: "bo")
        _ = try await ana.post(Self.room + "/messages", ["text": "hello"])
        let answer = await listener.ask(["type": "room.members", "room": "general"])
        let member = answer["members"].elements.first { $0["name"] == "ana" }
        #expect(member?["status"] == "offline")
        #expect(answer["online"] == 1)
        await server.stop()
    }

    @Test func `a connection of the same user gets what a call does`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        let device = try await Listener(server.engine, token: ana.token ?? "")
        _ = try await ana.post("/rooms", ["name": "tea"])
        let entered = await device.next { $0["room"]["name"] == "tea" }
        #expect(entered["room"]["role"] == "owner")
        _ = try await ana.post("/rooms/tea/messages", ["text": "hello"])
        #expect(await device.next { $0.type == "message" }["text"] == "hello")
        await server.stop()
    }

    @Test func `M2 a text that is empty or too long is refused, each with its code`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        for (body, code) in [
            (["text": ""], "text_empty"), ([:], "missing_field"), (["text": 7], "invalid_field"),
            (["text": .string(String(repeating: "x", count: 4_001))], "text_too_long"),
            (["text": "x", "reply_to": 99], "reply_target_not_found"),
        ] as [(JSONValue, String)] {
            let reply = try await ana.post(Self.room + "/messages", body)
            #expect(reply.status == (code == "reply_target_not_found" ? 404 : 422))
            #expect(reply.code == code)
        }
        let longest = String(repeating: "🦜", count: 4_000)
        #expect(
            try await ana.post(Self.room + "/messages", ["text": .string(longest)]).status == 201)
        await server.stop()
    }

    @Test func `M4 messages are edited, deleted, marked by those who may`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let posted = try await ana.post(Self.room + "/messages", ["text": "helo"])
        let message = Self.room + "/messages/\(posted.body.seq)"
        #expect(try await bo.patch(message, ["text": "x"]).code == "not_your_message")
        #expect(try await ana.patch(message, ["text": "hello"]).status == 200)
        #expect(try await bo.put(message + "/reactions/%F0%9F%91%8D").status == 200)
        #expect(try await bo.put(message + "/reactions/x").code == "invalid_field")
        #expect(try await bo.put(message + "/pin").code == "forbidden")
        let history = try await bo.get(Self.room + "/messages")
        #expect(history.body["messages"][0]["text"] == "hello")
        #expect(history.body["messages"][0]["reactions"][0]["emoji"] == "👍")
        #expect(try await bo.delete(message + "/reactions/%F0%9F%91%8D").status == 200)
        #expect(
            try await bo.put(Self.room + "/receipt", ["read": posted.body["seq"]]).status == 200)
        let readers = try await ana.get(message + "/readers")
        #expect(readers.body["readers"][0]["name"] == "bo")
        #expect(readers.body["readers"][0]["at"].string.flatMap(Timestamp.init(_:)) != nil)
        #expect(try await bo.delete(message).code == "not_your_message")
        #expect(try await ana.delete(message).status == 200)
        let second = try await ana.delete(message)
        #expect(second.status == 410)
        #expect(second.error["field"] == "seq")
        #expect(try await ana.delete(Self.room + "/messages/99999").code == "message_not_found")
        #expect(try await ana.delete(Self.room + "/messages/x").code == "invalid_field")
        await server.stop()
    }

    @Test func `M6 history comes in pages before, after and around a place`() async throws {
        let server = try await APIServer()
        let ana = try await server.guest("ana")
        var places: [Int] = []
        for number in 1...60 {
            let reply = try await ana.post(
                Self.room + "/messages", ["text": .string("word\(number)")])
            places.append(reply.body.seq)
        }
        func seqs(_ query: String) async throws -> [Int] {
            try await ana.get(Self.room + "/messages" + query).body["messages"].elements.map(\.seq)
        }
        #expect(try await seqs("") == Array(places.suffix(50)))
        #expect(try await seqs("?before=\(places[10])") == Array(places[..<10]))
        #expect(try await seqs("?after=\(places[57])&limit=9") == Array(places[58...]))
        #expect(try await seqs("?around=\(places[30])&limit=3").contains(places[30]))
        #expect(try await ana.get(Self.room + "/messages?limit=0").code == "invalid_field")
        #expect(try await ana.get(Self.room + "/messages?before=x").code == "invalid_field")
        let log = try await ana.get(Self.room + "/events?after=0&limit=2")
        #expect(log.body["events"].elements.count == 2)
        #expect(log.body["head"].integer == places.last)
        let found = try await ana.get("/search?text=word5&limit=5&page=2")
        #expect(found.body["hits"].elements.count == 5)
        #expect(found.body["has_next"] == true)
        #expect(try await ana.get("/search").code == "missing_field")
        for broken in ["limit=%00", "limit=%", "limit=%FF", "before=%0A1"] {
            let reply = try await ana.get(Self.room + "/messages?\(broken)")
            #expect(reply.status == 422, "\(broken)")
            #expect(reply.code == "invalid_field")
        }
        #expect(
            try await ana.get(Self.room + "/search?text=word7").body["hits"].elements.count == 1)
        await server.stop()
    }

    @Test func `M8 reading changes nothing`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        _ = try await ana.post(Self.room + "/messages", ["text": "hello"])
        let before = try await bo.get("/me/rooms").body
        #expect(before["rooms"][0]["unread"] == 1)
        _ = try await bo.get(Self.room + "/messages")
        _ = try await bo.get(Self.room)
        #expect(try await bo.get("/me/rooms").body == before)
        await server.stop()
    }

    @Test func `R13 who is no member can do nothing in a room`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        _ = try await ana.post("/rooms", ["name": "tea"])
        _ = try await ana.post("/rooms/tea/messages", ["text": "hello"])
        for (method, path, body) in [
            ("POST", "/messages", ["text": "x"]), ("GET", "/messages", nil),
            ("PUT", "/receipt", ["read": 1]), ("GET", "/events", nil),
            ("PUT", "/messages/2/reactions/%F0%9F%91%8D", nil), ("GET", "/search?text=x", nil),
        ] as [(String, String, JSONValue?)] {
            let reply = try await bo.send(method, "/rooms/tea" + path, body)
            #expect(reply.status == 403, "\(method) \(path)")
            #expect(reply.code == "not_member")
        }
        await server.stop()
    }
}
