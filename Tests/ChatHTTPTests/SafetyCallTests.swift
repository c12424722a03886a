// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatTesting
import Testing

/// Ways into a room, its audit log, direct rooms and blocks, through a socket.
@Suite(.timeLimit(.minutes(5)))
struct SafetyCallTests {
    @Test func `a link lets in whoever has its code, until it is withdrawn`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let caro = try await server.guest("caro")
        let room = try await ana.post("/rooms", ["name": "loft", "private": true]).body["room"][
            "id"]
        let made = try await ana.post("/rooms/loft/join-links", ["uses": 2, "seconds": 3_600])
        #expect(made.status == 201)
        #expect(made.body["uses"] == 2)
        let code = made.body["code"]
        let joined = try await bo.post("/join", ["code": code])
        #expect(joined.status == 200)
        #expect(joined.body["room"]["id"] == room)
        #expect(joined.body["room"]["role"] == "member")
        let list = try await ana.get("/rooms/loft/join-links")
        #expect(list.body["links"][0]["code"] == code)
        #expect(list.body["links"][0]["uses"] == 1)
        #expect(list.body["has_next"] == false)
        #expect(try await bo.get("/rooms/loft/join-links").code == "forbidden")
        #expect(try await bo.post("/rooms/loft/join-links/revoke", ["code": code]).status == 403)
        #expect(try await ana.post("/rooms/loft/join-links/revoke", ["code": code]).status == 204)
        let late = try await caro.post("/join", ["code": code])
        #expect(late.status == 404)
        #expect(late.code == "invitation_not_found")
        let nothing = try await caro.post("/join", [:])
        #expect(nothing.status == 422)
        #expect(nothing.error["field"] == "code")
        #expect(try await ana.post("/rooms/loft/join-links", ["uses": 0]).status == 422)
        await server.stop()
    }

    @Test func `a room's password is set, tried and removed`() async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.passwords = try RoomPasswords.argon2id(parameters: .weakest)
        let server = try await APIServer(configuration: configuration)
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let caro = try await server.guest("caro")
        _ = try await ana.post("/rooms", ["name": "den", "private": true])
        let path = "/rooms/den/password"
        // Without a password the command would remove it.
        for body in [nil, [:], ["password": nil], ["password": "short"]] as [JSONValue?] {
            let refused = try await ana.put(path, body)
            #expect(refused.status == 422)
            #expect(refused.error["field"] == "password")
        }
        #expect(try await ana.put(path, ["password": "open sesame"]).status == 204)
        #expect(
            try await bo.post("/rooms/den/join", ["password": "sesame"]).code == "room_not_found")
        let joined = try await bo.post("/rooms/den/join", ["password": "open sesame"])
        #expect(joined.body["room"]["role"] == "member")
        #expect(try await bo.put(path, ["password": "open barley"]).code == "forbidden")
        #expect(try await ana.delete(path).status == 204)
        #expect(try await caro.post("/rooms/den/join", ["password": "open sesame"]).status == 404)
        await server.stop()
    }

    @Test func `the audit log tells admins who did what`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        _ = try await ana.post("/rooms", ["name": "hall", "slow_mode_seconds": 5])
        #expect(try await ana.get("/rooms/hall").body["room"]["slow_mode_seconds"] == 5)
        _ = try await bo.post("/rooms/hall/join")
        _ = try await ana.patch("/rooms/hall", ["slow_mode_seconds": 0])
        _ = try await ana.put("/rooms/hall/bans/\(bo.id)", ["reason": "noise"])
        let log = try await ana.get("/rooms/hall/audit?limit=1")
        #expect(log.body["entries"].elements.count == 1)
        #expect(log.body["entries"][0]["action"] == "ban")
        #expect(log.body["entries"][0]["user"]["id"] == .string(bo.id))
        #expect(log.body["end"] == false)
        let rest = try await ana.get("/rooms/hall/audit?before=2")
        #expect(rest.body["entries"].elements.map { $0["action"] } == ["settings"])
        #expect(rest.body["entries"][0]["changed"] == ["slow_mode_seconds"])
        #expect(rest.body["end"] == true)
        #expect(try await bo.get("/rooms/hall/audit").status == 403)
        await server.stop()
    }

    @Test func `a direct room is opened once, and a block closes it`() async throws {
        let server = try await APIServer()
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let caro = try await server.guest("caro")
        let opened = try await ana.put("/me/direct/\(bo.id)")
        #expect(opened.status == 200)
        let room = try #require(opened.body["room"]["id"].string)
        #expect(try await bo.put("/me/direct/\(ana.id)").body["room"]["id"] == .string(room))
        #expect(try await bo.post("/rooms/\(room)/messages", ["text": "hi"]).status == 201)
        #expect(try await ana.put("/me/direct/\(ana.id)").status == 422)
        #expect(try await ana.put("/me/direct/u_0123456789abc").code == "user_not_found")

        let blocked = try await ana.put("/me/blocks/\(bo.id)")
        #expect(blocked.status == 200)
        #expect(blocked.body["user"]["name"] == "bo")
        let refused = try await bo.post("/rooms/\(room)/messages", ["text": "hello?"])
        #expect(refused.code == "user_unavailable")
        _ = try await ana.put("/me/blocks/\(caro.id)")
        #expect(try await caro.put("/me/direct/\(ana.id)").code == "user_unavailable")
        let list = try await ana.get("/me/blocks?limit=1")
        #expect(list.body["total"] == 2)
        #expect(list.body["has_next"] == true)
        #expect(try await ana.delete("/me/blocks/\(bo.id)").status == 204)
        #expect(try await bo.post("/rooms/\(room)/messages", ["text": "again"]).status == 201)
        await server.stop()
    }

    @Test func `neither a link nor a direct room brings anybody over the limit of rooms`()
        async throws
    {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.limits.roomsPerUser = 2
        let server = try await APIServer(configuration: configuration)
        let (ana, bo) = (try await server.guest("ana"), try await server.guest("bo"))
        let caro = try await server.guest("caro")
        _ = try await ana.post("/rooms", ["name": "loft", "private": true])
        let code = try await ana.post("/rooms/loft/join-links").body["code"]
        #expect(try await bo.put("/me/direct/\(caro.id)").status == 200)
        #expect(try await bo.post("/join", ["code": code]).code == "too_many_rooms")
        #expect(try await ana.put("/me/direct/\(caro.id)").code == "too_many_rooms")
        #expect(try await ana.post("/join", ["code": code]).status == 200)
        await server.stop()
    }
}
