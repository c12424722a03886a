// SPDX-License-Identifier: MIT

/// What a client asks for: decoded and checked for shape, not yet for rights.
public enum Command: Sendable, Equatable {
    /// Sign in, perhaps with positions to resume from.
    indirect case hello(HelloCommand)
    /// A sign of life.
    case ping
    /// Who am I, and where?
    case whoami
    /// Change what one shows of oneself.
    indirect case updateProfile(ProfileChanges)
    /// This device is idle or active, or the user busy.
    case presence(PresenceStatus)
    /// Sign this device out, or all devices of the account.
    case logout(everywhere: Bool)
    /// New tokens for a refresh token.
    case refresh(String)
    /// Another name.
    case changeUsername(String)
    /// Another e-mail address, or none if it is empty, and the password.
    case changeEmail(String, password: String)
    /// A new password, and the present one.
    case changePassword(from: String, to: String)
    /// Where one's account is signed in.
    case listDevices
    /// Sign one of one's devices out.
    case removeDevice(DeviceID)
    /// Make a room.
    indirect case createRoom(NewRoom)
    /// A page of the rooms that one may see; perhaps subscribe to changes of that list.
    case listRooms(offset: Int, limit: Int, watches: Bool)
    /// A page of one's own rooms with their last messages.
    case joinedRooms(offset: Int, limit: Int)
    /// Open the direct room with somebody.
    case openDirect(UserID)
    /// Join by a link's code, perhaps from a position.
    indirect case joinByCode(String, after: SequenceNumber?)
    /// Have nothing to do with somebody.
    case block(UserID)
    /// Lift a block.
    case unblock(UserID)
    /// A page of one's own blocks.
    case blocks(offset: Int, limit: Int)
    /// A page of one's own invitations.
    case invitations(offset: Int, limit: Int)
    /// Messages of all of one's rooms that match.
    indirect case search(SearchRequest)
    /// Something about files.
    indirect case file(FileCommand)
    /// Something inside a room.
    case room(RoomReference, RoomAction)
}

/// What `hello`, `login` and `register` say.
public struct HelloCommand: Sendable, Equatable {
    /// The guest's name.
    public var name: String?
    /// A token of an earlier hello.
    public var token: String?
    /// Whether the name is to be kept for the token's holder.
    public var keepsName: Bool
    /// The name or e-mail address and password of `login`.
    public var login: LoginRequest?
    /// The account that `register` is to make.
    public var registration: RegistrationRequest?
    /// What the client has: position by room id or name.
    public var resume: [(room: String, seq: SequenceNumber)]
    /// The client program, for the log.
    public var client: String?

    /// Equal if all keys are.
    public static func == (left: HelloCommand, right: HelloCommand) -> Bool {
        left.name == right.name && left.token == right.token && left.keepsName == right.keepsName
            && left.client == right.client && left.login == right.login
            && left.registration == right.registration
            && left.resume.elementsEqual(right.resume) { $0.room == $1.room && $0.seq == $1.seq }
    }
}

/// What a new room is to be.
public struct NewRoom: Sendable, Equatable {
    /// Its name; unique ignoring case.
    public var name: String
    /// What it is about.
    public var description: String
    /// Whether only members can see it.
    public var isPrivate: Bool
    /// The most members; 0 for no limit of its own.
    public var maximumMembers: Int
    /// Seconds between two messages of one member; 0 for no slow mode.
    public var slowModeSeconds: Int
    /// How long it keeps its events.
    public var retention: RoomRetention

    /// Makes a description of a room.
    public init(
        name: String, description: String = "", isPrivate: Bool = false, maximumMembers: Int = 0,
        slowModeSeconds: Int = 0,
        retention: RoomRetention = RoomRetention()
    ) {
        self.name = name
        self.description = description
        self.isPrivate = isPrivate
        self.maximumMembers = maximumMembers
        self.slowModeSeconds = slowModeSeconds
        self.retention = retention
    }
}

/// A room as a client names it.
public enum RoomReference: Sendable, Hashable {
    /// By identity.
    case id(RoomID)
    /// By name, any case.
    case name(String)

    /// Reads what stands in a command.
    public init(_ text: String) {
        if let id = RoomID(text) {
            self = .id(id)
        } else {
            self = .name(text)
        }
    }
}

/// What lets somebody into a room beside an invitation.
public enum JoinKey: Sendable, Equatable {
    /// The code of a link.
    case code(String)
    /// The room's password.
    case password(String)
}

/// What can be asked of a room.
public enum RoomAction: Sendable, Equatable {
    /// Append to the log: post, edit, delete, react, pin.
    case write(LogChange, clientID: String?)
    /// Become a member and subscribe, perhaps from a position.
    case join(after: SequenceNumber?)
    /// Stop being a member.
    case leave
    /// Change name, description, settings.
    indirect case update(RoomChanges)
    /// Delete the room.
    case delete
    /// Remove somebody.
    case kick(UserID)
    /// Give somebody a role (`owner` hands the room over).
    case setRole(UserID, Role)
    /// Keep somebody out of the room, with a reason.
    indirect case ban(UserID, EndTime, reason: String)
    /// Let somebody in again.
    case unban(UserID)
    /// Keep a member from writing.
    case mute(UserID, EndTime)
    /// Let somebody write again.
    case unmute(UserID)
    /// Invite somebody.
    case invite(UserID, EndTime)
    /// Become a member of a room into which one has a key.
    indirect case enter(JoinKey, after: SequenceNumber?)
    /// Make a join link.
    case createLink(EndTime, uses: Int)
    /// A page of the join links.
    case links(offset: Int, limit: Int)
    /// Withdraw a join link.
    indirect case revokeLink(String)
    /// Set the password, or remove it.
    indirect case setPassword(String?)
    /// A page of what moderators did, before an entry.
    case audit(before: UInt64?, limit: Int)
    /// Do without one's own invitation.
    case declineInvitation
    /// A page of those who are banned.
    case bans(offset: Int, limit: Int)
    /// A page of members.
    case members(offset: Int, limit: Int)
    /// The room as it is now.
    case get
    /// A page of messages.
    case history(HistoryQuery.Anchor, limit: Int)
    /// Messages that match.
    indirect case search(SearchRequest)
    /// A page of the log.
    case events(after: SequenceNumber, limit: Int)
    /// One started or stopped typing.
    case typing(Bool)
    /// One has received or seen the log up to there.
    case receipt(delivered: SequenceNumber?, read: SequenceNumber?)
    /// Who has read a message.
    case readers(SequenceNumber)
}
