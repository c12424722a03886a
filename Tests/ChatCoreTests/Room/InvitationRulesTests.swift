// SPDX-License-Identifier: MIT

import ChatCore
import Testing

/// Who may invite whom: every reason on its own, and the bounds at their value and one above.
@Suite struct InvitationRulesTests {
    private static func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds)
    }

    private static let direct = InvitationRecord(
        code: "c", room: room1, user: bob, sender: alice, createdAt: time(1_000),
        expires: time(9_000))
    private static let link = {
        var link = direct
        link.user = nil
        return link
    }()

    /// Facts with which a member may invite to a public room.
    private static func facts(
        _ change: (inout InvitationFacts) -> Void = { _ in }
    ) -> InvitationFacts {
        var facts = InvitationFacts(
            room: RoomRecord(id: room1, name: "Room", createdAt: time(0)), isUserKnown: true,
            senderRole: .member, userRole: nil, ban: nil, present: nil, countInRoom: 999,
            countOfUser: 99, isCodeTaken: false)
        change(&facts)
        return facts
    }

    static let table: [(InvitationFacts, InvitationOutcome, InvitationOutcome)] = [
        //  facts, the outcome of a direct invitation, that of a link
        (facts(), .stored, .refused(.notModerator)),
        (facts { $0.senderRole = .moderator }, .stored, .stored),
        (facts { $0.room = nil }, .refused(.roomNotFound), .refused(.roomNotFound)),
        (facts { $0.senderRole = nil }, .refused(.notMember), .refused(.notMember)),
        (
            facts { $0.room?.isPrivate = true }, .refused(.notModerator), .refused(.notModerator)
        ),
        (facts { $0.isUserKnown = false }, .refused(.userNotFound), .refused(.notModerator)),
        (facts { $0.userRole = .owner }, .alreadyMember, .refused(.notModerator)),
        (facts { $0.ban = Ban() }, .refused(.banned), .refused(.notModerator)),
        (
            facts { $0.ban = Ban(until: time(1_001)) }, .refused(.banned), .refused(.notModerator)
        ),
        (facts { $0.ban = Ban(until: time(1_000)) }, .stored, .refused(.notModerator)),
        (facts { $0.present = direct }, .present(direct), .refused(.notModerator)),
        (
            facts {
                $0.present = direct
                $0.present?.expires = time(1_000)
            }, .stored, .refused(.notModerator)
        ),
        (
            facts {
                $0.senderRole = .owner
                $0.isCodeTaken = true
            }, .refused(.codeTaken), .refused(.codeTaken)
        ),
        (
            facts {
                $0.senderRole = .owner
                $0.countInRoom = 1_000
            }, .refused(.tooManyInvitations), .refused(.tooManyInvitations)
        ),
        (facts { $0.countOfUser = 100 }, .refused(.tooManyInvitations), .refused(.notModerator)),
    ]

    @Test(arguments: table.indices)
    func `the rules say what the table says`(index: Int) {
        let (facts, direct, link) = Self.table[index]
        let rules = InvitationRules()
        #expect(rules.outcome(of: Self.direct, facts: facts) == direct)
        #expect(rules.outcome(of: Self.link, facts: facts) == link)
    }
}
