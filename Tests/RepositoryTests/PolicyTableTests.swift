// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct PolicyTableTests {
    @Test func `the documented permissions are those of the code`() throws {
        let table = try MarkdownTable(in: "docs/permissions.md", below: "## The matrix")
        let code = RoomPermission.allCases.map { permission in
            [
                permission.rawValue, PermissionMatrix.minimumRole(permission).name,
                PermissionMatrix.isOverOthers(permission) ? "yes" : "no",
            ]
        }
        #expect(table.rows.map { Array($0.prefix(3)) } == code)
    }

    @Test func `the documented rate limits are those of the code`() throws {
        let table = try MarkdownTable(in: "docs/limits.md", below: "## The defaults")
        let code = RateLimitPolicy.standardTokensPerMinute.map { scope, kind, tokens in
            ["\(scope.name).\(kind.name)", "\(tokens)"]
        }
        #expect(table.rows == code)
        for scope in RateScope.allCases {
            for kind in CommandKind.allCases {
                let size = RateLimitPolicy.standard[scope, kind]
                let row = table.rows.first { $0[0] == "\(scope.name).\(kind.name)" }
                #expect(size.map { "\($0.capacity)" } == row?[1])
                #expect(size.map { "\($0.tokensPerMinute)" } == row?[1])
            }
        }
    }

    @Test func `the documented acts of the audit log are those of the code`() throws {
        let table = try MarkdownTable(in: "docs/protocol.md", below: "## Audit log")
        let documented = table.rows.flatMap { row in
            row[0].split(separator: ",").map { $0.filter { $0.isLetter || $0 == "." } }
        }
        #expect(Set(documented) == Set(AuditAction.allCases.map(\.name)))
    }

    /// What a test of privacy does not know of, it does not try.
    @Test func `the tests that try every command know every command`() throws {
        let list = try Repository.text("Tests/EngineTests/RoomCommands.swift")
        var commands: Set<String> = []
        for path in try Repository.swiftFiles(in: "Sources/ChatCore/Wire")
        where path.contains("CommandDecoder") {
            for match in try Repository.text(path).matches(of: /case ("[a-z._", ]+)(:)/) {
                for name in match.output.1.matches(of: /"([a-z._]+)"/) {
                    commands.insert(String(name.output.1))
                }
            }
        }
        #expect(commands.count > 40)
        // Orders of search are words in quotes as well.
        for command in commands.subtracting(["newest", "relevance"]) {
            #expect(list.contains("\"\(command)\""), "RoomCommands.swift lacks \(command)")
        }
    }
}
