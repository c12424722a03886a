// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatSodium
import ChatTesting
import Testing

@testable import ChatFiles

@Suite(.timeLimit(.minutes(15)))
struct UploadTests {
    private static func server(
        _ change: (inout FileOptions) -> Void = { _ in }, files: any FileStore = MemoryFileStore()
    ) async throws -> FileServer {
        var options = FileOptions()
        change(&options)
        return try await FileServer(files: files, options: options)
    }

    @Test func `F2: a file that comes byte by byte is whole`() async throws {
        let folder = Folder()
        let server = try await Self.server(files: DiskFileStore(directory: folder.path))
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let bytes = pattern(700)
        let begun = try await ana.begin(room, bytes.count)
        let id = try #require(begun.json["id"].string)
        #expect(begun["Location"] == "/api/uploads/\(id)")
        let client = try RawClient(port: server.httpPort)
        let head = FileServer.head(
            "PATCH", "/api/uploads/\(id)", ana.token, ["Upload-Offset": "0"], bodyBytes: 700)
        for byte in Array(head.utf8) + bytes { try await client.send([byte]) }
        let reply = try await client.readReply()
        client.close()
        #expect(reply.status == 200)
        #expect(reply.json["sha256"].string == SHA256.hex(of: bytes))
        #expect(reply.json["bytes"] == 700)
        #expect(try await ana.get(id, in: room).body == bytes)
        await server.stop()
    }

    @Test func `F2: an upload that is cut at any border goes on where it was`() async throws {
        let folder = Folder()
        let server = try await Self.server(
            { $0.chunkBytes = 40_000 }, files: DiskFileStore(directory: folder.path))
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let bytes = pattern(160_001)
        let begun = try await ana.begin(
            room, bytes.count, ["sha256": .string(SHA256.hex(of: bytes))])
        let id = try #require(begun.json["id"].string)
        var offset = 0
        for sent in [0, 1, 39_999, 40_000, 16_384, 16_385, 2, 20_000] {
            let end = min(offset + 40_000, bytes.count)
            let client = try RawClient(port: server.httpPort)
            try await client.send(
                FileServer.head(
                    "PATCH", "/api/uploads/\(id)", ana.token, ["Upload-Offset": "\(offset)"],
                    bodyBytes: end - offset))
            // The connection ends in the middle of the body.
            let part = Array(bytes[offset..<min(end, offset + sent)])
            try await client.send(part)
            client.finishWriting()
            _ = try await client.readToEnd()
            client.close()
            // What has come counts; how much that is the server says once it has let go.
            let status = try await ana.http("HEAD", "/api/uploads/\(id)")
            #expect(status.status == 200 && status.body.isEmpty)
            let next = try #require(status["Upload-Offset"].flatMap { Int($0) })
            #expect(next >= offset && next <= offset + sent)
            #expect(status["Upload-Length"] == "160001")
            offset = next
        }
        var last: Reply?
        while offset < bytes.count {
            let end = min(offset + 40_000, bytes.count)
            let reply = try await ana.append(id, offset, Array(bytes[offset..<end]))
            if reply.status == 409 {
                // Bytes of a connection that had ended for us were still on their way.
                offset = try #require(reply["Upload-Offset"].flatMap { Int($0) })
                continue
            }
            #expect(reply.status == 200 || reply.status == 204)
            offset = end
            last = reply
        }
        #expect(last?.json["sha256"].string == SHA256.hex(of: bytes))
        #expect(try await ana.get(id, in: room).body == bytes)
        await server.stop()
    }

    @Test func `F2: a wrong offset is told with the right one`() async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let id = try #require(try await ana.begin(room, 10).json["id"].string)
        #expect(try await ana.append(id, 0, pattern(4))["Upload-Offset"] == "4")
        for offset in [0, 3, 5, 10] {
            let reply = try await ana.append(id, offset, pattern(3))
            #expect(reply.status == 409 && reply.code == "offset_mismatch")
            #expect(reply["Upload-Offset"] == "4")
        }
        let reply = try await ana.http("PATCH", "/api/uploads/\(id)", body: [1])
        #expect(reply.status == 422 && reply.code == "missing_field")
        await server.stop()
    }

    @Test func `F1: the limit holds for declared and for real bytes`() async throws {
        let server = try await Self.server { $0.fileBytes = 100 }
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let refused = try await ana.begin(room, 101)
        #expect(refused.status == 413 && refused.code == "file_too_large")
        #expect(refused.json["error"]["details"]["bytes"].string != nil)
        let id = try #require(try await ana.begin(room, 100).json["id"].string)
        let reply = try await ana.append(id, 0, pattern(101))
        #expect(reply.status == 422 && reply.code == "size_mismatch")
        #expect(reply["Upload-Offset"] != nil)
        let offset = try #require(reply["Upload-Offset"].flatMap { Int($0) })
        let rest = try await ana.append(id, offset, Array(pattern(100)[offset...]))
        #expect(rest.status == 200)
        #expect(try await ana.get(id, in: room).body == pattern(100))
        await server.stop()
    }

    @Test func `F1: five megabytes are the default, to the byte`() async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        #expect(try await ana.begin(room, 5_000_001).code == "file_too_large")
        let bytes = pattern(5_000_000)
        let file = try await ana.upload(bytes, to: room)
        #expect(file["bytes"] == 5_000_000)
        let id = try #require(file["id"].string)
        #expect(try await ana.get(id, in: room).body == bytes)
        await server.stop()
    }

    @Test func `F1: other bytes than declared are refused and the upload is over`() async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let begun = try await ana.begin(room, 3, ["sha256": .string(SHA256.hex(of: [9]))])
        let id = try #require(begun.json["id"].string)
        let reply = try await ana.append(id, 0, [1, 2, 3])
        #expect(reply.status == 422 && reply.code == "hash_mismatch")
        #expect(try await ana.append(id, 0, [1, 2, 3]).status == 404)
        #expect(server.files.state.withLock { $0.quota.userCount } == 0)
        await server.stop()
    }

    @Test func `a body that is longer than a chunk is refused before it is read`() async throws {
        let server = try await Self.server { $0.chunkBytes = 1_000 }
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let begun = try await ana.begin(room, 5_000)
        #expect(begun.json["chunk_bytes"] == 1_000)
        let id = try #require(begun.json["id"].string)
        #expect(try await ana.append(id, 0, pattern(1_001)).status == 413)
        #expect(try await ana.append(id, 0, pattern(1_000)).status == 204)
        await server.stop()
    }

    @Test func `an answer that was lost is given again`() async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let id = try #require(try await ana.begin(room, 3).json["id"].string)
        let first = try await ana.append(id, 0, [1, 2, 3])
        let second = try await ana.append(id, 3, [])
        #expect(first.status == 200 && second.status == 200 && first.json == second.json)
        #expect(try await ana.append(id, 0, [1, 2, 3]).status == 404)
        #expect(try await ana.http("GET", "/api/uploads/\(id)").json == first.json)
        await server.stop()
    }

    @Test func `types that are not allowed are found in the bytes`() async throws {
        let server = try await Self.server { $0.allowedTypes = ["image/*"] }
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        #expect(try await ana.upload(png, to: room, name: "a.txt")["media_type"] == "image/png")
        let id = try #require(try await ana.begin(room, 4, name: "a.png").json["id"].string)
        let reply = try await ana.append(id, 0, Array("text".utf8))
        #expect(reply.status == 415 && reply.code == "file_type_forbidden")
        #expect(try await ana.http("GET", "/api/uploads/\(id)").status == 404)
        await server.stop()
    }

    @Test func `a quota and a number of uploads are kept per user`() async throws {
        let server = try await Self.server {
            $0.quotaBytes = 100
            $0.uploadsPerUser = 2
        }
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let file = try await ana.upload(pattern(60), to: room)
        let over = try await ana.begin(room, 41)
        #expect(over.status == 413 && over.code == "quota_exceeded")
        let first = try #require(try await ana.begin(room, 20).json["id"].string)
        #expect(try await ana.begin(room, 20).status == 201)
        let many = try await ana.begin(room, 1)
        #expect(many.status == 429 && many.code == "too_many_uploads")
        #expect(try await ana.http("DELETE", "/api/uploads/\(first)").status == 204)
        #expect(try await ana.http("DELETE", "/api/uploads/\(first)").status == 404)
        #expect(try await ana.begin(room, 21).code == "quota_exceeded")
        let id = try #require(file["id"].string)
        #expect(try await ana.http("DELETE", "/api/uploads/\(id)").status == 204)
        #expect(try await ana.begin(room, 80).status == 201)
        let bo = try await server.guest("bo")
        try await bo.ask("room.join", ["room": "general"])
        #expect(try await bo.begin("general", 100).status == 201)
        await server.stop()
    }

    @Test func `uploads have a limit of their own, over HTTP and in band together`() async throws {
        var rates = RateLimitPolicy()
        rates[.user, .file] = BucketSize(capacity: 41, tokensPerMinute: 1)
        let server = try await FileServer(rates: rates)
        let ana = try await server.guest("ana")
        #expect(try await ana.begin("general", 3).status == 201)
        let begin: [String: JSONValue] = ["room": "general", "name": "a", "bytes": 3]
        let second = try await ana.ask("upload.begin", begin)
        let id = try #require(second["upload"]["id"].string)
        let refused = try await ana.begin("general", 3)
        #expect(refused.status == 429 && refused.code == "rate_limited")
        #expect(refused.json["error"]["bucket"] == "user.file" && refused["Retry-After"] != nil)
        #expect(try await ana.ask("upload.begin", begin).code == "rate_limited")
        #expect(try await ana.append(id, 0, [1, 2, 3]).status == 200)
        #expect(try await ana.get(id, in: "general").status == 429)
        #expect(try await ana.ask("send", ["room": "general", "text": "hi"]).type == "ok")
        await server.stop()
    }

    @Test func `only members begin, and only the owner goes on`() async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let bo = try await server.guest("bo")
        let room = try await ana.makeRoom("tea")
        #expect(try await bo.begin(room, 3).code == "room_not_found")
        let open = try await ana.makeRoom("open", isPrivate: false)
        #expect(try await bo.begin(open, 3).code == "not_member")
        #expect(try await ana.begin("nowhere", 3).status == 404)
        #expect(try await ana.begin("general", 3).status == 201)
        let id = try #require(try await ana.begin(room, 3).json["id"].string)
        for method in ["GET", "HEAD", "DELETE"] {
            #expect(try await bo.http(method, "/api/uploads/\(id)").status == 404)
        }
        #expect(try await bo.append(id, 0, [1, 2, 3]).status == 404)
        for token in [nil, "", "g_forged", "\(ana.token)x"] {
            let reply = try await server.request(
                "POST", "/api/rooms/\(room)/uploads", token: token,
                body: Array("{\"name\":\"a\",\"bytes\":1}".utf8))
            #expect(reply.status == 401 && reply.code == "invalid_token")
            #expect(reply["WWW-Authenticate"] == "Bearer")
        }
        await server.stop()
    }

    @Test(arguments: [
        ("", 400, "bad_json"), ("[]", 400, "bad_json"), ("{", 400, "bad_json"),
        ("{}", 422, "missing_field"), (#"{"name":"a"}"#, 422, "missing_field"),
        (#"{"bytes":1}"#, 422, "missing_field"), (#"{"name":1,"bytes":1}"#, 422, "invalid_field"),
        (#"{"name":"a","bytes":-1}"#, 422, "invalid_field"),
        (#"{"name":"a","bytes":"1"}"#, 422, "invalid_field"),
        (#"{"name":"a","bytes":1e400}"#, 422, "invalid_field"),
        (#"{"name":"a","bytes":1,"bytes":2}"#, 400, "bad_json"),
    ])
    func `a request that cannot be read is told why`(
        body: String, status: Int, code: String
    ) async throws {
        let server = try await Self.server()
        let ana = try await server.guest("ana")
        let reply = try await ana.http(
            "POST", "/api/rooms/general/uploads", body: Array(body.utf8))
        #expect(reply.status == status && reply.code == code)
        await server.stop()
    }

    @Test func `F2: a room chats while files come in, and no more than a piece of each is held`()
        async throws
    {
        let counting = CountingStore()
        let server = try await Self.server({ $0.fileBytes = 1 << 30 }, files: counting)
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let bytes = pattern(3 << 20)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                group.addTask {
                    let guest = try await server.guest("guest \(number)")
                    let file = try await guest.upload(bytes, to: "general")
                    #expect(file["sha256"].string == SHA256.hex(of: bytes))
                }
            }
            group.addTask {
                for number in 0..<50 {
                    let answer = try await ana.ask(
                        "send", ["room": .string(room), "text": .string("\(number)")])
                    #expect(answer.type == "ok")
                }
            }
            try await group.waitForAll()
        }
        // The connection holds at most 128 KiB and what one read brings; a file is never whole in a call.
        #expect(counting.largestWriteBytes <= 256 << 10)
        #expect(counting.writtenBytes == 6 * bytes.count)
        await server.stop()
    }

    @Test func `F6: a failed upload is told to whoever sent it, and goes on when there is room`()
        async throws
    {
        let counting = CountingStore()
        let server = try await Self.server(files: counting)
        let ana = try await server.guest("ana")
        let room = try await ana.makeRoom("tea")
        let id = try #require(try await ana.begin(room, 6).json["id"].string)
        #expect(try await ana.append(id, 0, [1, 2, 3]).status == 204)
        counting.fail(with: .full)
        let full = try await ana.append(id, 3, [4, 5, 6])
        #expect(full.status == 507 && full.code == "disk_full")
        #expect(full["Upload-Offset"] == "3" && full["Retry-After"] == "60")
        #expect(try await ana.begin(room, 6).code == "disk_full")
        counting.fail(with: .failed("secret path"))
        let failed = try await ana.append(id, 3, [4, 5, 6])
        #expect(failed.status == 503 && failed.code == "storage_unavailable")
        #expect(!String(decoding: failed.body, as: UTF8.self).contains("secret"))
        counting.fail(with: nil)
        #expect(try await ana.append(id, 3, [4, 5, 6]).status == 200)
        #expect(server.files.usedBytes(of: try await ana.userID) == 6)
        await server.stop()
    }
}

extension Guest {
    /// Who this is.
    var userID: UserID {
        get async throws {
            let answer = try await ask("whoami")
            return try #require(UserID(answer["user"]["id"].string ?? ""))
        }
    }
}
