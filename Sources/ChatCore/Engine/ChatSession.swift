// SPDX-License-Identifier: MIT

/// One connection as the engine sees it. It lives on the connection's event loop and is called there only.
///
/// A transport makes one with ``ConnectionHost/accept(_:peer:)``, hands it every message it reads, and tells it
/// when the connection has ended.
public final class ChatSession {
    init() {}

    /// Commands that were taken and whose answer is still to come. A transport whose peer has closed its
    /// sending side closes its own once this is 0.
    public internal(set) var unansweredCommands = 0

    /// Takes one message (a JSON object).
    ///
    /// - Returns: whether it was taken. If not, the session is waiting for an answer that must come first: keep
    ///   the message, read no further, and hand it in again after ``ConnectionLink/resumeReading()``.
    public func receive(_ message: Span<UInt8>) -> Bool { true }

    /// Tells the client that what it sent is no message at all, in the engine's error shape.
    public func reject(_ error: WireError) {}

    /// The peer gave a sign of life outside of messages (a pong).
    public func heard() {}

    /// Everything queued was written; `staleRooms` had live events shed meanwhile.
    public func caughtUp(staleRooms: [RoomID]) {}

    /// The connection has ended, for whatever reason. Nothing is called afterwards.
    public func ended() {}
}

/// Who is at the other end.
public struct PeerInfo: Sendable, Equatable {
    /// The address without port, for limits and logs. Never shown to users.
    public var address: String
    /// `tcp` or `websocket`.
    public var transport: String

    /// Makes a description.
    public init(address: String, transport: String) {
        self.address = address
        self.transport = transport
    }
}

/// Takes connections on one event loop: the engine's side of a transport. Called on the loop only.
public protocol ConnectionHost: AnyObject {
    /// Takes a connection, or refuses it with the code to close it with.
    func accept(_ link: any ConnectionLink, peer: PeerInfo) -> Result<ChatSession, ConnectionRefusal>
}

/// Why a connection is not taken.
public struct ConnectionRefusal: Error, Sendable, Equatable {
    /// The code to close it with.
    public let code: CloseCode

    /// Makes a refusal.
    public init(code: CloseCode) { self.code = code }
}
