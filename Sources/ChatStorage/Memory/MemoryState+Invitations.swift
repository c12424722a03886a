// SPDX-License-Identifier: MIT

import ChatCore

extension MemoryState {
    mutating func invite(
        _ invitation: InvitationRecord, _ rules: InvitationRules
    ) -> InvitationOutcome {
        guard let place = places[invitation.room] else { return .refused(.roomNotFound) }
        let now = invitation.createdAt
        let countOfUser = invitation.user.map { user in
            logs.count { log in log.invitation(nil, for: user).map { $0.expires > now } ?? false }
        }
        let outcome = logs[place].invite(
            invitation, rules: rules,
            isUserKnown: invitation.user.map { users[$0] != nil && !erasedUsers.contains($0) }
                ?? true,
            countOfUser: countOfUser ?? 0,
            isCodeTaken: logs.contains { $0.invitation(code: invitation.code) != nil })
        if outcome == .stored, let user = invitation.user {
            for index in logs.indices where index != place {
                logs[index].forgetPastInvitation(of: user, at: now)
            }
        }
        return outcome
    }

    func invitation(code: String) -> InvitationRecord? {
        for log in logs {
            if let record = log.invitation(code: code) { return record }
        }
        return nil
    }

    func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    ) -> InvitationPage {
        let active = logs.compactMap { log -> InvitationPage.Entry? in
            guard let record = log.invitation(nil, for: user), record.expires > time else {
                return nil
            }
            let sender = UserReference(id: record.sender, name: name(of: record.sender))
            return InvitationPage.Entry(invitation: record, room: log.record, sender: sender)
        }
        let sorted = active.sorted { left, right in
            (left.invitation.createdAt, left.room.id) > (right.invitation.createdAt, right.room.id)
        }
        let page = sorted.dropFirst(max(0, offset)).prefix(max(1, limit))
        return InvitationPage(entries: Array(page), total: sorted.count)
    }

    mutating func removeInvitation(code: String) -> Bool {
        logs.indices.contains { logs[$0].removeInvitation(code) }
    }

    mutating func removeInvitation(of user: UserID, to room: RoomID, at time: Timestamp) -> Bool {
        guard let place = places[room] else { return false }
        return logs[place].removeInvitation(of: user, at: time)
    }
}
