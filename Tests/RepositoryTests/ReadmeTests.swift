// SPDX-License-Identifier: MIT

import Foundation
import Testing

struct ReadmeTests {
    /// What stands between the marks of the README, without the fence around it.
    private func snippet(_ name: String) throws -> [Substring] {
        let lines = try Repository.lines("README.md")
        let begin = try #require(lines.firstIndex(of: "<!-- \(name):begin -->"))
        let end = try #require(lines.firstIndex(of: "<!-- \(name):end -->"))
        return lines[(begin + 1)..<end].filter { !$0.hasPrefix("```") }
    }

    @Test func `the embedding example is the compiled one`() throws {
        let compiled = try Repository.lines("Examples/Embedding/Main.swift").drop {
            $0.hasPrefix("//") || $0.isEmpty
        }
        #expect(try snippet("embedding") == Array(compiled.dropLast()))
    }

    @Test func `the embedding example stays short`() throws {
        #expect(try snippet("embedding").count <= 25)
    }

    @Test func `the options of the server are those that it tells itself`() throws {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-server")
        server.arguments = ["--help"]
        let output = Pipe()
        server.standardOutput = output
        try server.run()
        let help = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        server.waitUntilExit()
        #expect(server.terminationStatus == 0)
        #expect(try snippet("options").joined(separator: "\n") + "\n" == help)
    }

    @Test func `every file that a document links to exists`() throws {
        let link = /\]\(([^)#:\s]+)(?:#[^)]*)?\)/
        for path in try Repository.files() where path.hasSuffix(".md") {
            let folder = Repository.root.appending(path: path).deletingLastPathComponent()
            for match in try Repository.text(path).matches(of: link) {
                let target = folder.appending(path: String(match.output.1))
                #expect(
                    FileManager.default.fileExists(atPath: target.path),
                    "\(path): \(match.output.1)")
            }
        }
    }

    @Test func `the targets that the README names are in the Makefile`() throws {
        let makefile = try Repository.lines("Makefile")
        let names = try Repository.text("README.md").matches(of: /`?make ([a-z]+)/).map(\.output.1)
        try #require(!names.isEmpty)
        for name in Set(names) {
            #expect(makefile.contains { $0.hasPrefix("\(name):") }, "make \(name)")
        }
    }
}
