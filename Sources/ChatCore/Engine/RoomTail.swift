// SPDX-License-Identifier: MIT

/// One session's place in a room's tail.
final class Subscription {
    let session: ChatSession
    let room: RoomID
    /// Where it began.
    let after: SequenceNumber
    /// Up to where the session has had the log, until it is live.
    var position: SequenceNumber
    /// Its lane in the tail and its place there; -1 while it is catching up.
    var lane = -1
    var slot = -1
    var isReading = false
    var isEnded = false
    /// Whether live events passed it by while it was catching up: it is told their newest state once it is live.
    var hasMissedLive = false

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
    /// What a lane has gathered, and how much of it its subscribers were given.
    struct Gathering {
        var buffer: SharedBuffer?
        var delivered = 0

        /// What was gathered since the last delivery.
        var rest: SharedSlice? {
            guard let buffer, buffer.bytes.count > delivered else { return nil }
            return SharedSlice(buffer: buffer, start: delivered, end: buffer.bytes.count)
        }
    }

    /// Subscribers whose frames are the same bytes and who are reached by the same call.
    final class Lane {
        let framing: any WireFraming
        /// Who delivers to all of them at once; without it each is given its slice by itself.
        let group: (any FanOut)?
        var subscribers: ContiguousArray<Subscription> = []
        /// The places of `subscribers` in the group: all that fan-out reads.
        var places: ContiguousArray<UInt32> = []
        var log = Gathering()
        var live = Gathering()

        init(_ framing: any WireFraming, _ group: (any FanOut)?) {
            self.framing = framing
            self.group = group
        }

        /// Gives everybody what was gathered so far.
        func deliver(room: RoomID) {
            if let slice = log.rest {
                deliver(slice, .log)
                log.delivered = slice.end
            }
            if let slice = live.rest {
                deliver(slice, .live(room))
                live.delivered = slice.end
            }
        }

        private func deliver(_ slice: SharedSlice, _ lane: DeliveryLane) {
            if let group {
                let places = places
                return group.deliver(slice, lane: lane, to: places.span)
            }
            for subscription in subscribers {
                subscription.session.link.deliver(slice, lane: lane)
            }
        }
    }

    let room: RoomID
    /// Which of the shard's tails it is.
    let number: UInt64
    /// The newest event that this shard knows of; `nil` until the room's home has answered.
    var head: SequenceNumber?
    /// Subscribers that are not live yet.
    var catchingUp: [Subscription] = []
    var isDirty = false
    private(set) var lanes: [Lane] = []
    private(set) var ring: EventRing
    private var typing: [UserReference]?
    private let buffers: TurnBufferPool

    init(room: RoomID, number: UInt64, limits: Limits, buffers: TurnBufferPool) {
        self.room = room
        self.number = number
        self.buffers = buffers
        ring = EventRing(limits: limits)
    }

    var isEmpty: Bool { catchingUp.isEmpty && lanes.allSatisfy { $0.subscribers.isEmpty } }

    /// How many subscribers are live.
    var liveCount: Int { lanes.reduce(0) { $0 + $1.subscribers.count } }

    /// Makes a subscriber live: it gets what comes from now on.
    func goLive(_ subscription: Subscription) {
        let link = subscription.session.link
        let place = link.fanOutPlace
        subscription.lane = laneIndex(link.framing, place?.group)
        let lane = lanes[subscription.lane]
        // The others' part of the turn is not the newcomer's.
        lane.deliver(room: room)
        subscription.slot = lane.subscribers.count
        lane.subscribers.append(subscription)
        if let place { lane.places.append(place.index) }
        catchingUp.removeAll { $0 === subscription }
    }

    /// Takes a subscriber out; with `flushing` it still gets what it has not had of this turn.
    func remove(_ subscription: Subscription, flushing: Bool) {
        subscription.isEnded = true
        guard subscription.slot >= 0 else {
            catchingUp.removeAll { $0 === subscription }
            return
        }
        let lane = lanes[subscription.lane]
        if flushing {
            let link = subscription.session.link
            if let slice = lane.log.rest { link.deliver(slice, lane: .log) }
            if let slice = lane.live.rest { link.deliver(slice, lane: .live(room)) }
        }
        let last = lane.subscribers.removeLast()
        let lastPlace = lane.places.popLast()
        if last !== subscription {
            lane.subscribers[subscription.slot] = last
            if let lastPlace { lane.places[subscription.slot] = lastPlace }
            last.slot = subscription.slot
        }
        subscription.slot = -1
    }

    /// Adds an event of the log. Events that are known already are passed over.
    ///
    /// - Returns: who has caught up by it and has to be told the live state.
    func append(_ seq: SequenceNumber, _ payload: [UInt8]) -> [Subscription] {
        guard let head, seq > head else { return [] }
        self.head = seq
        ring.append(seq, payload)
        for lane in lanes where !lane.subscribers.isEmpty {
            gather(payload, in: &lane.log, lane.framing)
        }
        if catchingUp.isEmpty { return [] }
        let ready = catchingUp.filter { $0.position == seq }
        for subscription in ready { goLive(subscription) }
        return ready.filter(\.hasMissedLive)
    }

    /// Forgets recent events up to a place: who resumes before it asks the log.
    func forgetRing(through place: SequenceNumber) { ring.removeFirst(through: place) }

    /// Adds a live event.
    func append(live payload: [UInt8]) {
        for subscription in catchingUp { subscription.hasMissedLive = true }
        for lane in lanes where !lane.subscribers.isEmpty {
            gather(payload, in: &lane.live, lane.framing)
        }
    }

    private func gather(
        _ payload: [UInt8], in gathering: inout Gathering, _ framing: any WireFraming
    ) {
        let buffer = gathering.buffer ?? buffers.take()
        framing.append(payload.span, to: &buffer.bytes)
        gathering.buffer = buffer
    }

    /// Notes who types now; only the last state of a turn is told.
    func setTyping(_ users: [UserReference]) {
        for subscription in catchingUp { subscription.hasMissedLive = true }
        typing = users
    }

    /// Gives every subscriber its part of the turn.
    ///
    /// The connections hold the turn's buffers until they have written them: the next turn has others.
    func flush(_ encoder: inout EventEncoder) {
        isDirty = false
        for lane in lanes {
            lane.deliver(room: room)
            lane.log = Gathering()
            lane.live = Gathering()
        }
        if let typing { flush(typing: typing, &encoder) }
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

    private func laneIndex(_ framing: any WireFraming, _ group: (any FanOut)?) -> Int {
        let identifier = framing.identifier
        if let index = lanes.firstIndex(where: {
            $0.framing.identifier == identifier && $0.group === group
        }) {
            return index
        }
        lanes.append(Lane(framing, group))
        return lanes.count - 1
    }
}
