// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Rooms and members through a socket.
@Suite(.timeLimit(.minutes(15)))
struct RoomCallTests {
    @Test func `R1 who makes a room owns it, and a name is taken once, in any case`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let made = try await ana.post("/rooms", ["name": "Tea", "description": "green"])
        #expect(made.status == 201)
        let id = try #require(made.body["room"]["id"].string)
        #expect(made.fields["location"] == "/api/rooms/\(id)")
        #expect(made.body["room"]["role"] == "owner")
        #expect(try await bo.post("/rooms", ["name": "tEA"]).code == "room_name_taken")
        for (body, code) in [
            (["name": ""], "invalid_field"), ([:], "missing_field"),
            (["name": .string(String(repeating: "x", count: 101))], "invalid_field"),
            (["name": "x", "max_members": 1], "invalid_field"),
            (
                ["name": "x", "description": .string(String(repeating: "x", count: 501))],
                "invalid_field"
            ),
        ] as [(JSONValue, String)] {
            let reply = try await ana.post("/rooms", body)
            #expect(reply.status == 422)
            #expect(reply.code == code)
            #expect(reply.error["details"].keys == [reply.error["field"].string])
        }
        await server.stop()
    }

    @Test func `R3 the list is in pages, newest first, and shows no private room to outsiders`()
        async throws
    {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        for number in 1...5 {
            _ = try await ana.post("/rooms", ["name": .string("room \(number)")])
        }
        _ = try await ana.post("/rooms", ["name": "hidden", "private": true])
        func names(_ reply: APIClient.Reply) -> [String] {
            reply.body["rooms"].elements.compactMap { $0["name"].string }
        }
        let first = try await bo.get("/rooms?limit=4")
        #expect(names(first) == ["room 5", "room 4", "room 3", "room 2"])
        #expect(first.body["total"] == 6)
        #expect(first.body["has_next"] == true)
        #expect(first.body["page"] == 1)
        let second = try await bo.get("/rooms?limit=4&page=2")
        #expect(names(second) == ["room 1", "general"])
        #expect(second.body["has_next"] == false)
        #expect(try await bo.get("/rooms?page=9").body["rooms"] == [])
        #expect(try await ana.get("/rooms").body["total"] == 7)
        #expect(try await bo.get("/rooms?page=0").status == 422)
        #expect(try await bo.get("/rooms?limit=0").status == 422)
        #expect(try await bo.get("/rooms?limit=4000000000").body["limit"] == 100)
        await server.stop()
    }

    @Test func `R4 R5 R6 joining, detail and leaving have their own refusals`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let caro = try await server.guest("caro")
        _ = try await ana.post("/rooms", ["name": "pair", "max_members": 2])
        _ = try await ana.post("/rooms", ["name": "secret", "private": true])
        #expect(try await bo.post("/rooms/nowhere/join").code == "room_not_found")
        let outside = try await bo.post("/rooms/secret/join")
        #expect(outside.status == 404)
        #expect(outside.code == "room_not_found")
        let joined = try await bo.post("/rooms/pair/join")
        #expect(joined.status == 200)
        #expect(joined.body["room"]["role"] == "member")
        #expect(try await caro.post("/rooms/pair/join").code == "room_full")
        let detail = try await bo.get("/rooms/pair")
        #expect(detail.body["room"]["role"] == "member")
        let members = try await bo.get("/rooms/pair/members?limit=1")
        #expect(members.body["total"] == 2)
        #expect(members.body["has_next"] == true)
        #expect(members.body["members"].elements.count == 1)
        #expect(try await ana.post("/rooms/pair/leave").code == "owner_must_transfer")
        #expect(try await bo.post("/rooms/pair/leave").status == 204)
        #expect(try await bo.post("/rooms/pair/leave").code == "not_member")
        #expect(try await bo.get("/rooms/pair").body["room"]["role"] == .null)
        await server.stop()
    }

    @Test func `R7 R8 a room is changed and deleted by those who may`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        _ = try await ana.post("/rooms", ["name": "tea", "description": "green"])
        _ = try await bo.post("/rooms/tea/join")
        #expect(try await bo.patch("/rooms/tea", ["name": "mine"]).code == "forbidden")
        let cleared = try await ana.patch("/rooms/tea", ["description": "", "max_members": 2])
        #expect(cleared.body["room"]["description"] == "")
        #expect(try await ana.patch("/rooms/tea", ["name": "general"]).code == "room_name_taken")
        _ = try await ana.put("/rooms/tea/members/\(bo.id)/role", ["role": "admin"])
        #expect(try await bo.patch("/rooms/tea", ["name": "Chai"]).status == 200)
        #expect(try await bo.delete("/rooms/chai").code == "forbidden")
        #expect(try await ana.post("/rooms/chai/owner", ["user": .string(bo.id)]).status == 200)
        #expect(try await bo.delete("/rooms/chai").status == 204)
        #expect(try await bo.get("/rooms/chai").code == "room_not_found")
        #expect(try await ana.delete("/rooms/general").code == "default_room")
        await server.stop()
    }

    @Test func `R9 a private room answers an outsider like one that does not exist`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let made = try await ana.post("/rooms", ["name": "secret", "private": true])
        let id = try #require(made.body["room"]["id"].string)
        _ = try await ana.post("/rooms/secret/messages", ["text": "hush"])
        let missing = "r_0123456789abc"
        func same(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws {
            let there = try await bo.send(method, "/rooms/\(id)\(path)", body)
            let not = try await bo.send(method, "/rooms/\(missing)\(path)", body)
            #expect(there.status == 404, "\(method) \(path)")
            #expect(there.error.setting("time", to: "") == not.error.setting("time", to: ""))
            #expect(there.fields.keys.sorted() == not.fields.keys.sorted())
        }
        for path in [
            "", "/members", "/messages", "/events", "/bans", "/search?text=hush",
            "/messages/2/readers",
        ] { try await same("GET", path) }
        for path in ["/join", "/leave"] { try await same("POST", path) }
        try await same("POST", "/messages", ["text": "x"])
        try await same("POST", "/owner", ["user": .string(bo.id)])
        try await same("PATCH", "", ["name": "x"])
        try await same("PATCH", "/messages/2", ["text": "x"])
        try await same("PUT", "/receipt", ["read": 1])
        try await same("PUT", "/messages/2/pin")
        try await same("PUT", "/messages/2/reactions/%F0%9F%91%8D")
        try await same("PUT", "/members/\(ana.id)/role", ["role": "member"])
        for path in ["", "/messages/2", "/members/\(ana.id)", "/bans/\(ana.id)"] {
            try await same("DELETE", path)
        }
        // Invited, it is there.
        _ = try await ana.post("/rooms/secret/invitations", ["user": .string(bo.id)])
        #expect(try await bo.get("/me/invitations").body["total"] == 1)
        #expect(try await bo.post("/rooms/\(id)/join").status == 200)
        #expect(try await bo.get("/me/rooms").body["total"] == 2)
        await server.stop()
    }

    @Test func `R10 members are removed, banned and muted`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        _ = try await ana.post("/rooms", ["name": "tea"])
        _ = try await bo.post("/rooms/tea/join")
        let member = "/rooms/tea/members/\(bo.id)"
        #expect(try await ana.put(member + "/mute", ["seconds": 60]).status == 200)
        #expect(try await bo.post("/rooms/tea/messages", ["text": "x"]).code == "muted")
        #expect(try await ana.delete(member + "/mute").status == 200)
        #expect(try await bo.post("/rooms/tea/messages", ["text": "x"]).status == 201)
        #expect(try await ana.delete(member).status == 200)
        #expect(try await ana.delete(member).status == 403)
        let ban = "/rooms/tea/bans/\(bo.id)"
        #expect(try await ana.put(ban, ["reason": "noise", "seconds": 60]).status == 200)
        #expect(try await bo.post("/rooms/tea/join").code == "banned")
        let bans = try await ana.get("/rooms/tea/bans")
        #expect(bans.body["bans"][0]["reason"] == "noise")
        #expect(bans.body["total"] == 1)
        #expect(try await ana.delete(ban).status == 200)
        #expect(try await bo.post("/rooms/tea/join").status == 200)
        await server.stop()
    }

    @Test func `R5 a hundred calls at once never fill a room beyond its maximum`() async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.rates = .off
        let server = try await APIServer(configuration: configuration)
        let ana = try await server.guest("ana")
        _ = try await ana.post("/rooms", ["name": "ten", "max_members": 10])
        var guests: [APIClient] = []
        for number in 0..<100 { guests.append(try await server.guest("guest \(number)")) }
        let joined = try await withThrowingTaskGroup { group in
            for guest in guests {
                group.addTask { try await guest.post("/rooms/ten/join").status }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(joined == [200: 9, 409: 91])
        #expect(try await ana.get("/rooms/ten").body["room"]["members"] == 10)
        await server.stop()
    }

    @Test func `nobody is in more rooms than the limit`() async throws {
        var configuration = ChatConfiguration()
        configuration.limits.roomsPerUser = 3
        let server = try await APIServer(configuration: configuration)
        let ana = try await server.guest("ana")
        _ = try await ana.post("/rooms", ["name": "one"])
        #expect(try await ana.post("/rooms", ["name": "two"]).status == 201)
        let refused = try await ana.post("/rooms", ["name": "three"])
        #expect(refused.status == 409)
        #expect(refused.code == "too_many_rooms")
        #expect(try await ana.post("/rooms/one/join").status == 200)
        #expect(try await ana.post("/rooms/two/leave").code == "owner_must_transfer")
        await server.stop()
    }
}
