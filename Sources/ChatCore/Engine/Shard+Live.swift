// SPDX-License-Identifier: MIT

// Typing, receipts and presence of rooms whose home is here: small states of which only the newest counts.
extension Shard {
    // MARK: Typing

    func setTyping(_ isOn: Bool, _ request: RoomRequest, _ room: HostedRoom) {
        answer(request.origin, room.id, .done)
        guard room.machine.isSmall, let session = request.origin.session else { return }
        let change =
            isOn
            ? room.typing.start(request.user.id, session: session, now: now)
            : room.typing.stop(request.user.id, now: now)
        if change == .changed { typingChanged(room) }
        arm(room)
    }

    func typingChanged(_ room: HostedRoom) { publish(.typing(room.typists), in: room) }

    // MARK: Receipts

    func setReceipt(
        delivered: SequenceNumber?, read: SequenceNumber?, at time: Timestamp,
        _ request: RoomRequest, _ room: HostedRoom
    ) {
        let proposal = room.receipts.propose(
            request.user.id, delivered: delivered, read: read, head: room.machine.record.head)
        switch proposal {
        case .advance(let delivered, let read):
            // In a large room nobody is told who has read what.
            let isTimed = keepsReadTimes && room.machine.isSmall
            let update = ReceiptUpdate(
                room: room.id, user: request.user.id, delivered: delivered, read: read,
                readAt: isTimed ? time : nil)
            append(update, in: room, origin: request.origin)
        case .unchanged(let delivered, let read):
            answer(request.origin, room.id, .receipt(delivered: delivered, read: read))
        case .notMember:
            let error = WireError(.notMember, "join the room first", field: "room")
            answer(request.origin, room.id, .refused(error))
        }
    }

    /// Small rooms hear of everybody; large ones of those who are furthest, which is what ticks need.
    private func tellReceipts(_ room: HostedRoom) {
        let changes = room.receipts.takeChanges(now: now)
        if changes.isEmpty { return }
        let marks = room.machine.isSmall ? changes : room.receipts.summary()
        for mark in marks {
            let update = ReceiptUpdate(
                room: room.id, user: mark.user, delivered: mark.delivered, read: mark.read)
            publish(.live(events.receipt(update)), in: room)
        }
    }

    // MARK: Presence

    /// Notes how reachable a user is. A room that is not in memory has nobody who would want to know.
    func presence(
        of user: UserID, _ status: PresenceStatus, _ lastSeen: Timestamp?, in id: RoomID
    ) {
        switch rooms[id] {
        case .ready(let room)?:
            guard room.machine.setStatus(status, of: user) else { return }
            if room.machine.isSmall {
                guard let member = room.machine.member(user) else { return }
                let payload = events.presence(member.user, status, lastSeen: lastSeen, room: id)
                publish(.live(payload), in: room)
            } else {
                room.memberCountChanged(now: now)
                arm(room)
            }
        case .loading(var waiting)?:
            rooms[id] = nil
            waiting.append(.presence(user, status, lastSeen: lastSeen, [id]))
            rooms[id] = .loading(waiting)
        case nil:
            break
        }
    }

    private func tellCounts(_ room: HostedRoom, now: ChatInstant) {
        guard let due = room.countsDue, due <= now else { return }
        room.countsTold(now: now)
        let payload = events.memberCounts(
            room: room.id, count: room.machine.record.memberCount,
            online: room.machine.onlineCount)
        publish(.live(payload), in: room)
    }

    // MARK: Snapshots and time

    /// The live state as events, for a connection that has shed some.
    func liveState(
        of room: HostedRoom, for user: UserID, lastSeen: [UserID: Timestamp] = [:]
    ) -> [[UInt8]] {
        guard room.machine.member(user) != nil else { return [] }
        var payloads = [events.typing(room.typists, room: room.id, excluding: user)]
        for mark in room.receipts.summary() {
            payloads.append(
                events.receipt(
                    ReceiptUpdate(
                        room: room.id, user: mark.user, delivered: mark.delivered,
                        read: mark.read)))
        }
        if room.machine.isSmall {
            for member in room.machine.members(offset: 0, limit: limits.smallRoomMembers) {
                payloads.append(
                    events.presence(
                        member.user, member.status, lastSeen: lastSeen[member.user.id],
                        room: room.id))
            }
        } else {
            payloads.append(
                events.memberCounts(
                    room: room.id, count: room.machine.record.memberCount,
                    online: room.machine.onlineCount))
        }
        return payloads
    }

    /// Has the room's timer set to its next deadline at the end of the turn: once, however much happens in it.
    func arm(_ room: HostedRoom) {
        if room.isArming { return }
        room.isArming = true
        armingRooms.append(room)
    }

    func setRoomTimers() {
        for room in armingRooms {
            room.isArming = false
            // It may have left the memory meanwhile.
            guard case .ready(let present)? = rooms[room.id], present === room else { continue }
            if let deadline = room.nextDeadline {
                roomTimers.set(room.id, to: deadline)
            } else {
                roomTimers.remove(room.id)
            }
        }
        armingRooms.removeAll(keepingCapacity: true)
    }

    func roomDue(_ id: RoomID, now: ChatInstant) {
        guard case .ready(let room)? = rooms[id] else { return }
        if room.typing.expire(now: now) == .changed { typingChanged(room) }
        room.machine.expire(now: now)
        if let due = room.comparisonDue, due <= now { compare(room) }
        tellReceipts(room)
        tellCounts(room, now: now)
        arm(room)
    }
}
