// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Numbering, time and batches.
    static let logChecks: [StoreCheck] = [
        StoreCheck("places are gapless from 1, refused entries take none") { probe in
            try await probe.prepareRoom()
            let outcomes = try await probe.store.append(
                AppendBatch(entries: [
                    probe.entry(.message(text: "a", replyTo: nil)),
                    probe.entry(.edit(target: 99, text: "b")),
                    probe.entry(.message(text: "c", replyTo: nil)),
                ]))
            let time = StoreProbe.time(2_000)
            try probe.expect(
                outcomes,
                [
                    .stored(seq: 3, at: time), .refused(.messageNotFound),
                    .stored(seq: 4, at: time),
                ])
            try probe.expect(await probe.events().map(\.seq), [1, 2, 3, 4])
            try probe.expect(await probe.snapshot().room.head, 4)
        },
        StoreCheck("what is appended at once is appended, or not at all") { probe in
            try await probe.prepareRoom()
            let batch = AppendBatch(entries: [
                probe.entry(.message(text: "a", replyTo: nil)),
                probe.entry(.edit(target: 99, text: "b")),
            ])
            let outcomes = try probe.store.appendAtOnce(batch)
            if let outcomes {
                try probe.expect(
                    outcomes,
                    [.stored(seq: 3, at: StoreProbe.time(2_000)), .refused(.messageNotFound)])
            }
            try probe.expect(
                await probe.events().map(\.seq), outcomes == nil ? [1, 2] : [1, 2, 3])
        },
        StoreCheck("entries of one batch see those before them") { probe in
            try await probe.prepareRoom()
            let outcomes = try await probe.store.append(
                AppendBatch(entries: [
                    probe.entry(.message(text: "a", replyTo: nil)),
                    probe.entry(.edit(target: 3, text: "b")),
                    probe.entry(.delete(target: 3)),
                    probe.entry(.delete(target: 3)),
                ]))
            try probe.expect(outcomes.last, .refused(.messageDeleted))
            try probe.expect(await probe.snapshot().room.head, 5)
        },
        StoreCheck("each room of a batch has its own places") { probe in
            try await probe.prepareRoom()
            let other = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(0))
            _ = try await probe.store.createRoom(other, owner: nil)
            let time = StoreProbe.time(2_000)
            let message = LogChange.message(text: "x", replyTo: nil)
            let outcomes = try await probe.store.append(
                AppendBatch(entries: [
                    probe.entry(message), probe.entry(message, in: StoreProbe.other),
                    probe.entry(message), probe.entry(message, in: StoreProbe.other),
                ]))
            try probe.expect(
                outcomes,
                [
                    .stored(seq: 3, at: time), .stored(seq: 1, at: time),
                    .stored(seq: 4, at: time), .stored(seq: 2, at: time),
                ])
        },
        StoreCheck("time never runs backwards inside a room") { probe in
            try await probe.prepareRoom()
            let message = LogChange.message(text: "x", replyTo: nil)
            _ = try await probe.append(probe.entry(message, at: 9_000))
            let late = try await probe.append(probe.entry(message, at: 8_000))
            try probe.expect(late, .stored(seq: 4, at: StoreProbe.time(9_000)))
        },
        StoreCheck("an entry of a room that does not exist is refused") { probe in
            try await probe.addUsers()
            try await probe.expectRefused(.message(text: "x", replyTo: nil), .roomNotFound)
        },
        StoreCheck("events carry everything that was appended") { probe in
            try await probe.prepareRoom()
            let changes = RoomChanges(
                name: "New", description: "", isPrivate: true, maximumMembers: 7,
                slowModeSeconds: 0, retentionDays: 4, retentionMessages: 0)
            let all: [LogChange] = [
                .message(text: "nul \0 and é and 👩‍👩‍👧", replyTo: nil), .message(text: "", replyTo: 3),
                .edit(target: 3, text: "new"), .react(target: 3, emoji: "👍🏽"), .pin(target: 3),
                .unpin(target: 3), .unreact(target: 3, emoji: "👍🏽"), .delete(target: 4),
                .role(user: StoreProbe.bob, role: .moderator), .room(changes),
                .leave(user: StoreProbe.bob, reason: .kicked, logged: true),
            ]
            for change in all { _ = try await probe.append(change) }
            let events = try await probe.events(after: 2)
            var expected = all
            expected[1] = .message(text: "", replyTo: 3)
            try probe.expect(events.map(\.change), expected)
            try probe.expect(
                events.map(\.isRedacted), all.indices.map { $0 == 1 })
            try probe.expect(events.last?.subjectName, "Bob")
            try probe.expect(Set(events.map(\.senderName)), ["Ada"])
        },
        StoreCheck("events come in pages") { probe in
            try await probe.prepareRoom()
            for number in 0..<5 { try await probe.post("\(number)") }
            let page = try await probe.store.events(in: StoreProbe.room, after: 2, limit: 3)
            try probe.expect(page.map(\.seq), [3, 4, 5])
            try probe.expect(await probe.events(after: 7), [])
            try probe.expect(
                await probe.events(after: SequenceNumber(rawValue: .max)), [])
            let none = try await probe.store.events(in: StoreProbe.other, after: 0, limit: 3)
            try probe.expect(none, [])
        },
        StoreCheck("an empty batch does nothing") { probe in
            try probe.expect(await probe.store.append(AppendBatch()), [])
        },
    ]

    /// Client ids.
    static let retryChecks: [StoreCheck] = [
        StoreCheck("a retry gets the first answer and stores nothing") { probe in
            try await probe.prepareRoom()
            let message = LogChange.message(text: "x", replyTo: nil)
            let first = try await probe.append(probe.entry(message, key: "k"))
            let second = try await probe.append(probe.entry(message, at: 9_000, key: "k"))
            try probe.expect(first, .stored(seq: 3, at: StoreProbe.time(2_000)))
            try probe.expect(second, .duplicate(seq: 3, at: StoreProbe.time(2_000)))
            try probe.expect(await probe.snapshot().room.head, 3)
        },
        StoreCheck("a client id with other content is refused") { probe in
            try await probe.prepareRoom()
            let first = probe.entry(.message(text: "x", replyTo: nil), key: "k")
            _ = try await probe.append(first)
            let other = probe.entry(.message(text: "y", replyTo: nil), key: "k")
            try probe.expect(await probe.append(other), .refused(.clientIDReused))
            let reply = probe.entry(.message(text: "x", replyTo: 3), key: "k")
            try probe.expect(await probe.append(reply), .refused(.clientIDReused))
        },
        StoreCheck("a retry inside the same batch is found") { probe in
            try await probe.prepareRoom()
            let entry = probe.entry(.message(text: "x", replyTo: nil), key: "k")
            let time = StoreProbe.time(2_000)
            let outcomes = try await probe.store.append(AppendBatch(entries: [entry, entry]))
            try probe.expect(
                outcomes, [.stored(seq: 3, at: time), .duplicate(seq: 3, at: time)])
        },
        StoreCheck("client ids of other senders and rooms are others") { probe in
            try await probe.prepareRoom()
            let other = RoomRecord(
                id: StoreProbe.other, name: "Other", createdAt: StoreProbe.time(0))
            _ = try await probe.store.createRoom(other, owner: nil)
            let message = LogChange.message(text: "x", replyTo: nil)
            try await probe.expectStored(probe.entry(message, key: "k"), 3)
            try await probe.expectStored(probe.entry(message, by: StoreProbe.bob, key: "k"), 4)
            try await probe.expectStored(
                probe.entry(message, in: StoreProbe.other, key: "k"), 1)
            try await probe.expectStored(probe.entry(message, key: "k\0"), 5)
        },
        StoreCheck("the retry of a deleted message is still recognised") { probe in
            try await probe.prepareRoom()
            let entry = probe.entry(.message(text: "x", replyTo: nil), key: "k")
            _ = try await probe.append(entry)
            _ = try await probe.append(.delete(target: 3))
            let time = StoreProbe.time(2_000)
            try probe.expect(await probe.append(entry), .duplicate(seq: 3, at: time))
        },
        StoreCheck("a retry is recognised before any other rule is asked") { probe in
            try await probe.prepareRoom()
            try await probe.post("x")
            let changes: [LogChange] = [
                .edit(target: 3, text: "y"), .react(target: 3, emoji: "e"), .pin(target: 3),
                .delete(target: 3), .leave(user: StoreProbe.bob, reason: .left, logged: true),
            ]
            for (index, change) in changes.enumerated() {
                let entry = probe.entry(change, key: "k\(index)")
                guard case .stored(let seq, let at) = try await probe.append(entry) else {
                    return try probe.expect(false, "\(change) was not stored")
                }
                try probe.expect(await probe.append(entry), .duplicate(seq: seq, at: at))
            }
        },
        StoreCheck("a refused entry does not use up its client id") { probe in
            try await probe.prepareRoom()
            let early = probe.entry(.edit(target: 3, text: "y"), key: "k")
            try probe.expect(await probe.append(early), .refused(.messageNotFound))
            try await probe.post("x")
            try await probe.expectStored(early, 4)
        },
    ]
}
