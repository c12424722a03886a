// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// What is behind an upgraded connection: a chat session, or a program of one's own.
protocol WebSocketReceiver: AnyObject {
    /// Whether binary messages are wanted.
    var acceptsBinary: Bool { get }

    /// Takes a message.
    ///
    /// - Returns: whether it was taken. If not, it is handed in again when reading is resumed.
    func message(_ payload: Span<UInt8>, isText: Bool) -> Bool

    /// The peer answered a probe.
    func heard()

    /// All that waited was written.
    func caughtUp(staleRooms: [RoomID])

    /// The connection is gone.
    func ended()
}

/// A chat session as receiver, without an object in between.
extension ChatSession: WebSocketReceiver {
    var acceptsBinary: Bool { false }
    func message(_ payload: Span<UInt8>, isText: Bool) -> Bool { receive(payload) }
}
