// SPDX-License-Identifier: MIT

// A transaction that failed may have been committed all the same: its connection broke before the answer came.
extension Shard {
    /// How long after a comparison that failed the next one comes.
    private static var retryMilliseconds: Int64 { 250 }

    /// Marks the rooms of a transaction whose outcome nobody knows; returns those that were not marked before.
    func uncertain(_ waiters: [CommitQueue.Waiter]) -> [HostedRoom] {
        var rooms: [HostedRoom] = []
        for waiter in waiters where !waiter.room.isUncertain && !waiter.room.isGone {
            waiter.room.isUncertain = true
            rooms.append(waiter.room)
        }
        return rooms
    }

    /// Compares a room with the store, and tells its subscribers what they have missed. Until then writes to it are
    /// refused, so that nothing is numbered behind a hole. O(members + events missed).
    func compare(_ room: HostedRoom) {
        room.comparisonDue = nil
        room.pins += 1
        let id = room.id
        let after = room.machine.record.head
        ask({ store async throws(StorageError) -> (RoomSnapshot?, [LoggedEvent]) in
            guard let snapshot = try await store.loadRoom(id) else { return (nil, []) }
            var missed: [LoggedEvent] = []
            var position = after
            while position < snapshot.room.head {
                let page = try await store.events(in: id, after: position, limit: 256)
                guard let last = page.last else { break }
                missed += page.filter { $0.seq <= snapshot.room.head }
                position = last.seq
            }
            return (snapshot, missed)
        }) { [self] result in
            room.pins -= 1
            if room.isGone { return }
            switch result {
            case .success((let snapshot?, let missed)):
                room.isUncertain = false
                catchUp(room, snapshot, missed)
            case .success((nil, _)):
                room.isUncertain = false
                forget(room)
            case .failure:
                room.comparisonDue = now.advanced(byMilliseconds: Self.retryMilliseconds)
                arm(room)
            }
            trimIdleRooms()
        }
    }

    private func catchUp(_ room: HostedRoom, _ snapshot: RoomSnapshot, _ missed: [LoggedEvent]) {
        let before = room.machine.record
        let (joined, left) = room.replace(with: snapshot, now: now)
        for event in missed {
            publish(.logged(event.seq, events.logged(event, room: room.id)), in: room)
            if hasObserver { tellObserver(event, room) }
            recordChange(event, room)
        }
        for user in joined {
            let place = missed.last { event in
                if case .join(user.id, _, _) = event.change { true } else { false }
            }
            let after = place.map { SequenceNumber(rawValue: $0.seq.rawValue - 1) }
            send(
                .userJoined(
                    user, room.info(for: user.id), after: after ?? snapshot.room.head, by: nil),
                to: context.home(of: user.id))
        }
        for user in left {
            if room.typing.stop(user.id, now: now) == .changed { typingChanged(room) }
            let isTold = missed.contains { event in
                switch event.change {
                case .leave(user.id, _, _), .ban(user.id, _): true
                default: false
                }
            }
            let payload =
                isTold ? nil : events.evicted(user, .left, by: user, room: room.id)
            publish(.evict(user.id, payload), in: room)
            send(.userLeft(user.id, room.id, at: snapshot.room.head), to: context.home(of: user.id))
        }
        tellChanges(from: before, in: room)
        arm(room)
    }

    private func tellChanges(from before: RoomRecord, in room: HostedRoom) {
        let after = room.machine.record
        var changes = RoomChanges()
        if after.name != before.name { changes.name = after.name }
        if after.description != before.description { changes.description = after.description }
        if after.isPrivate != before.isPrivate { changes.isPrivate = after.isPrivate }
        if changes != RoomChanges() { roomChanged(changes, room) }
    }
}
