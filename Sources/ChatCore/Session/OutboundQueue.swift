// SPDX-License-Identifier: MIT

/// A bounded queue of payloads in order, that sheds live state first and then gives up.
///
/// Its exits: empty → waiting by an offer; waiting → empty by consuming; either → overflowed by an offer
/// beyond a bound, for good. What waits at that moment may still be written.
public struct OutboundQueue<Payload>: OutboundQueueing {
    fileprivate struct Item {
        var payload: Payload
        var bytes: Int
    }

    /// Above this many slots the storage is let go when the queue drains, so that a connection that was
    /// slow once does not keep the memory.
    private static var keptSlots: Int { 64 }

    private var maximumBytes: Int
    private let maximumSlices: Int
    private let maximumStaleRooms: Int
    /// Those before `head` are taken and hold nothing.
    private var items: [Item?] = []
    private var head = 0
    private var staleOrder: [RoomID] = []
    private var staleRooms: Set<RoomID> = []

    /// Bytes that wait.
    public private(set) var bytes = 0
    /// Bytes of the front payload that were written.
    public private(set) var frontOffset = 0
    /// Whether a bound was exceeded.
    public private(set) var isOverflowed = false
    /// The most bytes that have waited at once.
    public private(set) var highWaterBytes = 0

    /// Makes an empty queue.
    ///
    /// - Parameter limits: of these, `queuedBytes`, `queuedSlices`, and `roomsPerUser` for stale rooms.
    public init(limits: Limits = Limits()) {
        maximumBytes = limits.queuedBytes
        maximumSlices = limits.queuedSlices
        maximumStaleRooms = limits.roomsPerUser
    }

    /// How many payloads wait. O(1).
    public var count: Int { items.count - head }
    /// Whether nothing waits. O(1).
    public var isEmpty: Bool { count == 0 }
    /// The payload to write next. O(1).
    public var front: Payload? { head < items.count ? items[head]?.payload : nil }

    /// Offers a payload. O(1) on average; allocates only to grow.
    public mutating func offer(
        _ payload: Payload, bytes: Int, lane: OutboundLane
    ) -> OutboundOffer {
        precondition(bytes >= 0, "a payload cannot have a negative length")
        guard !isOverflowed else { return .overflow }
        if case .live(let room) = lane, !isEmpty { return shed(room) }
        guard count < maximumSlices, bytes <= maximumBytes - self.bytes else { return overflow() }
        items.append(Item(payload: payload, bytes: bytes))
        self.bytes += bytes
        highWaterBytes = max(highWaterBytes, self.bytes)
        return .queued
    }

    /// Makes room for an answer that the peer has asked for.
    ///
    /// An answer may be larger than the bound (a page of history); cutting the peer off for it would
    /// only make it ask again. Whoever calls this takes no further commands until the queue has
    /// drained, so that it holds one such answer at most.
    ///
    /// - Parameter bytes: the answer's length.
    public mutating func extend(byBytes bytes: Int) {
        let (sum, overflow) = maximumBytes.addingReportingOverflow(bytes)
        maximumBytes = overflow ? .max : sum
    }

    /// Takes the front payload out. O(1) on average.
    public mutating func popFront() -> Payload? {
        guard head < items.count, let item = items[head] else { return nil }
        items[head] = nil
        head += 1
        bytes -= item.bytes - frontOffset
        frontOffset = 0
        compact()
        return item.payload
    }

    /// The transport has taken `written` more bytes. O(payloads finished) on average.
    ///
    /// A payload without bytes counts as finished as soon as it is at the front. Traps if more is reported
    /// written than waited.
    @discardableResult
    public mutating func consume(_ written: Int) -> Int {
        precondition(written >= 0 && written <= bytes, "more was written than had been queued")
        var rest = written
        var finished = 0
        while head < items.count, let item = items[head], rest >= item.bytes - frontOffset {
            rest -= item.bytes - frontOffset
            _ = popFront()
            finished += 1
        }
        frontOffset += rest
        bytes -= rest
        return finished
    }

    /// The rooms whose live payloads were shed; empty unless drained. O(rooms); hands its storage over.
    public mutating func takeStaleRooms() -> [RoomID] {
        guard isEmpty, !staleOrder.isEmpty else { return [] }
        staleRooms = []
        defer { staleOrder = [] }
        return staleOrder
    }

    private mutating func shed(_ room: RoomID) -> OutboundOffer {
        guard !staleRooms.contains(room) else { return .shed }
        guard staleOrder.count < maximumStaleRooms else { return overflow() }
        staleRooms.insert(room)
        staleOrder.append(room)
        return .shed
    }

    private mutating func overflow() -> OutboundOffer {
        isOverflowed = true
        return .overflow
    }

    /// Moving the rest is paid for by the at least as many that were taken before.
    private mutating func compact() {
        if head == items.count {
            items.removeAll(keepingCapacity: items.capacity <= Self.keptSlots)
            head = 0
        } else if head * 2 >= items.count {
            items.removeFirst(head)
            head = 0
        }
    }
}

// A payload may be bound to its connection's event loop; then the queue is, too.
extension OutboundQueue: Sendable where Payload: Sendable {}
extension OutboundQueue.Item: Sendable where Payload: Sendable {}
