// SPDX-License-Identifier: MIT

/// An embedder's own rules, asked before the engine's. Called on event loops: answer at once, do not block.
public protocol ChatPolicy: Sendable {
    /// May `user` do `action` in `room`? Return a refusal to say no.
    func check(_ action: RoomAction, by user: UserReference, in room: RoomRecord) -> WireError?
    /// May `user` make this room?
    func check(_ room: NewRoom, by user: UserReference) -> WireError?
    /// The text to be posted instead of `text`, or a refusal.
    func rewrite(
        _ text: String, by user: UserReference, in room: RoomRecord
    ) -> Result<String, WireError>
}

extension ChatPolicy {
    /// Everything is allowed.
    public func check(
        _ action: RoomAction, by user: UserReference, in room: RoomRecord
    ) -> WireError? { nil }

    /// Everything is allowed.
    public func check(_ room: NewRoom, by user: UserReference) -> WireError? { nil }

    /// Text is posted as it is.
    public func rewrite(
        _ text: String, by user: UserReference, in room: RoomRecord
    ) -> Result<String, WireError> { .success(text) }
}

/// The policy that adds nothing to the engine's own rules.
public struct OpenPolicy: ChatPolicy {
    /// Makes it.
    public init() {}
}

/// Is told what happens, for push notifications, audit logs and metrics. Called on event loops: do not block.
public protocol ChatObserver: Sendable {
    /// A user signed in on a device.
    func connected(_ user: UserReference, peer: PeerInfo)
    /// A device of a user is gone; `isLast` if it was their last one.
    func disconnected(_ user: UserReference, isLast: Bool)
    /// An event was stored. `onlineMembers` are the members who are not offline: push only to the others.
    func stored(_ event: LoggedEvent, in room: RoomRecord, offlineMembers: () -> [UserID])
    /// Storage failed; nothing of the step was stored, and the clients concerned were told to try again.
    func storageFailed(_ error: StorageError)
    /// A limit refused a command; in a dry run (`isRefused` false) it only would have.
    func limited(_ bucket: String, isRefused: Bool)
    /// A connection was let go because it read too slowly, broke the protocol, or was over a cap.
    func dropped(_ code: CloseCode, peer: PeerInfo)
    /// A transport let go of a connection before it became a session.
    func refused(_ refusal: TransportRefusal, peer: PeerInfo)
}

extension ChatObserver {
    /// Nothing.
    public func connected(_ user: UserReference, peer: PeerInfo) {}
    /// Nothing.
    public func disconnected(_ user: UserReference, isLast: Bool) {}
    /// Nothing.
    public func stored(
        _ event: LoggedEvent, in room: RoomRecord, offlineMembers: () -> [UserID]
    ) {}
    /// Nothing.
    public func storageFailed(_ error: StorageError) {}
    /// Nothing.
    public func limited(_ bucket: String, isRefused: Bool) {}
    /// Nothing.
    public func dropped(_ code: CloseCode, peer: PeerInfo) {}
    /// Nothing.
    public func refused(_ refusal: TransportRefusal, peer: PeerInfo) {}
}

/// The observer that does nothing.
public struct SilentObserver: ChatObserver {
    /// Makes it.
    public init() {}
}
