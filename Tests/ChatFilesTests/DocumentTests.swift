// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import ChatTransportWS
import Foundation
import Testing

@testable import ChatFiles

struct DocumentTests {
    private let text: String
    private let openAPI: JSONValue

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/files.md"), encoding: .utf8)
        openAPI = try #require(
            JSONValue(
                parsing: String(
                    contentsOf: root.appending(path: "docs/openapi.json"), encoding: .utf8)))
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

    @Test func `the OpenAPI document has the routes, and of each the parameters of its path`() {
        let paths = openAPI["paths"]
        var described: Set<String> = []
        for path in paths.keys {
            for method in paths[path].keys where paths[path][method]["tags"] == ["files"] {
                described.insert("\(method.uppercased()) /api\(path)")
                let named = path.matches(of: /\{([a-z]+)\}/).map { String($0.output.1) }
                let parameters = paths[path][method]["parameters"].elements
                    .filter { $0["in"] == "path" }.compactMap { $0["name"].string }
                #expect(parameters.sorted() == named.sorted(), "\(method) \(path)")
            }
        }
        let service = FileService(store: MemoryFileStore())
        #expect(described == Set(service.routes().map { "\($0.method) \($0.pattern.text)" }))
    }

    @Test func `the OpenAPI document describes an upload with the keys that are read and written`()
    {
        let begin = openAPI["paths"]["/rooms/{room}/uploads"]["post"]
        let draft = begin["requestBody"]["content"]["application/json"]["schema"]
        #expect(
            draft["properties"].keys == [
                "bytes", "duration_ms", "height", "name", "preview", "sha256", "width",
            ])
        #expect(draft["required"] == ["name", "bytes"])
        let status = UploadStatus(
            id: "f_1", offset: 1, bytes: 2, chunkBytes: 3, expiresAt: Timestamp(milliseconds: 4))
        var writer = JSONWriter()
        status.write(to: &writer)
        #expect(
            JSONValue(utf8: writer.bytes)?.keys
                == openAPI["components"]["schemas"]["Upload"]["properties"].keys)
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
