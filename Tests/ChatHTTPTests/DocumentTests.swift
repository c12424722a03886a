// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import ChatTransportWS
import Testing

@testable import ChatHTTP

/// What is written down is what the code does.
struct DocumentTests {
    private static func openAPI() throws -> JSONValue {
        try #require(JSONValue(parsing: try Documents.text("docs/openapi.json")))
    }

    private static func operation(_ endpoint: Endpoint, _ document: JSONValue) -> JSONValue {
        document["paths"][endpoint.path][endpoint.method.lowercased()]
    }

    @Test func `every path of the OpenAPI document is in the code and the other way around`() throws
    {
        let document = try Self.openAPI()
        #expect(document["openapi"] == "3.1.0")
        let paths = document["paths"]
        // The routes of ChatFiles are compared in its own tests.
        let described = paths.keys.flatMap { path in
            paths[path].keys.filter { paths[path][$0]["tags"] != ["files"] }
                .map { "\($0.uppercased()) \(path)" }
        }
        #expect(described.sorted() == Endpoint.all.map { "\($0.method) \($0.path)" }.sorted())
        #expect(Set(described).count == Endpoint.all.count)
        let ids = Endpoint.all.map { Self.operation($0, document)["operationId"].string ?? "" }
        #expect(Set(ids).count == ids.count)
    }

    @Test(arguments: Endpoint.all)
    func `the OpenAPI document has the parameters and keys of the code`(
        endpoint: Endpoint
    ) throws {
        let operation = Self.operation(endpoint, try Self.openAPI())
        func names(in place: String) -> [String] {
            operation["parameters"].elements.filter { $0["in"] == .string(place) }
                .compactMap { $0["name"].string }.sorted()
        }
        #expect(names(in: "path") == endpoint.parameters.map(\.name).sorted())
        let paging = endpoint.paging == nil ? [] : ["page", "limit"]
        #expect(names(in: "query") == (endpoint.query.map(\.name) + paging).sorted())
        let schema = operation["requestBody"]["content"]["application/json"]["schema"]
        #expect(schema["properties"].keys == endpoint.body.sorted())
        let required = Set(schema["required"].elements.compactMap(\.string))
        #expect(required.isSuperset(of: endpoint.required))
        // No secret may end up in a log of addresses.
        let secrets = ["token", "password", "refresh_token", "code"]
        #expect(Set(names(in: "query") + names(in: "path")).isDisjoint(with: secrets))
        #expect((operation["security"] == []) == (endpoint.access == .open))
    }

    @Test(arguments: Endpoint.all)
    func `the OpenAPI document has the successes of the code`(endpoint: Endpoint) throws {
        let responses = Self.operation(endpoint, try Self.openAPI())["responses"]
        let successes = responses.keys.filter { $0.hasPrefix("2") }
        let expected =
            switch endpoint.success {
            case .ok: ["200"]
            case .nothing: ["204"]
            case .createdRoom: ["201"]
            case .created: endpoint.command == "send" ? ["200", "201"] : ["201"]
            }
        #expect(successes == expected)
        #expect(responses.keys.contains("422"))
        #expect(responses.keys.contains("415") == endpoint.takesBody)
        #expect(responses.keys.contains("401") || endpoint.access == .open)
    }

    @Test func `every command but those of connections and of files is there over HTTP`() throws {
        var names: Set<String> = []
        for path in try Documents.files(in: "Sources/ChatCore/Wire")
        where path.contains("CommandDecoder") {
            for match in try Documents.text(path).matches(of: /"([a-z._]+)"/) {
                names.insert(String(match.output.1))
            }
        }
        let decoder = CommandDecoder(limits: Limits())
        let commands = names.filter { name in
            switch decoder.decode(Array("{\"type\":\"\(name)\"}".utf8).span) {
            case .command: true
            case .refused(let error, _): error.code != .unknownCommand
            }
        }
        #expect(commands.count > 50)
        let onConnections: Set = ["ping", "presence.set", "typing"]
        let files = commands.filter {
            $0.hasPrefix("upload.") || $0.hasPrefix("file.") || $0 == "download"
        }
        #expect(files.count == 7)
        #expect(
            Set(Endpoint.all.map(\.command))
                == commands.subtracting(onConnections).subtracting(files))
    }

    @Test func `the documented statuses of codes are those of the code`() throws {
        var documented: [String: Set<Int>] = [:]
        for line in try Documents.text("docs/http.md").split(separator: "\n")
        where line.hasPrefix("| ") {
            let cells = line.split(separator: "|")
            guard let status = Int(cells[0].filter { $0.isNumber }) else { continue }
            for match in cells[1].matches(of: /`([a-z_0-9]+)`/) {
                documented[String(match.output.1), default: []].insert(status)
            }
        }
        var known: [String: Set<Int>] = [:]
        for code in WireError.Code.allCases {
            known[code.rawValue, default: []].insert(ErrorStatus.status(of: code).code)
        }
        for entry in ErrorStatus.ofHTTP {
            known[entry.code, default: []].insert(entry.status.code)
        }
        #expect(documented == known)
        for (code, statuses) in known { #expect(statuses.count == 1, "\(code)") }
    }
}
