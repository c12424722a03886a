// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import ChatTesting
import Foundation
import Testing

/// The server's program with files, killed without warning.
@Suite(.timeLimit(.minutes(15)))
struct FileCrashTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "chat-file-crash-\(UUID().uuidString)")
    private var database: String { directory.appending(path: "chat.sqlite").path }

    /// A server that runs, and a client that has signed in.
    private struct Running {
        let process: Process
        let client: RawClient

        func ask(_ keys: [String: JSONValue]) async throws -> JSONValue {
            try await client.send(JSONValue.object(keys).setting("id", to: 7).description + "\n")
            while let line = try await client.readLine() {
                let value = JSONValue(parsing: line) ?? .null
                if value["id"] == 7 { return value }
            }
            return .null
        }

        func kill() {
            guard process.isRunning else { return }
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            client.close()
        }
    }

    private func start() async throws -> Running {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-server")
        server.arguments = ["--store", "sqlite:\(database)", "--ws-port", "0", "--tcp-port", "0"]
        let output = Pipe()
        (server.standardOutput, server.standardError) = (output, Pipe())
        try server.run()
        var text = ""
        while !text.contains("tcp://") || !text.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the server has ended: \(text)")
            text += String(decoding: data, as: UTF8.self)
        }
        let line = text.split(separator: "\n").first { $0.contains("tcp://") }
        let port = line?.split(separator: ":").last.flatMap { Int($0) }
        let running = Running(process: server, client: try RawClient(port: try #require(port)))
        let hello = try await running.ask(["type": "hello", "token": "token-Ada"])
        #expect(hello.type == "ok", "\(hello)")
        return running
    }

    @Test func `F3: a killed server loses no confirmed byte of an upload, and no file`()
        async throws
    {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = SQLiteStore(path: database)
        try await store.open()
        _ = try await store.addUser(
            UserRecord(
                id: UserID(rawValue: 11), name: "Ada", token: "token-Ada", isNameKept: true))
        await store.close()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 8)) }
        var server = try await start()
        defer { server.kill() }
        let begun = try await server.ask([
            "type": "upload.begin", "room": "general", "name": "a.bin", "bytes": 200_000,
        ])
        let id = begun["upload"]["id"]
        var offset = 0
        var chunks = 0
        while offset < bytes.count {
            let end = min(bytes.count, offset + 20_000)
            let data = Base64Text.encode(Array(bytes[offset..<end]))
            let answer = try await server.ask([
                "type": "upload.chunk", "upload": id, "offset": .integer(Int64(offset)),
                "data": .string(data),
            ])
            #expect(answer["offset"] == .integer(Int64(end)))
            offset = end
            chunks += 1
            if [1, 4, 5, 10].contains(chunks) {
                server.kill()
                server = try await start()
                let status = try await server.ask(["type": "upload.status", "upload": id])
                #expect(status["upload"]["offset"] == .integer(Int64(offset)))
            }
        }
        #expect(try await server.ask(["type": "upload.finish", "upload": id]).type == "ok")
        let sent = try await server.ask([
            "type": "send", "room": "general", "attachments": [id],
        ])
        #expect(sent.type == "ok")
        server.kill()
        server = try await start()
        var received: [UInt8] = []
        while received.count < bytes.count {
            let piece = try await server.ask([
                "type": "download", "room": "general", "file": id,
                "offset": .integer(Int64(received.count)),
            ])
            let data = try #require(Base64Text.decode(piece["data"].string ?? "-"))
            try #require(!data.isEmpty)
            received += data
        }
        #expect(received == bytes)
    }
}
