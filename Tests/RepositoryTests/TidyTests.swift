// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// What no compiler checks.
struct TidyTests {
    @Test func `no file is longer than its limit`() throws {
        for (limit, paths) in [
            (400, try Repository.swiftFiles(in: "Sources", "Examples")),
            (600, try Repository.swiftFiles(in: "Tests")),
        ] {
            try #require(!paths.isEmpty)
            for path in paths {
                let count = try Repository.text(path).count { $0 == "\n" }
                #expect(count <= limit, "\(path) has \(count) lines, more than \(limit): split it")
            }
        }
    }

    @Test func `every source file names its licence first`() throws {
        for path in try Repository.swiftFiles(in: "Sources", "Tests", "Examples") {
            let first = try Repository.lines(path).first
            #expect(first == "// SPDX-License-Identifier: MIT", "\(path)")
        }
        for path in try Repository.files() where path.hasSuffix(".sh") || path == ".ci/run" {
            let start = try Repository.lines(path).prefix(2)
            #expect(start.contains("# SPDX-License-Identifier: MIT"), "\(path)")
        }
    }

    @Test func `the core does without Foundation`() throws {
        let paths = try Repository.swiftFiles(in: "Sources/ChatCore", "Sources/ChatPlatform")
        try #require(!paths.isEmpty)
        for path in paths {
            for line in try Repository.lines(path) {
                let words = line.split(separator: " ")
                guard let keyword = words.firstIndex(of: "import") else { continue }
                let isFoundation = words[keyword...].contains { $0.hasPrefix("Foundation") }
                #expect(!isFoundation, "\(path): \(line)")
            }
        }
    }

    @Test func `core, sockets and transports do without OpenSSL`() throws {
        let paths = try Repository.swiftFiles(
            in: "Sources/ChatCore", "Sources/ChatPlatform", "Sources/ChatSockets",
            "Sources/ChatTransportTCP", "Sources/ChatTransportWS")
        try #require(!paths.isEmpty)
        for path in paths {
            #expect(try !Repository.text(path).contains("import COpenSSL"), "\(path)")
        }
    }

    @Test func `the package depends on no other`() throws {
        let manifest = try Repository.text("Package.swift")
        #expect(!manifest.contains(".package("))
        #expect(manifest.contains("dependencies: [],"))
    }

    @Test func `what builds leave behind is ignored`() throws {
        let ignored = try Repository.lines(".gitignore")
        for entry in [".build/", "Package.resolved", ".venv/", "test-output/", "data/"] {
            #expect(ignored.contains(Substring(entry)), "\(entry) is missing in .gitignore")
        }
        for path in try Repository.files() {
            let name = path.split(separator: "/").last
            #expect(name != "Package.resolved", "\(path)")
            #expect(!path.split(separator: "/").dropLast().contains(".build"), "\(path)")
        }
    }

    @Test func `every test file of a target is in a target's folder`() throws {
        let manifest = try Repository.text("Package.swift")
        for path in try Repository.swiftFiles(in: "Tests") {
            let folder = try #require(path.split(separator: "/").dropFirst().first)
            #expect(manifest.contains("name: \"\(folder)\""), "\(path) is in no target")
        }
    }

    @Test func `no file names the folder it was made in`() throws {
        let folder = Repository.root.path + "/"
        try #require(folder.count > 2)
        let endings = [".md", ".swift", ".sh", ".py", ".js", ".html", "Makefile", ".ci/run"]
        for path in try Repository.files() where endings.contains(where: path.hasSuffix) {
            #expect(try !Repository.text(path).contains(folder), "\(path)")
        }
    }
}
