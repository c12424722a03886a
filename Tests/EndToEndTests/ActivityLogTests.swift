// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

/// The server's program with an activity log.
@Suite(.timeLimit(.minutes(3)))
struct ActivityLogTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "chat-activity-\(UUID().uuidString)")
    private var logs: String { directory.appending(path: "logs").path }

    private func start(_ arguments: [String]) throws -> (Process, Pipe, Pipe) {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-server")
        server.arguments =
            ["--store", "memory", "--ws-port", "0", "--tcp-port", "0", "--activity-log", logs]
            + arguments
        let (output, error) = (Pipe(), Pipe())
        (server.standardOutput, server.standardError) = (output, error)
        try server.run()
        return (server, output, error)
    }

    private func lines() throws -> [JSONValue] {
        let names = try FileManager.default.contentsOfDirectory(atPath: logs).sorted()
        return try names.flatMap { name in
            #expect(name.hasPrefix("activity-") && name.hasSuffix(".jsonl"))
            let text = String(
                decoding: try Data(contentsOf: URL(filePath: "\(logs)/\(name)")), as: UTF8.self)
            #expect(text.hasSuffix("\n"))
            return text.split(separator: "\n").map { JSONValue(parsing: String($0)) ?? .null }
        }
    }

    @Test(arguments: ["off", "on"])
    func `O5: what happened until the end of the process is in the file, texts only if asked for`(
        _ content: String
    ) async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (server, output, _) = try start(["--activity-content", content])
        defer { if server.isRunning { server.terminate() } }
        var text = ""
        while !text.contains("tcp://") || !text.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the server has ended: \(text)")
            text += String(decoding: data, as: UTF8.self)
        }
        let line = text.split(separator: "\n").first { $0.contains("tcp://") }
        let port = line?.split(separator: ":").last.flatMap { Int($0) }
        let client = try RawClient(port: try #require(port))
        defer { client.close() }
        try await client.send(
            #"{"type":"hello","name":"Ada"}"# + "\n"
                + #"{"type":"send","id":9,"room":"general","text":"secret"}"# + "\n")
        while let line = try await client.readLine() {
            if JSONValue(parsing: line)?["id"] == 9 { break }
        }
        server.terminate()
        server.waitUntilExit()
        #expect(server.terminationStatus == 0)
        let lines = try lines()
        #expect(
            lines.map { $0["event"] } == ["join", "signed_in", "message", "signed_out"])
        #expect(lines.allSatisfy { $0["name"] == "Ada" })
        #expect(lines[2]["text"] == (content == "on" ? "secret" : .null))
    }

    @Test func `a directory that cannot be used stops the start with a clear message`() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data().write(to: URL(filePath: logs))
        let (server, _, error) = try start([])
        let text = String(
            decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        server.waitUntilExit()
        #expect(server.terminationStatus == 1)
        #expect(text.contains("--activity-log") && text.contains("give another directory"))
    }
}
