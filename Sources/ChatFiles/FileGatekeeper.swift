// SPDX-License-Identifier: MIT

public import ChatCore

/// Who may: what ``FileService`` asks of the chat. ``EngineGatekeeper`` asks an engine.
public protocol FileGatekeeper: Sendable {
    /// The user whose token that is.
    ///
    /// - Throws: `invalid_token`, `storage_unavailable`.
    func user(token: String, peer: PeerInfo) async throws(WireError) -> UserReference

    /// The room of that id or name.
    ///
    /// - Throws: `room_not_found`, `storage_unavailable`.
    func room(_ reference: RoomReference) async throws(WireError) -> RoomID

    /// Returns if the user is a member of the room.
    ///
    /// - Throws: `room_not_found`, `not_member`, `storage_unavailable`.
    func checkMember(_ user: UserReference, of room: RoomID) async throws(WireError)

    /// Which of these files messages of the room have.
    ///
    /// - Throws: `storage_unavailable`.
    func posted(_ files: [FileID], in room: RoomID) async throws(WireError) -> Set<FileID>

    /// Takes from the user's budget for files.
    ///
    /// - Throws: `rate_limited`.
    func admit(_ user: UserReference, cost: Int) throws(WireError)
}

/// Asks a ``ChatEngine``, without keeping it alive.
public struct EngineGatekeeper: FileGatekeeper {
    private weak let engine: ChatEngine?

    /// Makes a gatekeeper.
    public init(_ engine: ChatEngine) { self.engine = engine }

    private func running() throws(WireError) -> ChatEngine {
        guard let engine else {
            throw WireError(.shuttingDown, "the server restarts: try again")
        }
        return engine
    }

    /// See ``FileGatekeeper/user(token:peer:)``.
    public func user(token: String, peer: PeerInfo) async throws(WireError) -> UserReference {
        try await running().user(token: token, peer: peer)
    }

    /// See ``FileGatekeeper/room(_:)``.
    public func room(_ reference: RoomReference) async throws(WireError) -> RoomID {
        switch reference {
        case .id(let id): id
        case .name(let name): try await running().room(named: name)
        }
    }

    /// See ``FileGatekeeper/checkMember(_:of:)``.
    public func checkMember(_ user: UserReference, of room: RoomID) async throws(WireError) {
        guard try await running().role(of: user, in: room) != nil else {
            throw WireError(.notMember, "only members may do that: join the room first")
        }
    }

    /// See ``FileGatekeeper/posted(_:in:)``.
    public func posted(
        _ files: [FileID], in room: RoomID
    ) async throws(WireError) -> Set<FileID> {
        let ids = try await running().attachedFiles(files.map(\.description), in: room)
        return Set(ids.compactMap { FileID($0) })
    }

    /// See ``FileGatekeeper/admit(_:cost:)``.
    public func admit(_ user: UserReference, cost: Int) throws(WireError) {
        try running().admit(.file, of: user, cost: cost)
    }
}
