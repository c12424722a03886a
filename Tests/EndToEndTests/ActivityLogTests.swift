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
            + ["--heartbeat-ms", "600000", "--heartbeat-timeout-ms", "1200000"]
            + ["--handshake-ms", "600000"] + arguments
        let (output, error) = (Pipe(), Pipe())
        (server.standardOutput, server.standardError) = (output, error)
        try server.run()
        return (server, output, error)
    }

    /// The ports that a server tells when it has started.
    private func ports(_ output: Pipe) throws -> (tcp: Int, http: Int) {
        var text = ""
        while !text.contains("tcp://") || !text.hasSuffix("\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the server has ended: \(text)")
            text += String(decoding: data, as: UTF8.self)
        }
        func port(_ mark: String) throws -> Int {
            let line = text.split(separator: "\n").first { $0.contains(mark) }
            let digits = line?.split(separator: ":").last?.prefix { $0.isNumber }
            return try #require(digits.flatMap { Int($0) }, "\(text)")
        }
        return (try port("tcp://"), try port("Web page:"))
    }

    /// What is in all files now.
    private func text() -> String {
        let names = try? FileManager.default.contentsOfDirectory(atPath: logs).sorted()
        return (names ?? []).map { name in
            let data = try? Data(contentsOf: URL(filePath: "\(logs)/\(name)"))
            return String(decoding: data ?? Data(), as: UTF8.self)
        }.joined()
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
        let client = try RawClient(port: try ports(output).tcp)
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

    @Test
    func `a directory that goes away costs lines, which the health report counts, and no message`()
        async throws
    {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (server, output, error) = try start([])
        defer { if server.isRunning { server.terminate() } }
        let ports = try ports(output)
        let client = try RawClient(port: ports.tcp)
        let health = try RawClient(port: ports.http)
        defer {
            client.close()
            health.close()
        }
        func say(_ number: Int) async throws {
            try await client.send(
                #"{"type":"send","id":\#(number),"room":"general","text":"x"}"# + "\n")
            while let line = try await client.readLine(), let answer = JSONValue(parsing: line) {
                if answer["id"].integer != number { continue }
                return #expect(answer.type == "ok")
            }
            Issue.record("no answer")
        }
        /// Asks until so many lines are lost: the log is written behind the answers.
        func until(lost count: Int) async throws {
            while true {
                try await health.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                while let line = try await health.readLine(), line != "\r" {}
                let report = JSONValue(parsing: try await health.readLine() ?? "")
                let lost = try #require(report?["activity_lines_lost"].integer)
                if lost >= count { return #expect(lost == count) }
            }
        }
        try await client.send(#"{"type":"hello","name":"Ada"}"# + "\n")
        while !text().contains("signed_in") { await Task.yield() }
        try FileManager.default.removeItem(atPath: logs)
        try Data().write(to: URL(filePath: logs))
        for number in 1...3 {
            try await say(number)
            try await until(lost: number)
        }
        try FileManager.default.removeItem(atPath: logs)
        try await say(4)
        server.terminate()
        let text = String(
            decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        server.waitUntilExit()
        #expect(try lines().map { $0["event"] } == ["lines_lost", "message", "signed_out"])
        #expect(try lines().first?["count"] == 3)
        #expect(text.components(separatedBy: "activity_log_loses_lines").count == 2, "\(text)")
        #expect(text.contains("activity_log_goes_on lost_lines=3"))
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
