// SPDX-License-Identifier: MIT

/// What waits for one connection whose peer reads too slowly.
///
/// The connection's owner offers everything that is to be sent while the peer is behind, writes from
/// ``front`` (leaving out the first ``frontOffset`` bytes), and reports with ``consume(_:)`` what the
/// transport took. After `.overflow` it closes the connection with a code that allows reconnecting; resume
/// repairs the rest. Whenever the queue has drained it asks ``takeStaleRooms()`` and offers a fresh snapshot
/// of each such room's live state, best as ``OutboundLane/answer``: as `live`, the first one would shed the
/// second. Nothing suspends.
public protocol OutboundQueueing<Payload> {
    /// What is sent: encoded bytes, usually shared by many connections.
    associatedtype Payload

    /// How many payloads wait.
    var count: Int { get }
    /// How many bytes wait, without those of the front payload that were written.
    var bytes: Int { get }
    /// Whether nothing waits.
    var isEmpty: Bool { get }
    /// Whether the bound was exceeded: nothing is accepted any more.
    var isOverflowed: Bool { get }
    /// The payload to write next.
    var front: Payload? { get }
    /// How many bytes of ``front`` were written already.
    var frontOffset: Int { get }
    /// The most bytes that have waited at once.
    var highWaterBytes: Int { get }

    /// Offers a payload.
    ///
    /// - Parameters:
    ///   - payload: what.
    ///   - bytes: how long it is, at least 0.
    ///   - lane: whether it may be left out.
    mutating func offer(_ payload: Payload, bytes: Int, lane: OutboundLane) -> OutboundOffer

    /// Takes the front payload out, written or not.
    mutating func popFront() -> Payload?

    /// The transport has taken `bytes` more bytes, in order. At most ``bytes``.
    ///
    /// - Returns: how many payloads were thereby finished and removed.
    @discardableResult
    mutating func consume(_ bytes: Int) -> Int

    /// The rooms whose live payloads were shed, in the order in which that began, each once; empty unless
    /// the queue has drained.
    mutating func takeStaleRooms() -> [RoomID]
}

/// What kind of payload, which decides what happens to it when the peer is behind.
public enum OutboundLane: Sendable, Equatable {
    /// An event of a room's log: never left out.
    case log
    /// An answer to a command: never left out.
    case answer
    /// Live state of a room (typing, presence, receipts): replaceable by a later snapshot.
    case live(room: RoomID)
}

/// What became of an offered payload.
public enum OutboundOffer: Sendable, Equatable {
    /// It will be written in its turn.
    case queued
    /// It was left out; its room is in ``OutboundQueueing/takeStaleRooms()`` once.
    case shed
    /// The peer is too far behind: close the connection.
    case overflow
}
