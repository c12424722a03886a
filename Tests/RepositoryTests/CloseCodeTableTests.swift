// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct CloseCodeTableTests {
    @Test func `the documented close codes are those of the code`() throws {
        let table = try MarkdownTable(in: "docs/protocol.md", below: "## Close codes")
        let documented = table.rows.map { $0.prefix(2).joined(separator: " ") }
        #expect(documented == CloseCode.allCases.map { "\($0.rawValue) \($0.name)" })
    }

    @Test func `every close code says what it means`() throws {
        let table = try MarkdownTable(in: "docs/protocol.md", below: "## Close codes")
        for row in table.rows { #expect(row.count == 3 && !row[2].isEmpty, "\(row)") }
    }

    @Test func `the ranges say whether to connect again`() throws {
        let rule = "4000-4499: connect again and resume; 4500-4999: do not."
        let text = try Repository.text("docs/protocol.md").split(whereSeparator: \.isNewline)
            .joined(separator: " ")
        #expect(text.contains(rule))
        for code in CloseCode.allCases {
            #expect((4000...4999).contains(code.rawValue))
            #expect(code.isReconnectable == (4000...4499).contains(code.rawValue), "\(code)")
        }
    }
}
