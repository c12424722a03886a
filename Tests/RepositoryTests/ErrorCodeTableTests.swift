// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct ErrorCodeTableTests {
    @Test func `the documented error codes are those of the code`() throws {
        let table = try MarkdownTable(in: "docs/protocol.md", below: "## Errors")
        #expect(table.rows.map { $0[0] } == WireError.Code.allCases.map(\.rawValue))
    }

    @Test func `every error code says what it means`() throws {
        let table = try MarkdownTable(in: "docs/protocol.md", below: "## Errors")
        for row in table.rows { #expect(row.count == 2 && !row[1].isEmpty, "\(row)") }
    }
}
