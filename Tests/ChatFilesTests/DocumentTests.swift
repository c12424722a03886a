// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS
import Foundation
import Testing

@testable import ChatFiles

struct DocumentTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/files.md"), encoding: .utf8)
    }

    /// The first cells of the rows below a heading, up to the next one.
    private func rows(below heading: String) -> [[Substring]] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = (lines.firstIndex(of: Substring(heading)) ?? 0) + 1
        return lines[start...].prefix { !$0.hasPrefix("#") }
            .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }.dropFirst()
            .map { $0.split(separator: "|").map { $0.trimmingPrefix(" ") } }
    }

    @Test func `the documented requests are the routes`() {
        let service = FileService(store: MemoryFileStore())
        var documented: Set<String> = []
        for row in rows(below: "## HTTP") {
            for match in row[0].matches(of: /`([A-Z]+)/) {
                guard let path = row[0].firstMatch(of: /\/api[^`]*/) else { continue }
                documented.insert("\(match.output.1) \(path.output)")
            }
        }
        // A HEAD is answered by the GET of its path.
        let routes = Set(service.routes().map { "\($0.method) \($0.pattern.text)" })
        #expect(documented.filter { !$0.hasPrefix("HEAD ") } == routes)
    }

    @Test func `the documented statuses are those that are sent`() {
        let table = rows(below: "### Errors")
        #expect(table.count >= 10)
        for row in table {
            let statuses = row[0].split(separator: ",").compactMap {
                Int($0.trimmingCharacters(in: .whitespaces))
            }
            for match in row[1].matches(of: /`([a-z_]+)`/) {
                let code = WireError.Code(rawValue: String(match.output.1))
                #expect(code != nil, "\(match.output.1)")
                let status = code.map { FileService.status(of: $0).code } ?? 0
                #expect(statuses.contains(status), "\(match.output.1) is \(status)")
            }
        }
    }
}
