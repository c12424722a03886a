// SPDX-License-Identifier: MIT

/// What a transport gives the engine for one connection. It lives on the connection's event loop and is
/// called there only.
///
/// Bytes go out once per loop turn: answers first, in the order in which they were sent, then slices in the
/// order in which they were delivered. A link that falls behind keeps what could not be written under the
/// rules of ``OutboundQueueing`` and tells the session when it has caught up.
public protocol ConnectionLink: AnyObject {
    /// How this connection's messages are framed. Links with equal identifiers share encoded bytes.
    var framing: any WireFraming { get }
    /// Frames and sends a message for this connection only.
    func send(_ payload: Span<UInt8>)
    /// Sends a part of a buffer that many connections share. The bytes are framed already.
    ///
    /// - Parameters:
    ///   - slice: what to send; the buffer does not change any more once it was delivered in this turn.
    ///   - lane: whether it may be shed when the peer does not keep up.
    func deliver(_ slice: SharedSlice, lane: DeliveryLane)
    /// Where this connection stands among those that can be given a slice with one call; `nil` if it
    /// cannot. It must not change while the session is subscribed to anything.
    var fanOutPlace: FanOutPlace? { get }
    /// What waits for the peer to read, in bytes.
    var pendingBytes: Int { get }
    /// Asks for ``ChatSession/caughtUp(staleRooms:)`` once everything sent so far is written, in a later turn.
    func tellWhenWritten()
    /// Sends what is queued, then closes with `code`. Nothing can be sent afterwards.
    func close(_ code: CloseCode)
    /// Asks for the commands that the session did not take while it was paused.
    func resumeReading()
    /// Asks the peer for a sign of life in the way of the transport (WebSocket: a ping frame).
    func probe()
    /// Somebody has signed in: bounds for strangers do not apply any more.
    func signedIn()
}

extension ConnectionLink {
    /// Nothing.
    public func signedIn() {}
    /// Each slice is delivered by itself.
    public var fanOutPlace: FanOutPlace? { nil }
}

/// The connections of one event loop, for fan-out: one call per room and turn instead of one per
/// connection. Called on the loop only.
public protocol FanOut: AnyObject {
    /// Does what ``ConnectionLink/deliver(_:lane:)`` does for each connection in `places`.
    func deliver(_ slice: SharedSlice, lane: DeliveryLane, to places: Span<UInt32>)
}

/// A connection's place in a ``FanOut``.
public struct FanOutPlace {
    /// Who delivers.
    public let group: any FanOut
    /// The connection's number there, while it lives.
    public let index: UInt32

    /// Makes a place.
    public init(group: any FanOut, index: UInt32) {
        self.group = group
        self.index = index
    }
}

/// Whether a slice of events may be shed.
public enum DeliveryLane: Sendable {
    /// Events of a room's log: never lost.
    case log
    /// Typing, presence, receipts of a room: only the newest state counts.
    case live(RoomID)
}

/// How messages are put on the wire: a line, a WebSocket frame. Pure.
public protocol WireFraming: Sendable {
    /// Equal for framings whose bytes are equal; unequal otherwise.
    var identifier: Int { get }
    /// Appends `payload` in its frame.
    func append(_ payload: Span<UInt8>, to bytes: inout [UInt8])
}

/// Bytes that many connections share. Filled by one room in one turn, then left alone.
public final class SharedBuffer {
    /// The bytes.
    public internal(set) var bytes: [UInt8] = []

    /// Makes an empty buffer.
    public init() {}

    /// Makes a buffer that holds `bytes`, for transports with something of their own to send.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// A part of a ``SharedBuffer``.
public struct SharedSlice {
    /// The buffer.
    public let buffer: SharedBuffer
    /// Where the part starts.
    public let start: Int
    /// Behind its last byte.
    public let end: Int

    /// Makes a part.
    public init(buffer: SharedBuffer, start: Int, end: Int) {
        self.buffer = buffer
        self.start = start
        self.end = end
    }

    /// How many bytes it has.
    public var count: Int { end - start }
}
