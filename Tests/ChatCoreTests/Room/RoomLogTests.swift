// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct RoomLogTests {
    private static let ada = UserID(rawValue: 1)
    private static let bob = UserID(rawValue: 2)

    private var log = RoomLog(
        RoomRecord(id: RoomID(rawValue: 9), name: "Room", createdAt: Timestamp(milliseconds: 50)),
        owner: ada)

    // MARK: Rules as a table

    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let sender: UserID
        let isModerator: Bool
        let change: LogChange
        let refusal: AppendRefusal?

        init(
            _ description: String, by sender: UserID = ada, isModerator: Bool = false,
            _ change: LogChange, _ refusal: AppendRefusal?
        ) {
            self.description = description
            self.sender = sender
            self.isModerator = isModerator
            self.change = change
            self.refusal = refusal
        }
    }

    /// On a room with Ada's message at 2, Bob's at 3, Bob's deleted one at 4, and its delete at 5.
    private static let cases = [
        Case("own edit", .edit(target: 2, text: "x"), nil),
        Case("edit of another's", .edit(target: 3, text: "x"), .notYourMessage),
        Case("moderator's edit", isModerator: true, .edit(target: 3, text: "x"), .notYourMessage),
        Case("edit of a deleted", by: bob, .edit(target: 4, text: "x"), .messageDeleted),
        Case("edit of a join", .edit(target: 1, text: "x"), .messageNotFound),
        Case("edit of the future", .edit(target: 6, text: "x"), .messageNotFound),
        Case("own delete", .delete(target: 2), nil),
        Case("delete of another's", .delete(target: 3), .notYourMessage),
        Case("moderator's delete", isModerator: true, .delete(target: 3), nil),
        Case("second delete", by: bob, .delete(target: 4), .messageDeleted),
        Case("delete of a delete", by: bob, .delete(target: 5), .messageNotFound),
        Case("reaction to another's", .react(target: 3, emoji: "x"), nil),
        Case("reaction to a deleted", .react(target: 4, emoji: "x"), .messageDeleted),
        Case("reaction to nothing", .react(target: 0, emoji: "x"), .messageNotFound),
        Case("pin of a deleted", .pin(target: 4), .messageDeleted),
        Case("unpin of a delete", .unpin(target: 5), .messageNotFound),
        Case("reply", .message(text: "x", replyTo: 3), nil),
        Case("reply to a deleted", .message(text: "x", replyTo: 4), .replyTargetNotFound),
        Case("reply to a join", .message(text: "x", replyTo: 1), .replyTargetNotFound),
        Case("reply to the future", .message(text: "x", replyTo: 6), .replyTargetNotFound),
        Case("role of a stranger", .role(user: bob, role: .admin), .notMember),
        Case("capacity of one", .room(RoomChanges(maximumMembers: 1)), nil),
    ]

    @Test(arguments: cases)
    func `the table of rules holds`(rule: Case) {
        var log = log
        append(.message(text: "a", replyTo: nil), to: &log)
        append(.message(text: "b", replyTo: nil), by: Self.bob, to: &log)
        append(.message(text: "c", replyTo: nil), by: Self.bob, to: &log)
        append(.delete(target: 4), by: Self.bob, to: &log)
        let outcome = append(
            rule.change, by: rule.sender, isModerator: rule.isModerator, to: &log)
        if let refusal = rule.refusal {
            #expect(outcome == .refused(refusal))
            #expect(log.record.head == 5)
        } else {
            #expect(outcome == .stored(seq: 6, at: Timestamp(milliseconds: 100)))
        }
    }

    // MARK: Time and bounds

    @Test func `nothing is older than the room or the event before`() {
        var log = log
        let early = append(.message(text: "a", replyTo: nil), at: 10, to: &log)
        #expect(early == .stored(seq: 2, at: Timestamp(milliseconds: 50)))
        append(.message(text: "b", replyTo: nil), at: 70, to: &log)
        let late = append(.message(text: "c", replyTo: nil), at: 60, to: &log)
        #expect(late == .stored(seq: 4, at: Timestamp(milliseconds: 70)))
    }

    @Test func `a room holds as many members as the limit says and no more`() {
        var limits = Limits()
        limits.membersPerRoom = 3
        var log = log
        for user in 2...3 as ClosedRange<UInt64> {
            let outcome = join(user, limits: limits, to: &log)
            #expect(outcome == .stored(seq: .init(rawValue: user), at: .init(milliseconds: 100)))
        }
        #expect(join(4, limits: limits, to: &log) == .refused(.roomFull))
    }

    @Test func `a name is asked for only if it changes the key`() {
        var log = log
        let taken = log.append(
            entry(.room(RoomChanges(name: "Other"))), rules: MessageRules(),
            isNameTaken: { $0 == NameKey("other") })
        #expect(taken == .refused(.roomNameTaken))
        let same = log.append(
            entry(.room(RoomChanges(name: "ROOM"))), rules: MessageRules(),
            isNameTaken: { _ in true })
        #expect(same == .stored(seq: 2, at: Timestamp(milliseconds: 100)))
    }

    // MARK: Receipts

    @Test(arguments: [
        // delivered, read -> delivered, read; from (3, 2) with head 5
        ([0, 0], [3, 2]), ([4, 0], [4, 2]), ([0, 3], [3, 3]), ([0, 4], [4, 4]), ([9, 9], [5, 5]),
        ([4, 5], [5, 5]),
    ])
    func `receipts merge by maximum`(update: [UInt64], result: [UInt64]) {
        var member = MemberRecord(
            user: Self.ada, name: "", role: .member, joinedAt: Timestamp(milliseconds: 0),
            delivered: 3, read: 2)
        let receipt = ReceiptUpdate(
            room: RoomID(rawValue: 9), user: Self.ada,
            delivered: SequenceNumber(rawValue: update[0]),
            read: SequenceNumber(rawValue: update[1]))
        member.advance(receipt, head: 5)
        #expect([member.delivered.rawValue, member.read.rawValue] == result)
    }

    // MARK: Fingerprints

    @Test func `different changes have different fingerprints`() {
        let changes: [LogChange] = [
            .message(text: "", replyTo: nil), .message(text: "a", replyTo: nil),
            .message(text: "a", replyTo: 1), .message(text: "\u{e9}", replyTo: nil),
            .message(text: "e\u{301}", replyTo: nil), .edit(target: 1, text: "a"),
            .delete(target: 1), .react(target: 1, emoji: "a"), .unreact(target: 1, emoji: "a"),
            .pin(target: 1), .unpin(target: 1),
            .join(user: Self.ada, role: .member, logged: true),
            .join(user: Self.ada, role: .admin, logged: true),
            .leave(user: Self.ada, reason: .left, logged: true),
            .leave(user: Self.ada, reason: .kicked, logged: true),
            .role(user: Self.ada, role: .member), .room(RoomChanges()),
            .room(RoomChanges(name: "")), .room(RoomChanges(description: "")),
            .room(RoomChanges(isPrivate: false)), .room(RoomChanges(isPrivate: true)),
            .room(RoomChanges(maximumMembers: 0)), .room(RoomChanges(slowModeSeconds: 0)),
            .room(RoomChanges(retentionDays: 0)), .room(RoomChanges(retentionMessages: 0)),
        ]
        #expect(Set(changes.map(\.fingerprint)).count == changes.count)
        let unlogged = LogChange.join(user: Self.ada, role: .member, logged: false)
        #expect(changes.map(\.fingerprint).contains(unlogged.fingerprint))
        // Files hold it: this number never changes.
        #expect(changes[1].fingerprint == 15_621_829_088_236_727_446)
    }

    // MARK: Helpers

    private func entry(
        _ change: LogChange, by sender: UserID = ada, isModerator: Bool = false, at: Int64 = 100
    ) -> LogEntry {
        LogEntry(
            room: log.record.id, sender: sender, at: Timestamp(milliseconds: at),
            isModerator: isModerator, change: change)
    }

    @discardableResult
    private func append(
        _ change: LogChange, by sender: UserID = ada, isModerator: Bool = false, at: Int64 = 100,
        limits: Limits = Limits(), to log: inout RoomLog
    ) -> AppendOutcome {
        log.append(
            entry(change, by: sender, isModerator: isModerator, at: at),
            rules: MessageRules(limits: limits))
    }

    private func join(_ user: UInt64, limits: Limits, to log: inout RoomLog) -> AppendOutcome {
        append(
            .join(user: UserID(rawValue: user), role: .member, logged: true), limits: limits,
            to: &log)
    }
}
