// SPDX-License-Identifier: MIT

import ChatCore
import ChatFiles
import ChatPlatform
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// A chat server with files, on real sockets.
final class FileServer: Sendable {
    let engine: ChatEngine
    let files: FileService
    let store: any ChatStore
    let clock: VirtualClock?

    var httpPort: Int { engine.ports[0] }
    var tcpPort: Int { engine.ports[1] }

    init(
        store: any ChatStore = MemoryStore(), files fileStore: any FileStore = MemoryFileStore(),
        options: FileOptions = FileOptions(), clock: VirtualClock? = nil,
        rates: RateLimitPolicy = .off
    ) async throws {
        self.store = store
        self.clock = clock
        files = FileService(
            store: fileStore, options: options, clock: clock ?? SystemClock() as any ChatClock)
        try await files.open()
        var configuration = ChatConfiguration()
        configuration.attachments = files
        configuration.rates = rates
        engine = try await ChatEngine(store: store, configuration: configuration)
        files.serve(engine)
        try await engine.serve(
            WebSocketTransport(port: 0, configuration: .init(routes: files.routes())),
            TCPTransport(port: 0))
    }

    func stop() async {
        await engine.shutdown(deadlineMilliseconds: 1_000)
        await files.close()
    }

    /// A guest, signed in over TCP.
    func guest(_ name: String) async throws -> Guest {
        let client = try RawClient(port: tcpPort)
        let guest = Guest(server: self, client: client, token: "")
        let welcome = try await guest.ask("hello", ["name": .string(name)])
        #expect(welcome.type == "ok", "\(welcome)")
        return Guest(server: self, client: client, token: welcome["token"].string ?? "")
    }

    /// A request on a connection of its own.
    func request(
        _ method: String, _ path: String, token: String? = nil, _ fields: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> Reply {
        let client = try RawClient(port: httpPort)
        defer { client.close() }
        try await client.send(Self.head(method, path, token, fields, bodyBytes: body?.count))
        if let body { try await client.send(body) }
        return try await client.readReply(isHead: method == "HEAD")
    }

    static func head(
        _ method: String, _ path: String, _ token: String?, _ fields: [String: String],
        bodyBytes: Int?
    ) -> String {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: a\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if let bodyBytes { head += "Content-Length: \(bodyBytes)\r\n" }
        return head + "\r\n"
    }
}

/// A response.
struct Reply: Sendable {
    var status: Int
    var fields: [String: String]
    var body: [UInt8]

    var json: JSONValue { JSONValue(utf8: body) ?? .null }
    /// The code of a refusal.
    var code: String { json["error"]["code"].string ?? "" }
    subscript(name: String) -> String? { fields[name] }
}

extension RawClient {
    func readReply(isHead: Bool = false) async throws -> Reply {
        var lines: [String] = []
        while let line = try await readLine(), line != "\r" {
            lines.append(String(line.dropLast()))
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[String(parts[0])] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
        }
        let status = try #require(lines.first?.split(separator: " ").dropFirst().first)
        let length = isHead ? 0 : Int(fields["Content-Length"] ?? "0") ?? 0
        return Reply(
            status: Int(status) ?? 0, fields: fields,
            body: length == 0 ? [] : try await read(length))
    }
}

/// Somebody who chats over TCP and sends files over HTTP.
struct Guest: Sendable {
    let server: FileServer
    let client: RawClient
    let token: String
    private let events = Lock<[JSONValue]>([])
    private let nextID = Lock(0)

    init(server: FileServer, client: RawClient, token: String) {
        self.server = server
        self.client = client
        self.token = token
    }

    /// Sends a command and waits for its answer; events that come first are kept.
    @discardableResult
    func ask(_ type: String, _ keys: [String: JSONValue] = [:]) async throws -> JSONValue {
        let id = nextID.withLock { id -> Int in
            id += 1
            return id
        }
        var command = keys
        command["type"] = .string(type)
        command["id"] = .integer(Int64(id))
        try await client.send(JSONValue.object(command).description + "\n")
        while true {
            let line = try #require(try await client.readLine())
            let value = try #require(JSONValue(parsing: line))
            if value["id"].integer == id { return value }
            events.withLock { $0.append(value) }
        }
    }

    /// The next event of that type.
    func event(_ type: String) async throws -> JSONValue {
        while true {
            let kept = events.withLock { events -> JSONValue? in
                guard let index = events.firstIndex(where: { $0.type == type }) else {
                    return nil
                }
                return events.remove(at: index)
            }
            if let kept { return kept }
            let line = try #require(try await client.readLine())
            let value = try #require(JSONValue(parsing: line))
            events.withLock { $0.append(value) }
        }
    }

    func makeRoom(_ name: String, isPrivate: Bool = true) async throws -> String {
        let answer = try await ask(
            "room.create", ["name": .string(name), "private": .bool(isPrivate)])
        return try #require(answer["room"]["id"].string)
    }

    // MARK: HTTP

    func http(
        _ method: String, _ path: String, _ fields: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> Reply {
        try await server.request(method, path, token: token, fields, body: body)
    }

    func begin(
        _ room: String, _ bytes: Int, name: String = "a.bin",
        _ more: [String: JSONValue] = [:]
    ) async throws -> Reply {
        var object = more
        object["name"] = .string(name)
        object["bytes"] = .integer(Int64(bytes))
        return try await http(
            "POST", "/api/rooms/\(room)/uploads",
            body: Array(JSONValue.object(object).description.utf8))
    }

    func append(_ id: String, _ offset: Int, _ bytes: [UInt8]) async throws -> Reply {
        try await http(
            "PATCH", "/api/uploads/\(id)", ["Upload-Offset": String(offset)], body: bytes)
    }

    /// Uploads all of it.
    func upload(
        _ bytes: [UInt8], to room: String, name: String = "a.bin",
        _ more: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        let begun = try await begin(room, bytes.count, name: name, more)
        #expect(begun.status == 201, "\(String(decoding: begun.body, as: UTF8.self))")
        let id = try #require(begun.json["id"].string)
        let chunk = try #require(begun.json["chunk_bytes"].integer)
        var offset = 0
        while true {
            let end = min(bytes.count, offset + chunk)
            let reply = try await append(id, offset, Array(bytes[offset..<end]))
            offset = end
            if reply.status == 200 { return reply.json }
            try #require(
                reply.status == 204,
                "\(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
        }
    }

    /// Uploads and posts; returns the file's id.
    func post(
        _ bytes: [UInt8], to room: String, name: String = "a.bin"
    ) async throws -> String {
        let id = try #require(try await upload(bytes, to: room, name: name)["id"].string)
        let answer = try await send([id], to: room)
        #expect(answer.type == "ok", "\(answer)")
        return id
    }

    func send(
        _ ids: [String], to room: String, text: String? = nil
    ) async throws -> JSONValue {
        var keys: [String: JSONValue] = [
            "room": .string(room), "attachments": .array(ids.map { .string($0) }),
        ]
        if let text { keys["text"] = .string(text) }
        return try await ask("send", keys)
    }

    func get(
        _ file: String, in room: String, _ fields: [String: String] = [:], method: String = "GET"
    ) async throws -> Reply {
        try await http(method, "/api/rooms/\(room)/files/\(file)", fields)
    }
}

/// Bytes that differ from place to place.
func pattern(_ count: Int, seed: Int = 7) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 8) ^ seed) }
}
