// SPDX-License-Identifier: MIT

/// Something that somebody did, as an ``ActivityLog`` is told of it.
public enum Activity: Sendable, Equatable {
    /// Somebody signed in, on a connection or by a call that hands out tokens.
    case signedIn(UserReference, method: SignInMethod, peer: PeerInfo)
    /// Somebody could not sign in, or presented a token that is not valid. Not told of what the rate limits refuse.
    case signInRefused(WireError.Code, peer: PeerInfo)
    /// A connection of somebody ended; `isExplicit` if they signed out, or were signed out.
    case signedOut(UserReference, isExplicit: Bool, peer: PeerInfo)
    /// Somebody changed their password.
    case passwordChanged(UserReference, peer: PeerInfo)
    /// Somebody changed their e-mail address, which is not written down.
    case emailChanged(UserReference, peer: PeerInfo)
    /// Somebody has another name now.
    case renamed(UserReference, to: String)
    /// All that somebody wrote is erased.
    case erased(UserID)
    /// A room was made.
    case roomCreated(ActivityRoom, by: UserReference?)
    /// A room was deleted.
    case roomDeleted(ActivityRoom, by: UserReference)
    /// A room has a new event: a message, a join, a ban … Also of a large room, whose log does not say who joined.
    /// `subject` is the name of whom it is about.
    case changed(LogChange, seq: SequenceNumber, subject: String, ActivityRoom, by: UserReference)
    /// A moderator did something that is no event of the room: links and passwords.
    case acted(AuditAction, ActivityRoom, by: UserReference)
    /// Somebody was invited.
    case invited(UserID, ActivityRoom, by: UserReference)
    /// A file is complete. It becomes part of a message with a later ``changed(_:seq:subject:_:by:)``.
    case fileStored(MessageAttachment, room: RoomID, by: UserID)
}

/// A room, as an ``ActivityLog`` names it.
public struct ActivityRoom: Sendable, Equatable {
    /// Its identity.
    public var id: RoomID
    /// Its name at that time.
    public var name: String

    /// Makes a reference.
    public init(id: RoomID, name: String) {
        self.id = id
        self.name = name
    }

    init(_ record: RoomRecord) { self.init(id: record.id, name: record.name) }
}

/// How somebody proved who they are.
public enum SignInMethod: UInt8, Sendable, CaseIterable {
    /// By a name that nobody was using.
    case name = 0
    /// By a token.
    case token = 1
    /// By a password.
    case password = 2
    /// By making an account.
    case registration = 3
    /// The embedding service knows.
    case service = 4

    /// Its name in a log.
    public var text: String {
        switch self {
        case .name: "name"
        case .token: "token"
        case .password: "password"
        case .registration: "registration"
        case .service: "service"
        }
    }

    /// How these credentials prove it.
    init(_ credentials: Credentials) {
        self =
            if credentials.registration != nil {
                .registration
            } else if credentials.login != nil {
                .password
            } else if credentials.token != nil {
                .token
            } else {
                .name
            }
    }
}
