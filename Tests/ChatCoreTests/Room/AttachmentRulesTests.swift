// SPDX-License-Identifier: MIT

import Testing

@testable import ChatCore

/// The bounds of a message with files: each at its value and one above.
@Suite struct AttachmentRulesTests {
    private static func attachment(
        _ change: (inout MessageAttachment) -> Void = { _ in }
    ) -> MessageAttachment {
        var attachment = MessageAttachment(
            id: "a_1-B", name: "tea.png", byteCount: 0, mediaType: "image/png",
            sha256: String(repeating: "0a", count: 32))
        change(&attachment)
        return attachment
    }

    private static func times(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    static let good: [MessageAttachment] = [
        attachment(), attachment { $0.id = times("x", 64) },
        attachment { $0.name = times("日", 255) },
        attachment { $0.mediaType = times("x", 100) },
        attachment { $0.preview = times("x", 2_048) },
        attachment {
            $0.width = 0
            $0.height = .max
            $0.durationMilliseconds = 1
            $0.byteCount = .max
        },
    ]

    static let bad: [MessageAttachment] = [
        attachment { $0.id = "" }, attachment { $0.id = times("x", 65) },
        attachment { $0.id = "a/b" }, attachment { $0.id = "é" }, attachment { $0.name = "" },
        attachment { $0.name = times("x", 256) }, attachment { $0.name = " x" },
        attachment { $0.name = "a\u{202E}gnp.exe" }, attachment { $0.mediaType = "" },
        attachment { $0.mediaType = times("x", 101) }, attachment { $0.mediaType = "a\nb" },
        attachment { $0.sha256 = times("0", 63) }, attachment { $0.sha256 = times("A", 64) },
        attachment { $0.preview = times("x", 2_049) }, attachment { $0.byteCount = -1 },
        attachment { $0.width = -1 }, attachment { $0.height = -1 },
        attachment { $0.durationMilliseconds = -1 },
    ]

    @Test(arguments: good.indices)
    func `a file within its bounds may be posted`(index: Int) {
        let post = Post(text: "", attachments: [Self.good[index]])
        #expect(post.refusal(Limits()) == nil)
    }

    @Test(arguments: bad.indices)
    func `a file beyond its bounds is refused`(index: Int) {
        let post = Post(text: "", attachments: [Self.attachment(), Self.bad[index]])
        #expect(post.refusal(Limits())?.code == .invalidField)
        #expect(post.refusal(Limits())?.field == "attachments")
    }

    @Test func `a message has at most ten files and four thousand characters`() {
        func code(_ count: Int, _ characters: Int) -> WireError.Code? {
            Post(
                text: Self.times("日", characters),
                attachments: Array(repeating: Self.attachment(), count: count)
            ).refusal(Limits())?.code
        }
        #expect(code(10, 4_000) == nil)
        #expect(code(11, 0) == .invalidField)
        #expect(code(1, 4_001) == .textTooLong)
    }

    @Test func `every part of a file is in the fingerprint`() {
        let changes: [(inout MessageAttachment) -> Void] = [
            { _ in }, { $0.id = "b" }, { $0.name = "b" }, { $0.byteCount = 1 },
            { $0.mediaType = "b" }, { $0.sha256 = "b" }, { $0.width = 0 }, { $0.height = 0 },
            { $0.durationMilliseconds = 0 }, { $0.preview = "b" },
        ]
        let prints = changes.map { change in
            LogChange.post(Post(text: "", attachments: [Self.attachment(change)])).fingerprint
        }
        #expect(Set(prints).count == changes.count)
    }
}
