// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Editing, deleting, replying, pinning.
    static let messageChecks: [StoreCheck] = [
        StoreCheck("an edit changes the message, not its place") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("before")
            _ = try await probe.append(
                probe.entry(.edit(target: seq, text: "after"), at: 3_000))
            let message = try await probe.message(seq)
            try probe.expect(message.text, "after")
            try probe.expect(message.editedAt, StoreProbe.time(3_000))
            try probe.expect(message.at, StoreProbe.time(2_000))
            try probe.expect(message.senderName, "Ada")
        },
        StoreCheck("only the author edits, moderators neither") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("mine")
            try await probe.expectRefused(
                .edit(target: seq, text: "x"), by: StoreProbe.bob, isModerator: true,
                .notYourMessage)
        },
        StoreCheck("the author and moderators delete, once") { probe in
            try await probe.prepareRoom()
            let first = try await probe.post("a")
            let second = try await probe.post("b")
            try await probe.expectRefused(
                .delete(target: first), by: StoreProbe.bob, .notYourMessage)
            let byModerator = try await probe.append(
                .delete(target: first), by: StoreProbe.bob, isModerator: true)
            try probe.expect(byModerator, .stored(seq: 5, at: StoreProbe.time(2_000)))
            try await probe.expectStored(probe.entry(.delete(target: second)), 6)
            try await probe.expectRefused(.delete(target: second), .messageDeleted)
        },
        StoreCheck("a deleted message leaves a place and nothing else") { probe in
            try await probe.prepareRoom()
            let first = try await probe.post("first")
            let seq = try await probe.post("secret", replyTo: first)
            for change: LogChange in [
                .edit(target: seq, text: "secret two"), .react(target: seq, emoji: "e"),
                .edit(target: seq, text: "secret three"), .pin(target: seq),
                .delete(target: seq),
            ] { _ = try await probe.append(change) }
            let time = StoreProbe.time(2_000)
            try probe.expect(
                await probe.message(seq),
                Message(
                    seq: seq, at: time, sender: StoreProbe.ada, senderName: "Ada", text: "",
                    isDeleted: true))
            try probe.expect(await probe.store.pinned(in: StoreProbe.room), [])
            for event in try await probe.events() {
                switch event.change {
                case .message(let text, _) where event.seq == seq:
                    try probe.expect(text.isEmpty && event.isRedacted, "the text is in the log")
                case .edit(_, let text):
                    try probe.expect(text.isEmpty && event.isRedacted, "an edit is in the log")
                default: try probe.expect(!event.isRedacted, "\(event.seq) is redacted")
                }
            }
        },
        StoreCheck("nothing can be done to a deleted message") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("x")
            _ = try await probe.append(.delete(target: seq))
            for change: LogChange in [
                .edit(target: seq, text: "y"), .delete(target: seq),
                .react(target: seq, emoji: "e"), .unreact(target: seq, emoji: "e"),
                .pin(target: seq), .unpin(target: seq),
            ] { try await probe.expectRefused(change, .messageDeleted) }
            try await probe.expectRefused(
                .message(text: "y", replyTo: seq), .replyTargetNotFound)
        },
        StoreCheck("targets must be messages of the room") { probe in
            try await probe.prepareRoom()
            try await probe.post("x")
            _ = try await probe.append(.react(target: 3, emoji: "e"))
            let none: [SequenceNumber] = [0, 1, 4, 5, SequenceNumber(rawValue: .max)]
            for seq in none {
                for change: LogChange in [
                    .edit(target: seq, text: "y"), .delete(target: seq),
                    .react(target: seq, emoji: "e"), .unreact(target: seq, emoji: "e"),
                    .pin(target: seq), .unpin(target: seq),
                ] { try await probe.expectRefused(change, .messageNotFound) }
                try await probe.expectRefused(
                    .message(text: "y", replyTo: seq), .replyTargetNotFound)
            }
        },
        StoreCheck("pins are listed in order, once each, up to the limit") { probe in
            try await probe.prepareRoom()
            let limit = Limits().pinsPerRoom
            var seqs: [SequenceNumber] = []
            for number in 0...limit { seqs.append(try await probe.post("\(number)")) }
            for seq in seqs.dropLast().reversed() { _ = try await probe.append(.pin(target: seq)) }
            try probe.expect(await probe.append(.pin(target: seqs[0])), .unchanged)
            try await probe.expectRefused(.pin(target: seqs[limit]), .tooManyPins)
            let pinned = try await probe.store.pinned(in: StoreProbe.room)
            try probe.expect(pinned.map(\.seq), Array(seqs.dropLast()))
            try probe.expect(pinned.allSatisfy(\.isPinned), "a listed message is not pinned")
            _ = try await probe.append(.unpin(target: seqs[0]))
            try probe.expect(await probe.append(.unpin(target: seqs[0])), .unchanged)
            let last = try await probe.append(.pin(target: seqs[limit]))
            try probe.expect(last != .refused(.tooManyPins), "an unpinned message still counts")
        },
    ]

    /// Reactions.
    static let reactionChecks: [StoreCheck] = [
        StoreCheck("reactions keep the order of first use") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("x")
            let uses: [(String, UserID)] = [
                ("b", StoreProbe.cyd), ("a", StoreProbe.bob), ("b", StoreProbe.ada),
            ]
            for (emoji, user) in uses {
                _ = try await probe.append(.react(target: seq, emoji: emoji), by: user)
            }
            let message = try await probe.message(seq)
            try probe.expect(
                message.reactions,
                [
                    Reaction(emoji: "b", users: [StoreProbe.cyd, StoreProbe.ada]),
                    Reaction(emoji: "a", users: [StoreProbe.bob]),
                ])
            // The first user of "b" goes: "b" was still used before "a".
            _ = try await probe.append(.unreact(target: seq, emoji: "b"), by: StoreProbe.cyd)
            let after = try await probe.message(seq)
            try probe.expect(after.reactions.map(\.emoji), ["b", "a"])
        },
        StoreCheck("the same reaction twice, or none taken away, changes nothing") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("x")
            try await probe.expectStored(probe.entry(.react(target: seq, emoji: "e")), 4)
            try probe.expect(await probe.append(.react(target: seq, emoji: "e")), .unchanged)
            try await probe.expectStored(probe.entry(.unreact(target: seq, emoji: "e")), 5)
            try probe.expect(await probe.append(.unreact(target: seq, emoji: "e")), .unchanged)
            try probe.expect(await probe.message(seq).reactions, [])
        },
        StoreCheck("emoji are compared byte by byte") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("x")
            _ = try await probe.append(.react(target: seq, emoji: "\u{e9}"))
            _ = try await probe.append(.react(target: seq, emoji: "e\u{301}"))
            try probe.expect(await probe.message(seq).reactions.count, 2)
        },
        StoreCheck("a message has a limit of different emoji") { probe in
            try await probe.prepareRoom()
            let seq = try await probe.post("x")
            for number in 0..<Limits().reactionsPerMessage {
                _ = try await probe.append(.react(target: seq, emoji: "e\(number)"))
            }
            try await probe.expectRefused(.react(target: seq, emoji: "z"), .tooManyReactions)
            let known = try await probe.append(
                .react(target: seq, emoji: "e0"), by: StoreProbe.bob)
            try probe.expect(
                known != .refused(.tooManyReactions), "a known emoji counts as a new one")
        },
    ]
}
