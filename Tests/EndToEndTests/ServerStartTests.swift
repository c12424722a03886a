// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// What `chat-server` says instead of starting.
@Suite(.timeLimit(.minutes(5)))
struct ServerStartTests {
    private func start(
        _ arguments: [String], in folder: URL
    ) throws -> (status: Int32, output: String, error: String) {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-server")
        server.currentDirectoryURL = folder
        server.arguments = ["--ws-port", "0", "--tcp-port", "0"] + arguments
        let (output, error) = (Pipe(), Pipe())
        (server.standardOutput, server.standardError) = (output, error)
        try server.run()
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        let texts = (text(output), text(error))
        server.waitUntilExit()
        return (server.terminationStatus, texts.0, texts.1)
    }

    @Test(arguments: [
        (["--ws-port", "many"], "--ws-port"), (["--tcp-port", "70000"], "--tcp-port"),
        (["--reactors", "-1"], "--reactors"), (["--file-bytes", "0"], "--file-bytes"),
        (["--access-seconds", "0"], "--access-seconds"), (["--auth", "nobody"], "--auth"),
        (["--store", "mysql:x"], "--store"), (["--no-such-option", "1"], "--no-such-option"),
        (["--tls-cert", "missing.pem"], "--tls-key"),
        (["--tls-cert", "missing.pem", "--tls-key", "missing.pem"], "missing.pem"),
        (["--auth", "accounts", "--token-secret-file", "short"], "short"),
    ])
    func `O7 a wrong option or a short secret stops the start with a line that names it`(
        _ arguments: [String], _ named: String
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "chat-start-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("too short\n".utf8).write(to: folder.appending(path: "short"))
        let isStoreGiven = arguments.contains("--store")
        let ended = try start(
            (isStoreGiven ? [] : ["--store", "memory"]) + arguments, in: folder)
        #expect(ended.status != 0 && ended.status < 128, "\(ended)")
        #expect(ended.error.contains(named), "\(ended.error)")
        #expect(ended.error.split(separator: "\n").count <= 3, "\(ended.error)")
        #expect(!ended.output.contains("Endpoint:"))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left == ["short"], "nothing is made before the options are known to be right")
    }
}
