// SPDX-License-Identifier: MIT

import Foundation
import Testing

struct ArchitectureTests {
    @Test func `every test that the table of invariants names exists`() throws {
        let table = try MarkdownTable(in: "docs/architecture.md", below: "## The invariants")
        #expect(table.rows.count == 14)
        try expectTests(namedIn: table)
    }

    private static func items(_ letter: String, _ last: Int) -> [String] {
        (1...last).map { "\(letter)\($0)" }
    }

    private static let expectations: [(heading: String, items: [String])] = [
        ("## Accounts and operation", items("A", 10) + ["O7", "O10"]),
        ("## Rooms and limits", items("R", 13) + ["O1", "O2", "O5"]),
        ("## Files", items("F", 6)),
        ("## In the browser", ["C9"] + items("F", 6) + ["M6", "M7", "M8"] + items("S", 9)),
        ("## In a terminal", ["C9", "F2", "M6", "M7", "M8", "S1", "S4", "S5", "S8", "S9"]),
    ]

    @Test(arguments: expectations)
    func `every test that the tables of expectations name exists`(
        _ heading: String, _ items: [String]
    ) throws {
        let table = try MarkdownTable(in: "docs/expectations.md", below: heading)
        #expect(table.rows.map { $0[0] } == items)
        #expect(table.rows.allSatisfy { $0[2].contains("*") })
        try expectTests(namedIn: table)
    }

    /// The third column has them, each in asterisks.
    private func expectTests(namedIn table: MarkdownTable) throws {
        let folders = ["Tests/Browser", "Tests/Terminal"]
        let browser = try folders.flatMap { try Repository.files(in: $0) }
            .filter { $0.hasSuffix(".py") }
        let swift = try Repository.swiftFiles(in: "Tests", "Sources/ChatTesting")
        let sources = try (swift + browser).map(Repository.text).joined()
        for row in table.rows {
            let names = row[2].matches(of: /\*([^*]+)\*/).map(\.output.1)
            for name in names {
                let isThere =
                    sources.contains("`\(name)`") || sources.contains("\"\(name)\"")
                    || sources.contains("\ndef \(name)(")
                #expect(isThere, "no such test: \(name)")
            }
        }
    }

    @Test func `every Swift file that the documents name exists`() throws {
        let files = try Repository.swiftFiles(in: "Sources", "Tests", "Examples")
        let names = Set(files.compactMap { $0.split(separator: "/").last.map(String.init) })
        for document in try Repository.files() where document.hasSuffix(".md") {
            for match in try Repository.text(document).matches(of: /`([A-Za-z0-9+]+\.swift)`/) {
                let isThere = names.contains(String(match.output.1))
                #expect(isThere, "\(document): \(match.output.1)")
            }
        }
    }
}
