// SPDX-License-Identifier: MIT

/// A refusal as the client sees it: `{"type":"error","id":…,"code":…,"message":…,"time":…}`.
public struct WireError: Error, Sendable, Equatable {
    /// A stable code; `docs/protocol.md` has the table, a test compares them.
    public enum Code: String, Sendable, CaseIterable {
        // What was sent cannot be read.
        case badJSON = "bad_json"
        case badUTF8 = "bad_utf8"
        case tooLarge = "too_large"
        case unknownCommand = "unknown_command"
        case invalidField = "invalid_field"
        case missingField = "missing_field"
        // Who may.
        case helloRequired = "hello_required"
        case alreadySignedIn = "already_signed_in"
        case invalidToken = "invalid_token"
        case nameTaken = "name_taken"
        // Accounts.
        case invalidCredentials = "invalid_credentials"
        case loginBlocked = "login_blocked"
        case addressBlocked = "address_blocked"
        case accountLocked = "account_locked"
        case usernameTaken = "username_taken"
        case emailTaken = "email_taken"
        case tokenExpired = "token_expired"
        case tokenReused = "token_reused"
        case noAccounts = "no_accounts"
        case forbidden = "forbidden"
        case rateLimited = "rate_limited"
        case slowMode = "slow_mode"
        case muted = "muted"
        case banned = "banned"
        // Rooms.
        case roomNotFound = "room_not_found"
        case roomNameTaken = "room_name_taken"
        case roomFull = "room_full"
        case notMember = "not_member"
        case tooManyRooms = "too_many_rooms"
        case capacityBelowMembers = "capacity_below_members"
        case ownerMustTransfer = "owner_must_transfer"
        case defaultRoom = "default_room"
        case userNotFound = "user_not_found"
        case tooManyBans = "too_many_bans"
        case tooManyMutes = "too_many_mutes"
        case invitationNotFound = "invitation_not_found"
        case tooManyInvitations = "too_many_invitations"
        case directRoom = "direct_room"
        case userUnavailable = "user_unavailable"
        case tooManyBlocks = "too_many_blocks"
        case passwordsUnavailable = "passwords_unavailable"
        // Messages.
        case textEmpty = "text_empty"
        case textTooLong = "text_too_long"
        case clientIDReused = "client_id_reused"
        case messageNotFound = "message_not_found"
        case messageDeleted = "message_deleted"
        case notYourMessage = "not_your_message"
        case replyTargetNotFound = "reply_target_not_found"
        case tooManyReactions = "too_many_reactions"
        case tooManyPins = "too_many_pins"
        // Files.
        case fileNotFound = "file_not_found"
        case fileTooLarge = "file_too_large"
        case fileTypeForbidden = "file_type_forbidden"
        case offsetMismatch = "offset_mismatch"
        case sizeMismatch = "size_mismatch"
        case hashMismatch = "hash_mismatch"
        case quotaExceeded = "quota_exceeded"
        case tooManyUploads = "too_many_uploads"
        case diskFull = "disk_full"
        // The server.
        case storageUnavailable = "storage_unavailable"
        case overloaded = "overloaded"
        case shuttingDown = "shutting_down"
    }

    /// The stable code.
    public var code: Code
    /// What is wrong and what to do, in English.
    public var message: String
    /// The key of the command that is wrong.
    public var field: String?
    /// What is wrong with single fields, if several may be: a sentence for each.
    public var details: [FieldRefusal]
    /// How long to wait before the same command can succeed, in milliseconds.
    public var retryAfterMilliseconds: Int64?
    /// The bucket that refused (`rate_limited`), for example `user.message`.
    public var bucket: String?

    /// Makes a refusal.
    public init(
        _ code: Code, _ message: String, field: String? = nil, details: [FieldRefusal] = [],
        retryAfterMilliseconds: Int64? = nil, bucket: String? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.details = details
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.bucket = bucket
    }
}

/// What is wrong with one field.
public struct FieldRefusal: Sendable, Equatable {
    /// The key of the command.
    public var field: String
    /// What is wrong with it, in English.
    public var message: String

    /// Makes a refusal.
    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

extension WireError {
    /// All fields that are wrong, at once.
    ///
    /// - Returns: `nil` if none is.
    package static func invalidFields(_ details: [FieldRefusal]) -> WireError? {
        guard let first = details.first else { return nil }
        let message =
            details.count == 1
            ? "\(first.field) \(first.message)"
            : "\(details.count) fields are wrong: see details"
        return WireError(.invalidField, message, field: first.field, details: details)
    }

    /// Whoever is asked knows guests or somebody else's users only.
    package static let noAccounts = WireError(
        .noAccounts, "this server has no accounts: sign in with hello")

    /// Nothing was stored; the same command may succeed soon.
    package static let storageUnavailable = WireError(
        .storageUnavailable, "the store failed: try again, with the same client_id",
        retryAfterMilliseconds: 1_000)

    /// Too much is waiting.
    package static let overloaded = WireError(
        .overloaded, "too much is waiting: try again later", retryAfterMilliseconds: 500)

    /// What a store's refusal looks like to the client.
    package init(_ refusal: AppendRefusal) {
        switch refusal {
        case .roomNotFound: self = RoomMachine.notFound
        case .clientIDReused:
            self.init(
                .clientIDReused, "this client_id was used for something else", field: "client_id")
        case .messageNotFound:
            self.init(.messageNotFound, "target is no message of this room", field: "target")
        case .messageDeleted: self.init(.messageDeleted, "the message was deleted", field: "target")
        case .notYourMessage:
            self.init(.notYourMessage, "only its author may do that", field: "target")
        case .replyTargetNotFound:
            self.init(
                .replyTargetNotFound, "reply_to is no message of this room, or was deleted",
                field: "reply_to")
        case .tooManyReactions:
            self.init(.tooManyReactions, "the message has its maximum of different emoji")
        case .tooManyPins: self.init(.tooManyPins, "the room has its maximum of pinned messages")
        case .roomFull: self.init(.roomFull, "the room has its maximum of members")
        case .notMember: self.init(.notMember, "that user is no member")
        case .roomNameTaken:
            self.init(.roomNameTaken, "another room has this name", field: "name")
        case .capacityBelowMembers:
            self.init(
                .capacityBelowMembers, "the room has more members than that", field: "max_members")
        case .banned: self = RoomMachine.banned
        case .muted: self = RoomMachine.muted(nil)
        case .notAbove: self = RoomMachine.notAbove
        case .tooManyBans:
            self.init(.tooManyBans, "the room has its maximum of bans: lift some first")
        case .invitationNotFound:
            self.init(.invitationNotFound, "there is no such invitation, or it is over")
        case .tooManyMutes:
            self.init(.tooManyMutes, "the room has its maximum of mutes: lift some first")
        }
    }
}
