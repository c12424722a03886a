// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import Foundation
import Testing

/// The programs that are built on the library.
@Suite(.timeLimit(.minutes(5)))
struct ProgramTests {
    private func program(_ name: String, _ arguments: [String]) -> (Process, Pipe) {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        return (process, output)
    }

    private func run(_ name: String, _ arguments: [String]) throws -> (code: Int32, text: String) {
        let (process, output) = program(name, arguments)
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func `the bot of the examples answers`() async throws {
        let engine = try await ChatEngine(store: MemoryStore(), authenticator: .guests)
        try await engine.serve(TCPTransport(port: 0))
        let port = engine.ports[0]
        let ana = try ChatClient(
            ChatEndpoint(host: "127.0.0.1", port: port), as: .guest(name: "ana"))
        _ = try await ana.join("general")
        let (bot, _) = program("bot", ["\(port)"])
        try bot.run()
        defer { bot.terminate() }
        var asked: SequenceNumber?
        for await event in ana.events {
            switch event.kind {
            case .joined(let user) where user.name == "echo":
                asked = try await ana.send("!echo hello", to: "general")
                try await ana.send("nothing for bots", to: "general")
            case .message(let message) where message.author.name == "echo":
                #expect(message.text == "hello")
                #expect(message.replyTo == asked)
                ana.close()
            default: break
            }
        }
        #expect(asked != nil)
        await engine.shutdown(deadlineMilliseconds: 1_000)
    }

    @Test func `chat-cli takes every option that its help names, and no other`() throws {
        // What follows is about replay.
        let help = try run("chat-cli", ["--help"]).text.split(separator: "\n")
            .prefix { !$0.contains("/help") }
        let lines = help.filter { $0.hasPrefix("  --") }
        #expect(lines.count > 15)
        for line in lines {
            let words = line.split(separator: " ")
            let takesValue = words.count > 1 && words[1].allSatisfy { $0.isUppercase }
            let (code, text) = try run(
                "chat-cli", [String(words[0])] + (takesValue ? ["1"] : []) + ["--nosuch"])
            #expect(code == 2)
            #expect(text.contains("unknown argument: --nosuch"), "\(words[0]): \(text)")
        }
    }

    @Test(arguments: [
        ["--name", "a", "--user", "b"], ["--ca", "x"], ["--path", "/x"], ["--port", "x"],
        ["--register", "--name", "a"], ["--user", "a", "--password-file", "/nothing/here"],
        ["--name", "a", "--tls", "--ca", "/nothing/here"], ["--name"], ["more"],
    ])
    func `a command line that is wrong ends with 2 and with what is wrong`(
        arguments: [String]
    ) throws {
        let (code, text) = try run("chat-cli", arguments)
        #expect(code == 2)
        #expect(text.hasPrefix("chat-cli: "))
    }
}
