// SPDX-License-Identifier: MIT

import ChatCore
import ChatHTTP
import ChatStorageMemory
import ChatTesting
import ChatTransportWS
import Foundation
import Testing

/// An engine with the API on a free port.
struct APIServer: Sendable {
    let engine: ChatEngine
    let port: Int

    init(
        store: any ChatStore = MemoryStore(), authenticator: any Authenticator = .guests,
        configuration: ChatConfiguration? = nil, crossOrigin: HTTPCrossOrigin = HTTPCrossOrigin()
    ) async throws {
        var standard = ChatConfiguration()
        standard.shards = 2
        engine = try await ChatEngine(
            store: store, authenticator: authenticator,
            configuration: configuration ?? standard)
        var transport = WebSocketTransport.Configuration(routes: ChatAPI(engine).routes)
        transport.refusal = ChatAPI.refusal
        transport.crossOrigin = crossOrigin
        try await engine.serve(WebSocketTransport(port: 0, configuration: transport))
        port = engine.ports[0]
    }

    /// A client without a token.
    var nobody: APIClient { APIClient(port: port, token: nil) }

    /// A guest of that name who has never been connected.
    func guest(_ name: String) async throws -> APIClient {
        let reply = try await nobody.post("/auth/guest", ["name": .string(name)])
        #expect(reply.status == 200, "\(reply.body)")
        return APIClient(
            port: port, token: reply.body["token"].string,
            id: reply.body["user"]["id"].string ?? "?")
    }

    func stop() async { await engine.shutdown(deadlineMilliseconds: 100) }
}

/// One client of the API; each request has a connection of its own.
struct APIClient: Sendable {
    let port: Int
    var token: String?
    var id = ""

    struct Reply: Sendable {
        var status = 0
        var fields: [String: String] = [:]
        var text = ""

        /// The body; `null` for none.
        var body: JSONValue { JSONValue(parsing: text) ?? .null }
        var error: JSONValue { body["error"] }
        var code: String { error.code }
    }

    func get(_ path: String) async throws -> Reply { try await send("GET", path) }

    func post(_ path: String, _ body: JSONValue? = nil) async throws -> Reply {
        try await send("POST", path, body)
    }

    func put(_ path: String, _ body: JSONValue? = nil) async throws -> Reply {
        try await send("PUT", path, body)
    }

    func patch(_ path: String, _ body: JSONValue) async throws -> Reply {
        try await send("PATCH", path, body)
    }

    func delete(_ path: String) async throws -> Reply { try await send("DELETE", path) }

    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws -> Reply {
        var head = ""
        if body != nil { head += "Content-Type: application/json\r\n" }
        return try await send(method, "/api" + path, fields: head, content: body?.description ?? "")
    }

    /// Sends what it is told, with the token and a length.
    func send(
        _ method: String, _ target: String, fields: String, content: String
    ) async throws -> Reply {
        var text =
            "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(fields)"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        if !content.isEmpty { text += "Content-Length: \(content.utf8.count)\r\n" }
        return try await raw(text + "\r\n" + content)
    }

    /// Sends bytes as they are and reads to the end.
    func raw(_ request: String) async throws -> Reply {
        let client = try RawClient(port: port)
        defer { client.close() }
        // A server that has refused the head reads no body.
        try? await client.send(request)
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        var reply = Reply()
        guard let end = text.firstRange(of: "\r\n\r\n") else { return reply }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        reply.status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            reply.fields[line[..<colon].lowercased()] = String(value)
        }
        reply.text = String(text[end.upperBound...])
        return reply
    }
}

/// The repository that the tests were built from.
enum Documents {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The paths of the files of a folder.
    static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
            .map { "\(folder)/\($0)" }
    }
}

/// A connection inside the service that remembers what it got.
struct Listener: Sendable {
    let connection: EmbeddedConnection

    init(_ engine: ChatEngine, name: String) async throws {
        connection = try await engine.connect()
        await connection.receive("{\"type\":\"hello\",\"id\":1,\"name\":\"\(name)\"}")
        _ = await next { $0["id"] == 1 }
    }

    init(_ engine: ChatEngine, token: String) async throws {
        connection = try await engine.connect()
        await connection.receive("{\"type\":\"hello\",\"id\":1,\"token\":\"\(token)\"}")
        _ = await next { $0["id"] == 1 }
    }

    /// The answer to a command.
    func ask(_ command: JSONValue) async -> JSONValue {
        await connection.receive(command.setting("id", to: "ask").description)
        return await next { $0["id"] == "ask" }
    }

    /// The next message that fits.
    func next(_ fits: (JSONValue) -> Bool) async -> JSONValue {
        for await bytes in connection.messages {
            if let message = JSONValue(utf8: bytes), fits(message) { return message }
        }
        return .null
    }
}
