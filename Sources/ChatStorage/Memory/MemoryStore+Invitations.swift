// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``ChatStore/invite(_:)``.
    public func invite(
        _ invitation: InvitationRecord
    ) async throws(StorageError) -> InvitationOutcome {
        let rules = invitationRules
        return try withState { $0.invite(invitation, rules) }
    }

    /// See ``ChatStore/invitation(code:)``.
    public func invitation(
        code: String
    ) async throws(StorageError) -> InvitationRecord? {
        try withState { $0.invitation(code: code) }
    }

    /// See ``ChatStore/invitations(of:at:offset:limit:)``.
    public func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> InvitationPage {
        try withState { $0.invitations(of: user, at: time, offset: offset, limit: limit) }
    }

    /// See ``ChatStore/removeInvitation(code:)``.
    public func removeInvitation(
        code: String
    ) async throws(StorageError) -> Bool {
        try withState { $0.removeInvitation(code: code) }
    }

    /// See ``ChatStore/removeInvitation(of:to:at:)``.
    public func removeInvitation(
        of user: UserID, to room: RoomID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        try withState { $0.removeInvitation(of: user, to: room, at: time) }
    }
}
