// SPDX-License-Identifier: MIT

public import ChatCore

extension SQLiteStore {
    /// See ``ChatStore/invite(_:)``.
    public func invite(
        _ invitation: InvitationRecord
    ) async throws(StorageError) -> InvitationOutcome {
        try await writer.perform { writer throws(StorageError) in
            try writer.invite(invitation)
        }
    }

    /// See ``ChatStore/invitation(code:)``.
    public func invitation(
        code: String
    ) async throws(StorageError) -> InvitationRecord? {
        try await read { reader throws(StorageError) in
            try reader.invitation(code: code)
        }
    }

    /// See ``ChatStore/invitations(of:at:offset:limit:)``.
    public func invitations(
        of user: UserID, at time: Timestamp, offset: Int, limit: Int
    ) async throws(StorageError) -> InvitationPage {
        try await read { reader throws(StorageError) in
            try reader.invitations(of: user, at: time, offset: offset, limit: limit)
        }
    }

    /// See ``ChatStore/removeInvitation(code:)``.
    public func removeInvitation(
        code: String
    ) async throws(StorageError) -> Bool {
        try await writer.perform { writer throws(StorageError) in
            try writer.removeInvitation(code: code)
        }
    }

    /// See ``ChatStore/removeInvitation(of:to:at:)``.
    public func removeInvitation(
        of user: UserID, to room: RoomID, at time: Timestamp
    ) async throws(StorageError) -> Bool {
        try await writer.perform { writer throws(StorageError) in
            try writer.removeInvitation(of: user, to: room, at: time)
        }
    }
}
