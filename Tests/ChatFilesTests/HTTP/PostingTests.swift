// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSodium
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatFiles

@Suite(.timeLimit(.minutes(15)))
struct PostingTests {
    @Test func `F6: a message with files takes receipts, reactions, replies, pins and deletes`()
        async throws
    {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let room = try await ana.makeRoom("tea", isPrivate: false)
        try await bo.ask("room.join", ["room": .string(room)])
        let file = try #require(try await ana.upload(pattern(9), to: room)["id"].string)
        let answer = try await ana.send([file], to: room)
        let seq = JSONValue.integer(Int64(answer.seq))
        #expect(try await bo.event("message")["attachments"][0]["id"] == .string(file))
        let place: [String: JSONValue] = ["room": .string(room), "target": seq]
        #expect(try await bo.ask("react", place.merging(["emoji": "👍"]) { $1 }).type == "ok")
        #expect(try await bo.ask("receipt", ["room": .string(room), "read": seq]).type == "ok")
        let reply = try await bo.ask(
            "send", ["room": .string(room), "text": "nice", "reply_to": seq])
        #expect(reply.type == "ok")
        #expect(try await ana.ask("pin", place).type == "ok")
        let readers = try await ana.ask("readers", ["room": .string(room), "seq": seq])
        #expect(readers["status"] == "read")
        let history = try await bo.ask("history", ["room": .string(room)])
        let message = try #require(history["messages"].elements.first { $0["seq"] == seq })
        #expect(message["reactions"].elements.count == 1)
        #expect(message["attachments"][0]["id"] == .string(file))
        #expect(try await ana.ask("delete", place).type == "ok")
        // At once, before the bytes are gone.
        #expect(try await bo.get(file, in: room).status == 404)
        await server.stop()
    }

    @Test func `F6: bytes go with the last message that has them`() async throws {
        let folder = Folder()
        let server = try await FileServer(files: DiskFileStore(directory: folder.path))
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let bytes = pattern(5_000)
        var seqs: [JSONValue] = []
        var ids: [String] = []
        for _ in 0..<2 {
            let id = try #require(try await ana.upload(bytes, to: room)["id"].string)
            ids.append(id)
            seqs.append(.integer(Int64(try await ana.send([id], to: room).seq)))
        }
        #expect(folder.names("contents").count == 1 && folder.names("files").count == 4)
        try await ana.ask("delete", ["room": .string(room), "target": seqs[0]])
        while folder.names("files").count > 2 { await Task.yield() }
        #expect(folder.names("files") == [ids[1], ids[1] + ".meta"])
        #expect(folder.names("contents").count == 1)
        #expect(try await ana.get(ids[1], in: room).body == bytes)
        let user = try await ana.userID
        #expect(server.files.usedBytes(of: user) == 5_000)
        try await ana.ask("delete", ["room": .string(room), "target": seqs[1]])
        while !folder.names("contents").isEmpty { await Task.yield() }
        while server.files.usedBytes(of: user) > 0 { await Task.yield() }
        #expect(folder.names("files").isEmpty)
        #expect(try await server.store.orphanedAttachments(limit: 9).isEmpty)
        await server.stop()
    }

    @Test func `only one's own finished uploads for that room can be posted`() async throws {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let (tea, den) = (try await ana.makeRoom("tea"), try await ana.makeRoom("den"))
        let mine = try #require(try await ana.upload([1], to: tea)["id"].string)
        let elsewhere = try #require(try await ana.upload([1], to: den)["id"].string)
        let others = try #require(try await bo.upload([1], to: "general")["id"].string)
        let half = try #require(try await ana.begin(tea, 5).json["id"].string)
        let wrong = [[elsewhere], [others], [half], [mine, half], ["x"], [FileID().description]]
        for ids in wrong {
            let answer = try await ana.send(ids, to: tea)
            #expect(answer.code == "invalid_field" && answer["field"] == "attachments", "\(ids)")
        }
        let many = try await ana.send(Array(repeating: mine, count: 11), to: tea)
        #expect(many.code == "invalid_field")
        #expect(try await ana.send([], to: tea).code == "missing_field")
        #expect(try await ana.send([], to: tea, text: "").code == "text_empty")
        #expect(try await ana.send([], to: tea, text: "plain").type == "ok")
        for value: JSONValue in ["x", 1, [1], ["a": 1], [["x"]]] {
            let answer = try await ana.ask(
                "send", ["room": .string(tea), "text": "x", "attachments": value])
            #expect(answer.code == "invalid_field", "\(value)")
        }
        #expect(try await ana.send([mine], to: tea, text: "").type == "ok")
        #expect(try await bo.send([others], to: tea).code == "invalid_field")
        let long = String(repeating: "a", count: 4_001)
        #expect(try await ana.send([mine], to: tea, text: long).code == "text_too_long")
        await server.stop()
    }

    @Test func `a repeated send with files is a duplicate, and what follows does not overtake it`()
        async throws
    {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let file = try #require(try await ana.upload([1], to: room)["id"].string)
        var lines = ""
        for number in 0..<20 {
            lines += "{\"type\":\"send\",\"room\":\"\(room)\",\"text\":\"\(number)\""
            if number % 4 == 0 { lines += ",\"attachments\":[\"\(file)\"]" }
            lines += "}\n"
        }
        try await ana.client.send(lines)
        for number in 0..<20 {
            #expect(try await ana.event("message")["text"] == .string("\(number)"))
        }
        let keys: [String: JSONValue] = [
            "room": .string(room), "attachments": [.string(file)], "client_id": "k",
        ]
        let first = try await ana.ask("send", keys)
        let second = try await ana.ask("send", keys)
        #expect(second["duplicate"] == true && first.seq == second.seq)
        let other = try await ana.ask("send", keys.merging(["text": "x"]) { $1 })
        #expect(other.code == "client_id_reused")
        await server.stop()
    }

    @Test func `a server that keeps no files says so`() async throws {
        let engine = try await ChatEngine(store: MemoryStore())
        let user = UserReference(id: UserID(rawValue: 5), name: "ana")
        try await engine.addUser(user)
        let connection = try await engine.connect(as: user)
        var messages = connection.messages.makeAsyncIterator()
        _ = await messages.next()
        for (command, code) in [
            (#"{"type":"send","room":"general","attachments":["f_x"]}"#, "invalid_field"),
            (#"{"type":"upload.finish","upload":"f_x"}"#, "unknown_command"),
            (#"{"type":"send","room":"general","text":"still here"}"#, ""),
        ] {
            await connection.receive(command)
            while let bytes = await messages.next() {
                let value = JSONValue(utf8: bytes) ?? .null
                guard ["ok", "error"].contains(value.type) else { continue }
                #expect(value.code == code)
                break
            }
        }
        await engine.shutdown(deadlineMilliseconds: 100)
    }

    // MARK: In band

    @Test func `F2: the same goes in band, in chunks of base 64`() async throws {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let room = try await ana.makeRoom("tea", isPrivate: false)
        let bytes = pattern(100_000)
        let begun = try await ana.ask(
            "upload.begin",
            [
                "room": .string(room), "name": "C:\\x.bin", "bytes": 100_000,
                "sha256": .string(SHA256.hex(of: bytes)),
            ])
        let upload = begun["upload"]["id"]
        #expect(begun["upload"]["chunk_bytes"] == 32_768 && begun["upload"]["offset"] == 0)
        func chunk(_ offset: Int, _ data: String) async throws -> JSONValue {
            try await ana.ask(
                "upload.chunk",
                ["upload": upload, "offset": .integer(Int64(offset)), "data": .string(data)])
        }
        var offset = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + 32_768)
            let answer = try await chunk(offset, Base64Text.encode(Array(bytes[offset..<end])))
            #expect(answer["offset"] == .integer(Int64(end)))
            if offset == 32_768 {
                #expect(try await chunk(0, "AAAA").code == "offset_mismatch")
                #expect(try await chunk(end, "AAA").code == "invalid_field")
                let large = Base64Text.encode(pattern(32_769))
                #expect(try await chunk(end, large)["field"] == "data")
                let status = try await ana.ask("upload.status", ["upload": upload])
                #expect(status["upload"]["offset"] == .integer(Int64(end)))
                let early = try await ana.ask("upload.finish", ["upload": upload])
                #expect(early.code == "offset_mismatch")
                let foreign = try await bo.ask("upload.status", ["upload": upload])
                #expect(foreign.code == "file_not_found")
            }
            offset = end
        }
        let finished = try await ana.ask("upload.finish", ["upload": upload])
        #expect(finished["file"]["name"] == "x.bin")
        let again = try await ana.ask("upload.finish", ["upload": upload])
        #expect(again["file"] == finished["file"])
        let id = try #require(upload.string)
        #expect(try await ana.send([id], to: room).type == "ok")
        #expect(
            try await bo.ask("download", ["room": .string(room), "file": upload]).code
                == "file_not_found")
        try await bo.ask("room.join", ["room": .string(room)])
        var received: [UInt8] = []
        while true {
            let piece = try await bo.ask(
                "download",
                [
                    "room": .string(room), "file": upload,
                    "offset": .integer(Int64(received.count)), "limit": 30_000,
                ])
            received += try #require(Base64Text.decode(piece["data"].string ?? "-"))
            if piece["end"] == true { break }
        }
        #expect(received == bytes)
        let link = try await bo.ask("file.link", ["room": .string(room), "file": upload])
        let url = try #require(link["url"].string)
        #expect(try await server.request("GET", url).body == bytes)
        #expect(try await ana.ask("upload.cancel", ["upload": upload]).code == "forbidden")
        await server.stop()
    }

    @Test(
        arguments: [
            ("upload.begin", ["room": "general", "name": "a"], "missing_field"),
            (
                "upload.begin", ["room": "general", "name": "a", "bytes": 5_000_001],
                "file_too_large"
            ),
            ("upload.begin", ["room": "general", "name": "a", "bytes": "1"], "invalid_field"),
            ("upload.begin", ["room": "nowhere", "name": "a", "bytes": 1], "room_not_found"),
            ("upload.begin", ["name": "a", "bytes": 1], "missing_field"),
            ("upload.chunk", ["upload": "x", "offset": 0, "data": "AAAA"], "file_not_found"),
            ("upload.chunk", ["upload": "x", "data": "AAAA"], "missing_field"),
            ("upload.chunk", ["upload": "x", "offset": -1, "data": "AAAA"], "invalid_field"),
            ("upload.chunk", ["upload": "x", "offset": 0, "data": "A"], "invalid_field"),
            ("upload.finish", ["upload": "../x"], "file_not_found"),
            ("upload.finish", [:], "missing_field"),
            ("upload.cancel", ["upload": "f_00000000000000000000000000"], "file_not_found"),
            ("download", ["room": "general", "file": "x"], "file_not_found"),
            ("file.link", ["room": "general", "file": "x"], "file_not_found"),
        ] as [(String, [String: JSONValue], String)])
    func `a command about files that cannot be carried out says why`(
        type: String, keys: [String: JSONValue], code: String
    ) async throws {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        #expect(try await ana.ask(type, keys).code == code)
        #expect(try await ana.ask("ping").type == "ok")
        await server.stop()
    }
}
