// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSodium
import ChatStorageSQLite
import ChatTesting
import Testing

@testable import ChatFiles

@Suite(.timeLimit(.minutes(15)))
struct DownloadTests {
    @Test func `F3: a file comes back after a restart, byte by byte, by its id`() async throws {
        let folder = Folder()
        let bytes = pattern(700_001)
        func server() async throws -> FileServer {
            try await FileServer(
                store: SQLiteStore(path: folder.path + "/chat.sqlite"),
                files: DiskFileStore(directory: folder.path))
        }
        let first = try await server()
        let ana = try await first.guest("ana")
        let room = try await ana.makeRoom("tea")
        let id = try await ana.post(bytes, to: room, name: "../grüße 🦜.bin")
        let half = try #require(try await ana.begin(room, 10).json["id"].string)
        #expect(try await ana.append(half, 0, pattern(4)).status == 204)
        await first.stop()

        let second = try await server()
        let back = Guest(
            server: second, client: try RawClient(port: second.tcpPort), token: ana.token)
        try await back.ask("hello", ["token": .string(ana.token)])
        let reply = try await back.get(id, in: room)
        #expect(reply.status == 200 && reply.body == bytes)
        #expect(
            reply["Content-Disposition"]?.contains(
                "filename*=UTF-8''gr%C3%BC%C3%9Fe%20%F0%9F%A6%9C.bin")
                == true)
        #expect(try await back.append(half, 4, Array(pattern(10)[4...])).status == 200)
        #expect(try await back.get(half, in: room).body == pattern(10))
        #expect(second.files.usedBytes(of: try await back.userID) == 700_011)
        await second.stop()
    }

    @Test func `F3: for everybody but members there is no such file`() async throws {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let eve = try await server.guest("eve")
        let room = try await ana.makeRoom("tea", isPrivate: false)
        let bytes = pattern(100)
        let file = try #require(try await ana.upload(bytes, to: room)["id"].string)
        try await bo.ask("room.join", ["room": .string(room)])
        // Before it is posted it is its owner's.
        #expect(try await ana.get(file, in: room).status == 200)
        #expect(try await bo.get(file, in: room).status == 404)
        #expect(try await ana.send([file], to: room).type == "ok")
        #expect(try await bo.get(file, in: room).body == bytes)
        #expect(try await bo.get(file, in: "tea").body == bytes)
        let missing = try await bo.get(FileID().description, in: room)
        let foreign = try await eve.get(file, in: room)
        #expect(
            foreign.status == 404 && foreign.json["error"]["code"] == missing.json["error"]["code"])
        #expect(foreign.json["error"]["message"] == missing.json["error"]["message"])
        // A member of another room cannot name it there either.
        let den = try await eve.makeRoom("den")
        #expect(try await eve.get(file, in: den).status == 404)
        #expect(try await eve.get(file, in: "nowhere").status == 404)
        try await bo.ask("room.leave", ["room": .string(room)])
        #expect(try await bo.get(file, in: room).status == 404)
        #expect(try await bo.http("POST", "/api/rooms/\(room)/files/\(file)/link").status == 404)
        #expect(try await server.request("GET", "/api/rooms/\(room)/files/\(file)").status == 401)
        for path in ["..%2f..%2fetc%2fpasswd", "x", "%00", "\(file).meta"] {
            let reply = try await ana.get(path, in: room)
            #expect(reply.status == 404 || reply.status == 400, "\(path)")
        }
        await server.stop()
    }

    @Test func `ranges, tags and HEAD`() async throws {
        let folder = Folder()
        let server = try await FileServer(files: DiskFileStore(directory: folder.path))
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let bytes = pattern(200_000)
        let id = try await ana.post(bytes, to: room)
        let whole = try await ana.get(id, in: room)
        let tag = try #require(whole["ETag"])
        #expect(tag == "\"\(SHA256.hex(of: bytes))\"")
        #expect(whole["Accept-Ranges"] == "bytes")
        #expect(whole["Cache-Control"]?.hasPrefix("private") == true)
        for range in [0..<1, 0..<200_000, 65_535..<65_537, 199_999..<200_000, 3..<150_000] {
            let part = try await ana.get(
                id, in: room, ["Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
            #expect(part.status == 206 && part.body == Array(bytes[range]))
            #expect(
                part["Content-Range"]
                    == "bytes \(range.lowerBound)-\(range.upperBound - 1)/200000")
        }
        let suffix = try await ana.get(id, in: room, ["Range": "bytes=-10"])
        #expect(suffix.body == Array(bytes.suffix(10)))
        let beyond = try await ana.get(id, in: room, ["Range": "bytes=200000-"])
        #expect(beyond.status == 416 && beyond["Content-Range"] == "bytes */200000")
        #expect(try await ana.get(id, in: room, ["Range": "bytes=1-2,5-6"]).body == bytes)
        #expect(
            try await ana.get(id, in: room, ["Range": "bytes=1-2", "If-Range": tag]).status == 206)
        let changed = try await ana.get(id, in: room, ["Range": "bytes=1-2", "If-Range": "\"x\""])
        #expect(changed.status == 200 && changed.body == bytes)
        let same = try await ana.get(id, in: room, ["If-None-Match": tag])
        #expect(same.status == 304 && same.body.isEmpty && same["ETag"] == tag)
        let head = try await ana.get(id, in: room, method: "HEAD")
        #expect(head.status == 200 && head.body.isEmpty && head["Content-Length"] == "200000")
        await server.stop()
    }

    @Test func `a signed link works without a token until it ends, and for that file only`()
        async throws
    {
        let clock = VirtualClock()
        let server = try await FileServer(clock: clock)
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let room = try await ana.makeRoom("tea")
        let ids = [
            try await ana.post(pattern(10), to: room), try await ana.post(pattern(20), to: room),
        ]
        let link = try await ana.http("POST", "/api/rooms/\(room)/files/\(ids[0])/link")
        let url = try #require(link.json["url"].string)
        #expect(try await server.request("GET", url).body == pattern(10))
        #expect(try await server.request("GET", url, ["Range": "bytes=1-2"]).status == 206)
        #expect(try await server.request("GET", url + "0").status == 404)
        let other = url.split(separator: "?")[1]
        #expect(
            try await server.request("GET", "/api/rooms/\(room)/files/\(ids[1])?\(other)").status
                == 404)
        let many = try await ana.http(
            "POST", "/api/rooms/\(room)/links",
            body: Array(
                JSONValue.object([
                    "files": .array(ids.map { .string($0) } + ["x", .string(FileID().description)])
                ])
                .description.utf8))
        #expect(many.json["links"].keys == ids.sorted())
        #expect(many.json["links"][ids[0]]["url"] == .string(url))
        let none = try await bo.http(
            "POST", "/api/rooms/\(room)/links", body: Array("{\"files\":[\"\(ids[0])\"]}".utf8))
        #expect(none.status == 404)
        clock.advance(milliseconds: 1_200_000)
        #expect(try await server.request("GET", url).status == 404)
        await server.stop()
    }

    @Test func `F4: messages hold metadata only, and a preview that is small`() async throws {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        func preview(_ bytes: Int) -> JSONValue {
            let picture = png + pattern(bytes)
            return .string("data:image/png;base64," + Base64Text.encode(picture))
        }
        let small = try await ana.upload(
            png, to: room, name: "a.png",
            ["width": 640, "height": 480, "duration_ms": 5, "preview": preview(300)])
        let large = try await ana.upload(png, to: room, ["preview": preview(20_000)])
        #expect(large["preview"] == .null)
        let ids = [small, large].compactMap { $0["id"].string }
        let answer = try await ana.send(ids, to: room, text: "look")
        #expect(answer.type == "ok")
        let event = try await ana.event("message")
        #expect(event["attachments"] == .array([small, large]))
        let expected: JSONValue = [
            "id": .string(ids[0]), "name": "a.png", "bytes": 8, "media_type": "image/png",
            "sha256": .string(SHA256.hex(of: png)), "width": 640, "height": 480,
            "duration_ms": 5, "preview": preview(300),
        ]
        #expect(event["attachments"][0] == expected)
        let history = try await ana.ask("history", ["room": .string(room)])
        #expect(history["messages"].elements.last?["attachments"] == event["attachments"])
        for (id, bytes) in zip(ids, [300, 20_000]) {
            let reply = try await ana.http("GET", "/api/rooms/\(room)/files/\(id)/preview")
            #expect(reply.status == 200 && reply["Content-Type"] == "image/png")
            #expect(reply.body == png + pattern(bytes))
        }
        let link = try await ana.http("POST", "/api/rooms/\(room)/files/\(ids[1])/link")
        let url = try #require(link.json["preview_url"].string)
        #expect(try await server.request("GET", url).body == png + pattern(20_000))
        let bare = try await ana.post(png, to: room)
        #expect(try await ana.http("GET", "/api/rooms/\(room)/files/\(bare)/preview").status == 404)
        await server.stop()
    }

    static let hostile: [(name: String, content: String)] = [
        ("x.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        ("x.png", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("x.html", "<!doctype html><script>alert(document.cookie)</script>"),
        ("x.jpg", "<html><body onload=alert(1)>"),
        ("x.xml", "<?xml version=\"1.0\"?><x xmlns=\"http://www.w3.org/1999/xhtml\"/>"),
        ("x.xhtml", "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>"),
    ]

    @Test func `F5: what would run script is saved, not shown, and cannot run if it is`()
        async throws
    {
        let server = try await FileServer()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        for (name, content) in Self.hostile {
            let id = try await ana.post(Array(content.utf8), to: room, name: name)
            let reply = try await ana.get(id, in: room)
            #expect(reply["Content-Type"] == "application/octet-stream", "\(name)")
            #expect(reply["Content-Disposition"]?.hasPrefix("attachment;") == true, "\(name)")
            #expect(reply["X-Content-Type-Options"] == "nosniff")
            #expect(
                reply["Content-Security-Policy"]?.hasPrefix("sandbox; default-src 'none'") == true)
            #expect(reply["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(reply.body == Array(content.utf8))
        }
        // A picture with a script behind its head is a picture; a bomb is bytes that nobody unpacks.
        let gif = try await ana.post(Array("GIF89a<script>alert(1)</script>".utf8), to: room)
        let shown = try await ana.get(gif, in: room)
        #expect(
            shown["Content-Type"] == "image/gif" && shown["X-Content-Type-Options"] == "nosniff")
        #expect(shown["Content-Disposition"]?.hasPrefix("inline;") == true)
        let saved = try await ana.get("\(gif)?download=1", in: room)
        #expect(saved["Content-Disposition"]?.hasPrefix("attachment;") == true)
        var bomb: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
        bomb +=
            Array("IHDR".utf8) + [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 8, 6, 0, 0, 0]
        let picture = try await ana.post(bomb, to: room, name: "bomb.png")
        #expect(try await ana.get(picture, in: room).body == bomb)
        await server.stop()
    }

    @Test(arguments: FileNameTests.examples)
    func `F5: a hostile name comes back as a display name`(
        example: (sent: String, shown: String)
    ) async throws {
        let folder = Folder()
        let server = try await FileServer(files: DiskFileStore(directory: folder.path))
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let id = try await ana.post([1, 0, 2], to: room, name: example.sent)
        let event = try await ana.event("message")
        #expect(event["attachments"][0]["name"] == .string(example.shown))
        let reply = try await ana.get(id, in: room)
        #expect(
            reply["Content-Disposition"]
                == ContentDisposition.value(name: example.shown, isInline: false))
        #expect(folder.names("files") == ["\(id)", "\(id).meta"])
        await server.stop()
    }
}
