// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// A picture with everything, or a file with no more than it needs.
    private static func attachment(_ id: String, isFull: Bool = false) -> MessageAttachment {
        var attachment = MessageAttachment(
            id: id, name: "nul\0 \u{e9}.png", byteCount: 5_000_000_000, mediaType: "image/png",
            sha256: String(repeating: "a", count: 64))
        if isFull {
            attachment.width = 640
            attachment.height = 0
            attachment.durationMilliseconds = 1_500
            attachment.preview = "data:,x"
        }
        return attachment
    }

    static func post(
        _ ids: String..., text: String = "look", replyTo: SequenceNumber? = nil
    ) -> LogChange {
        .post(
            Post(
                text: text, replyTo: replyTo,
                attachments: ids.map { attachment($0, isFull: $0 == "a") }))
    }

    static func orphans(_ probe: StoreProbe) async throws -> [String] {
        try await probe.store.orphanedAttachments(limit: 100)
    }

    /// Files of messages.
    static let attachmentChecks: [StoreCheck] = [
        StoreCheck("a message has its files in history, events and pins, in order") { probe in
            try await probe.prepareRoom()
            let first = try await probe.post("before")
            try await probe.expectStored(probe.entry(post("b", "a", "b", replyTo: first)), 4)
            try await probe.expectStored(probe.entry(post("c", text: "")), 5)
            try await probe.post("after")
            _ = try await probe.append(.pin(target: 4))
            let expected = [attachment("b"), attachment("a", isFull: true), attachment("b")]
            let messages = try await probe.history().messages
            try probe.expect(
                messages.map(\.attachments), [[], expected, [attachment("c")], []])
            try probe.expect(messages.map(\.text), ["before", "look", "", "after"])
            try probe.expect(messages.map(\.replyTo), [nil, first, nil, nil])
            let around = try await probe.history(.around(5), limit: 1).messages
            try probe.expect(around.map(\.attachments), [[attachment("c")]])
            let events = try await probe.events(after: 3)
            try probe.expect(
                events.prefix(2).map(\.change),
                [post("b", "a", "b", replyTo: first), post("c", text: "")])
            let page = try await probe.store.events(in: StoreProbe.room, after: 4, limit: 1)
            try probe.expect(page.map(\.change), [post("c", text: "")])
            try probe.expect(
                await probe.store.pinned(in: StoreProbe.room).map(\.attachments), [expected])
            try probe.expect(await probe.unread(StoreProbe.bob), 4)
        },
        StoreCheck("a search finds a message with its files") { probe in
            try await probe.prepareRoom()
            try await probe.expectStored(probe.entry(post("b", "a")), 3)
            try await probe.post("look there")
            guard let pattern = SearchPattern("look") else {
                return try probe.expect(false, "a word is a pattern")
            }
            let query = SearchQuery(SearchRequest(pattern: pattern), by: StoreProbe.bob)
            let hits = try await probe.store.search(query).hits
            try probe.expect(hits.map(\.seq), [4, 3])
            try probe.expect(
                hits.map(\.attachments), [[], [attachment("b"), attachment("a", isFull: true)]])
        },
        StoreCheck("an edit keeps a message's files, and a deletion takes them") { probe in
            try await probe.prepareRoom()
            try await probe.expectStored(probe.entry(post("a", "b")), 3)
            _ = try await probe.append(.edit(target: 3, text: "new"))
            let edited = try await probe.message(3)
            try probe.expect(edited.text, "new")
            try probe.expect(edited.attachments.map(\.id), ["a", "b"])
            _ = try await probe.append(.delete(target: 3))
            let deleted = try await probe.message(3)
            try probe.expect(deleted.isDeleted, true)
            try probe.expect(deleted.attachments, [])
            guard let event = try await probe.events(after: 2).first else {
                return try probe.expect(false, "the event is missing")
            }
            try probe.expect(event.change, .message(text: "", replyTo: nil))
            try probe.expect(event.isRedacted, true)
        },
        StoreCheck("a repeated message with other files is refused, with the same a duplicate") {
            probe in
            try await probe.prepareRoom()
            func entry(_ change: LogChange) -> LogEntry { probe.entry(change, key: "k") }
            let time = StoreProbe.time(2_000)
            try await probe.expectStored(entry(post("a")), 3)
            let same = AppendOutcome.duplicate(seq: 3, at: time)
            try probe.expect(await probe.append(entry(post("a"))), same)
            let plain = LogChange.message(text: "look", replyTo: nil)
            for other in [post("b"), post("a", "a"), post("a", text: "x"), plain] {
                try probe.expect(await probe.append(entry(other)), .refused(.clientIDReused))
            }
            _ = try await probe.append(.delete(target: 3))
            try probe.expect(await probe.append(entry(post("a"))), same)
        },
        StoreCheck("a post without files is a message like any other") { probe in
            try await probe.prepareRoom()
            let empty = LogChange.post(Post(text: "x", attachments: []))
            try await probe.expectStored(probe.entry(empty, key: "k"), 3)
            let plain = LogChange.message(text: "x", replyTo: nil)
            try probe.expect(await probe.events(after: 2).map(\.change), [plain])
            try probe.expect(
                await probe.append(probe.entry(plain, key: "k")),
                .duplicate(seq: 3, at: StoreProbe.time(2_000)))
        },
        StoreCheck("a muted member posts no files") { probe in
            try await probe.prepareRoom()
            _ = try await probe.append(.mute(user: StoreProbe.bob, until: .forever))
            try await probe.expectRefused(post("a"), by: StoreProbe.bob, .muted)
            try await probe.expectRefused(post("a", replyTo: 1), .replyTargetNotFound)
        },
        StoreCheck("files that no message has any more are listed until they are forgotten") {
            probe in
            try await probe.prepareRoom()
            try await probe.expectStored(probe.entry(post("a", "b", "b")), 3)
            try await probe.expectStored(probe.entry(post("b", "c")), 4)
            try probe.expect(await orphans(probe), [])
            _ = try await probe.append(.delete(target: 3))
            try probe.expect(await orphans(probe), ["a"])
            _ = try await probe.append(.delete(target: 4))
            try probe.expect(await orphans(probe), ["a", "b", "c"])
            try probe.expect(
                await probe.store.orphanedAttachments(limit: 2), ["a", "b"])
            try await probe.expectStored(probe.entry(post("a")), 7)
            try await probe.store.forgetOrphanedAttachments(["b", "nobody's"])
            try probe.expect(await orphans(probe), ["c"])
        },
        StoreCheck("a room tells which files its messages have, and no other room does") { probe in
            try await probe.prepareRoom()
            let record = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(1))
            _ = try await probe.store.createRoom(record, owner: StoreProbe.ada)
            try await probe.expectStored(probe.entry(post("a", "b", "b")), 3)
            try await probe.expectStored(probe.entry(post("b", "c"), in: StoreProbe.other), 2)
            func attached(_ room: RoomID = StoreProbe.room) async throws -> Set<String> {
                try await probe.store.attachedFiles(["c", "b", "b", "a", "nobody's"], in: room)
            }
            try probe.expect(await attached(), ["a", "b"])
            try probe.expect(await attached(StoreProbe.other), ["b", "c"])
            try probe.expect(await attached(RoomID(rawValue: 987)), [])
            try probe.expect(await probe.store.attachedFiles([], in: StoreProbe.room), [])
            _ = try await probe.append(.delete(target: 3))
            try probe.expect(await attached(), [])
            try probe.expect(await attached(StoreProbe.other), ["b", "c"])
        },
        StoreCheck("a deleted room leaves its files to be listed once it is swept") { probe in
            try await probe.prepareRoom()
            let record = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(1))
            _ = try await probe.store.createRoom(record, owner: StoreProbe.ada)
            try await probe.expectStored(probe.entry(post("a", "b")), 3)
            try await probe.expectStored(probe.entry(post("b"), in: StoreProbe.other), 2)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            try await probe.sweepAll()
            try probe.expect(await orphans(probe), ["a"])
            _ = try await probe.store.deleteRoom(StoreProbe.other)
            try await probe.sweepAll()
            try probe.expect(await orphans(probe), ["a", "b"])
        },
    ]
}
