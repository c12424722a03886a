// SPDX-License-Identifier: MIT

import ChatCore

/// How far a client has followed a room's log.
struct RoomPosition {
    /// The last event that was handed on.
    var last: SequenceNumber
    /// Up to here events are repeated, not new.
    var replayedUpTo: SequenceNumber
    /// Events behind a hole, in their order.
    var held: [(seq: SequenceNumber, type: String, json: JSONValue)] = []
    var isFilling = false

    init(last: SequenceNumber, replayedUpTo: SequenceNumber? = nil) {
        self.last = last
        self.replayedUpTo = replayedUpTo ?? last
    }

    /// The resume brings what is missing.
    mutating func disconnected() {
        held = []
        isFilling = false
    }
}

extension ClientMachine {
    /// Takes the user's rooms out of the answer to a sign-in.
    mutating func adopt(_ rooms: [JSONValue]) {
        var known: Set<RoomID> = []
        for room in rooms {
            guard let id = room["id"]?.string.flatMap(RoomID.init(_:)) else { continue }
            known.insert(id)
            let head = Self.position(room["head"])
            if positions[id] == nil {
                positions[id] = RoomPosition(last: head)
            } else {
                positions[id]?.replayedUpTo = head
            }
        }
        // Rooms that one has left meanwhile.
        for id in positions.keys where !known.contains(id) { positions[id] = nil }
    }

    /// A join or a new room: its events begin behind the answer's position.
    mutating func adopt(_ answer: JSONValue, of command: JSONValue) {
        guard let type = command["type"]?.string,
            ["room.create", "room.join", "dm.open"].contains(type),
            let id = answer["room"]?["id"]?.string.flatMap(RoomID.init(_:))
        else { return }
        let head = Self.position(answer["room"]?["head"])
        let after = command["after"].map { min(head, Self.position($0)) } ?? head
        if positions[id] == nil { positions[id] = RoomPosition(last: after, replayedUpTo: head) }
    }

    /// An event of a room.
    mutating func happened(_ json: JSONValue, type: String, now: ChatInstant) {
        let text = json["room"]?.string ?? json["room"]?["id"]?.string
        guard let room = text.flatMap(RoomID.init(_:)) else {
            return order(.event(ChatEvent(json, type: type, isReplayed: false)))
        }
        switch type {
        case "gap": skip(json, room)
        case "room.entered":
            if positions[room] == nil {
                positions[room] = RoomPosition(last: Self.position(json["room"]?["head"]))
            }
        case "room.deleted": positions[room] = nil
        default: break
        }
        let seq = Self.position(json["seq"])
        guard seq > .none else {
            return order(.event(ChatEvent(json, type: type, isReplayed: false)))
        }
        logged(json, type, seq, room, now: now)
    }

    private mutating func skip(_ json: JSONValue, _ room: RoomID) {
        let (from, to) = (Self.position(json["from"]), Self.position(json["to"]))
        let isAhead = json["reason"]?.string == "position_ahead"
        let last = isAhead ? SequenceNumber(rawValue: max(from.rawValue, 1) - 1) : to
        positions[room] = RoomPosition(
            last: last, replayedUpTo: positions[room]?.replayedUpTo ?? last)
    }

    /// An event of the log: in order, once.
    private mutating func logged(
        _ json: JSONValue, _ type: String, _ seq: SequenceNumber, _ room: RoomID, now: ChatInstant
    ) {
        var position =
            positions[room]
            ?? RoomPosition(
                last: SequenceNumber(rawValue: seq.rawValue - 1), replayedUpTo: SequenceNumber.none)
        if seq <= position.last { return }
        guard seq == position.last.next else {
            position.held.append((seq, type, json))
            let asks = !position.isFilling
            position.isFilling = true
            positions[room] = position
            if asks { fill(room, now: now) }
            return
        }
        position.last = seq
        positions[room] = position
        handOn(json, type, seq, room, now: now)
    }

    private mutating func handOn(
        _ json: JSONValue, _ type: String, _ seq: SequenceNumber, _ room: RoomID, now: ChatInstant
    ) {
        let isReplayed = seq <= (positions[room]?.replayedUpTo ?? SequenceNumber.none)
        let event = ChatEvent(json, type: type, isReplayed: isReplayed)
        order(.event(event))
        guard case .online(let me) = phase else { return }
        switch event.kind {
        case .message(let message) where message.author.id != me.id && options.reportsDelivery:
            live.delivered(seq, in: room, now: now)
        case .left(let user, _) where user.id == me.id: positions[room] = nil
        case .other("banned") where ChatUser(json["user"])?.id == me.id: positions[room] = nil
        default: break
        }
    }

    /// Asks for what lies in a hole. It should not come up: the server repeats everything in order.
    private mutating func fill(_ room: RoomID, now: ChatInstant) {
        guard let last = positions[room]?.last else { return }
        request(
            [
                "type": "events", "room": .string(room.description),
                "after": .int(Int(clamping: last.rawValue)),
            ], .events(room), now: now)
    }

    mutating func filled(
        _ room: RoomID, _ result: Result<JSONValue, ChatRefusal>, now: ChatInstant
    ) {
        guard var position = positions[room], position.isFilling else { return }
        let held = position.held
        position.held = []
        position.isFilling = false
        let before = position.last
        positions[room] = position
        if case .success(let answer) = result {
            for json in answer["events"]?.array ?? [] {
                guard let type = json["type"]?.string else { continue }
                logged(json, type, Self.position(json["seq"]), room, now: now)
            }
        }
        let isStuck = positions[room]?.last == before
        for (seq, type, json) in held {
            // What the log does not have any more is not waited for.
            if isStuck, let last = positions[room]?.last, seq > last.next {
                positions[room]?.last = SequenceNumber(rawValue: seq.rawValue - 1)
            }
            logged(json, type, seq, room, now: now)
        }
    }

    static func position(_ value: JSONValue?) -> SequenceNumber {
        SequenceNumber(rawValue: UInt64(clamping: value?.int ?? 0))
    }
}
