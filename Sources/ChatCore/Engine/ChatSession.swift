// SPDX-License-Identifier: MIT

/// One connection as the engine sees it. It lives on the connection's event loop and is called there only.
///
/// A transport gets one from ``ConnectionHost/accept(_:peer:)``, hands it every message it reads, and tells it
/// when the connection has ended.
public final class ChatSession {
    let id: SessionID
    let link: any ConnectionLink
    let peer: PeerInfo
    let addressHash: UInt64
    var machine: any SessionGoverning
    /// The user, once signed in: the machine's, at hand.
    private(set) var user: UserReference?
    var subscriptions = SubscriptionSet()
    /// Rooms in which this device may still count as typing.
    var typingRooms: [RoomID] = []
    /// Subscriptions that wait until the connection has caught up before they read more of the log.
    var stalled: [Subscription] = []
    /// A room name that is being looked up for the command that waits, or was.
    var lookup: RoomLookup?
    /// Whether the transport holds a message that was not taken: only then is there anything to resume.
    var isHolding = false
    /// What limits the stay; `nil` for guests and whoever the embedding service has let in.
    var access: SessionAccess?
    /// Whether it is there for one command only: see `Shard+Commands.swift`.
    let isPassive: Bool
    var watchesRooms = false
    var hasTimer = false
    var isEnded = false
    /// The sign-in under way, with the id of the hello and the positions to resume from; `nil` before and after.
    var greeting: Greeting?

    private unowned let shard: Shard

    init(
        id: SessionID, link: any ConnectionLink, peer: PeerInfo, machine: any SessionGoverning,
        shard: Shard, isPassive: Bool = false
    ) {
        self.isPassive = isPassive
        self.id = id
        self.link = link
        self.peer = peer
        self.machine = machine
        self.shard = shard
        var hasher = Hasher()
        hasher.combine(NetworkAddress.limitKey(peer.address))
        addressHash = UInt64(bitPattern: Int64(hasher.finalize()))
    }

    /// The hello succeeded (`user`) or failed (`nil`).
    func signedIn(_ user: UserReference?, now: ChatInstant) {
        machine.signedIn(user, now: now)
        self.user = machine.user
    }

    /// The user has another name now.
    func renamed(to name: String) {
        machine.renamed(to: name)
        user = machine.user
    }

    /// Nothing more is taken.
    func close() {
        machine.close()
        user = nil
    }

    /// Commands that were taken and whose answer is still to come. A transport whose peer has closed its
    /// sending side closes its own once this is 0.
    public var unansweredCommands: Int { isEnded ? 0 : machine.unansweredCommands }

    /// Takes one message (a JSON object).
    ///
    /// - Returns: whether it was taken. If not, the session is waiting for an answer that must come first: keep
    ///   the message, read no further, and hand it in again after ``ConnectionLink/resumeReading()``.
    public func receive(_ message: Span<UInt8>) -> Bool {
        isEnded ? true : shard.receive(message, on: self)
    }

    /// Tells the client that what it sent is no message at all, in the engine's error shape.
    public func reject(_ error: WireError) {
        if !isEnded { shard.refuse(self, id: nil, error) }
    }

    /// The peer gave a sign of life outside of messages (a pong).
    public func heard() {
        if !isEnded { shard.heard(self, isHeartbeat: true) }
    }

    /// Everything queued was written; `staleRooms` had live events shed meanwhile.
    public func caughtUp(staleRooms: [RoomID]) {
        if !isEnded { shard.caughtUp(self, staleRooms: staleRooms) }
    }

    /// The connection has ended, for whatever reason. Nothing is called afterwards.
    public func ended() {
        if !isEnded { shard.ended(self, isExplicit: false) }
    }
}

/// The name of a room on its way to an id. An object of its own: a session rarely has one.
final class RoomLookup {
    let reference: RoomReference
    /// `nil` until the store has answered.
    var result: Result<RoomID, WireError>?

    init(_ reference: RoomReference) { self.reference = reference }
}

/// A sign-in under way. An object of its own: a session has one only until it is signed in.
final class Greeting {
    let id: String?
    let resume: [(room: String, seq: SequenceNumber)]
    let method: SignInMethod
    var signIn: SignIn?
    /// Rooms that the user joined on another device meanwhile.
    var joined: [(info: RoomInfo, after: SequenceNumber)] = []
    /// Rooms that the user left, or was removed from, meanwhile.
    var left: [(room: RoomID, at: SequenceNumber)] = []

    init(
        id: String?, resume: [(room: String, seq: SequenceNumber)], by method: SignInMethod
    ) {
        self.id = id
        self.resume = resume
        self.method = method
    }
}

/// Who is at the other end.
public struct PeerInfo: Sendable, Equatable {
    /// The address without port, for limits and logs. Never shown to users.
    public var address: String
    /// `tcp`, `websocket` or `embedded`.
    public var transport: String
    /// Whether the transport makes every peer answer a probe.
    public var answersProbes: Bool
    /// Whether the transport has counted the connection with ``ConnectionHost/admit(_:transport:)``.
    package var isCounted = false

    /// Makes a description.
    public init(address: String, transport: String, answersProbes: Bool = false) {
        self.address = address
        self.transport = transport
        self.answersProbes = answersProbes
    }
}

/// Takes connections on one event loop: the engine's side of a transport. Called on the loop only.
public protocol ConnectionHost: AnyObject {
    /// Takes a connection, or refuses it with the code to close it with.
    func accept(
        _ link: any ConnectionLink, peer: PeerInfo
    ) -> Result<ChatSession, ConnectionRefusal>

    /// Counts a connection from its first moment on, before anybody knows what it will be. Pair it with
    /// ``release(_:)``.
    ///
    /// - Parameters:
    ///   - address: whom it counts for; `nil` for a proxy whose client is not known yet.
    ///   - transport: the name of the transport, for whoever watches.
    /// - Returns: the code to refuse it with; then it is not counted.
    func admit(_ address: String?, transport: String) -> CloseCode?

    /// A connection that was counted has ended, or counts for another address from now on.
    func release(_ address: String?)
}

extension ConnectionHost {
    /// No cap.
    public func admit(_ address: String?, transport: String) -> CloseCode? { nil }
    /// Nothing.
    public func release(_ address: String?) {}
}

/// Why a connection is not taken.
public struct ConnectionRefusal: Error, Sendable, Equatable {
    /// The code to close it with.
    public let code: CloseCode

    /// Makes a refusal.
    public init(code: CloseCode) { self.code = code }
}
