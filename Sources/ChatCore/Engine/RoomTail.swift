// SPDX-License-Identifier: MIT

/// One session's place in a room's tail.
final class Subscription {
    let session: ChatSession
    let room: RoomID
    /// Where it began.
    let after: SequenceNumber
    /// Up to where the session has had the log, until it is live.
    var position: SequenceNumber
    /// Where it stands in its lane; -1 while it is catching up.
    var slot = -1
    /// Where its part of this turn's buffers begins (it may have come in the middle of the turn).
    var logStart = 0
    var liveStart = 0
    var isReading = false
    var isEnded = false

    init(session: ChatSession, room: RoomID, position: SequenceNumber) {
        self.session = session
        self.room = room
        after = position
        self.position = position
    }
}

/// The subscribers of one room on one shard, and the bytes of this turn that they share.
///
/// Each event is framed once per kind of connection and appended to a buffer; at the end of the turn every
/// subscriber gets one slice of it. A delivery costs no allocation, no lock and no encoding.
final class RoomTail {
    /// Subscribers whose frames are the same bytes.
    final class Lane {
        let framing: any WireFraming
        var subscribers: ContiguousArray<Subscription> = []
        var log = SharedBuffer()
        var live = SharedBuffer()

        init(_ framing: any WireFraming) { self.framing = framing }
    }

    let room: RoomID
    /// The newest event that this shard knows of; `nil` until the room's home has answered.
    var head: SequenceNumber?
    /// Subscribers that are not live yet.
    var catchingUp: [Subscription] = []
    var isDirty = false
    private(set) var lanes: [Lane] = []
    private(set) var ring: EventRing
    private var typing: [UserReference]?

    init(room: RoomID, limits: Limits) {
        self.room = room
        ring = EventRing(limits: limits)
    }

    var isEmpty: Bool { catchingUp.isEmpty && lanes.allSatisfy { $0.subscribers.isEmpty } }

    /// Makes a subscriber live: it gets what comes from now on.
    func goLive(_ subscription: Subscription) {
        let lane = lane(for: subscription.session.link.framing)
        subscription.slot = lane.subscribers.count
        subscription.logStart = lane.log.bytes.count
        subscription.liveStart = lane.live.bytes.count
        lane.subscribers.append(subscription)
        catchingUp.removeAll { $0 === subscription }
    }

    /// Takes a subscriber out; with `flushing` it still gets what it has not had of this turn.
    func remove(_ subscription: Subscription, flushing: Bool) {
        subscription.isEnded = true
        guard subscription.slot >= 0 else {
            catchingUp.removeAll { $0 === subscription }
            return
        }
        let lane = lane(for: subscription.session.link.framing)
        if flushing { Self.deliver(lane, to: subscription, room: room) }
        let last = lane.subscribers.removeLast()
        if last !== subscription {
            lane.subscribers[subscription.slot] = last
            last.slot = subscription.slot
        }
        subscription.slot = -1
    }

    /// Adds an event of the log. Events that are known already are passed over.
    func append(_ seq: SequenceNumber, _ payload: [UInt8]) {
        guard let head, seq > head else { return }
        self.head = seq
        ring.append(seq, payload)
        for lane in lanes where !lane.subscribers.isEmpty {
            lane.framing.append(payload.span, to: &lane.log.bytes)
        }
        if catchingUp.isEmpty { return }
        for subscription in catchingUp where subscription.position == seq { goLive(subscription) }
    }

    /// Adds a live event.
    func append(live payload: [UInt8]) {
        for lane in lanes where !lane.subscribers.isEmpty {
            lane.framing.append(payload.span, to: &lane.live.bytes)
        }
    }

    /// Notes who types now; only the last state of a turn is told.
    func setTyping(_ users: [UserReference]) { typing = users }

    /// Gives every subscriber its part of the turn.
    func flush(_ encoder: inout EventEncoder) {
        isDirty = false
        for lane in lanes {
            for subscription in lane.subscribers {
                Self.deliver(lane, to: subscription, room: room)
            }
            renew(&lane.log)
            renew(&lane.live)
            for subscription in lane.subscribers {
                subscription.logStart = 0
                subscription.liveStart = 0
            }
        }
        if let typing { flush(typing: typing, &encoder) }
    }

    private static func deliver(_ lane: Lane, to subscription: Subscription, room: RoomID) {
        let link = subscription.session.link
        let logEnd = lane.log.bytes.count
        if logEnd > subscription.logStart {
            let slice = SharedSlice(
                buffer: lane.log, start: subscription.logStart, end: logEnd)
            link.deliver(slice, lane: .log)
            subscription.logStart = logEnd
        }
        let liveEnd = lane.live.bytes.count
        if liveEnd > subscription.liveStart {
            let slice = SharedSlice(
                buffer: lane.live, start: subscription.liveStart, end: liveEnd)
            link.deliver(slice, lane: .live(room))
            subscription.liveStart = liveEnd
        }
    }

    /// The connections hold the turn's buffer until they have written it: the next turn has another one.
    /// Its size is a guess from this turn's, so that a busy room does not grow it step by step.
    private func renew(_ buffer: inout SharedBuffer) {
        let used = buffer.bytes.count
        if used == 0 { return }
        buffer = SharedBuffer()
        if used > 512 { buffer.bytes.reserveCapacity(min(used, 1 << 20)) }
    }

    /// Everybody gets the same bytes, but a typist's own sessions get them without the typist.
    private func flush(typing users: [UserReference], _ encoder: inout EventEncoder) {
        typing = nil
        let everybody = encoder.typing(users, room: room)
        for lane in lanes where !lane.subscribers.isEmpty {
            let shared = SharedBuffer()
            lane.framing.append(everybody.span, to: &shared.bytes)
            for subscription in lane.subscribers {
                var buffer = shared
                if let user = subscription.session.user, users.contains(where: { $0.id == user.id })
                {
                    buffer = SharedBuffer()
                    let others = encoder.typing(users, room: room, excluding: user.id)
                    lane.framing.append(others.span, to: &buffer.bytes)
                }
                let slice = SharedSlice(buffer: buffer, start: 0, end: buffer.bytes.count)
                subscription.session.link.deliver(slice, lane: .live(room))
            }
        }
    }

    private func lane(for framing: any WireFraming) -> Lane {
        if let lane = lanes.first(where: { $0.framing.identifier == framing.identifier }) {
            return lane
        }
        let lane = Lane(framing)
        lanes.append(lane)
        return lane
    }
}
