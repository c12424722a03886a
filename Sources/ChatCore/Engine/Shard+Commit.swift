// SPDX-License-Identifier: MIT

// Group commit: while one transaction is on its way to disk, the next one gathers.
extension Shard {
    /// Puts an entry into the next transaction.
    func append(
        _ change: LogChange, in room: HostedRoom, by user: UserReference, subject: String? = nil,
        clientID: String? = nil, isModerator: Bool, joinsAfter: SequenceNumber? = nil,
        origin: RequestOrigin?
    ) {
        guard commit.entries.count < limits.queuedEntries else {
            if let origin { answer(origin, room.id, .refused(.overloaded)) }
            return
        }
        let entry = LogEntry(
            room: room.id, sender: user.id, at: configuration.clock.wallTime(), clientID: clientID,
            isModerator: isModerator, change: change)
        room.pins += 1
        commit.entries.append(
            CommitQueue.Entry(
                origin: origin, user: user, subject: subject ?? user.name, entry: entry,
                joinsAfter: joinsAfter))
    }

    /// Puts a receipt into the next transaction.
    func append(_ update: ReceiptUpdate, origin: RequestOrigin) {
        guard commit.receipts.count < limits.queuedEntries else {
            return answer(origin, update.room, .refused(.overloaded))
        }
        pin(update.room, 1)
        commit.receipts.append(CommitQueue.Receipt(origin: origin, update: update))
    }

    /// Starts a transaction unless one is under way.
    ///
    /// A store that has nothing to wait for commits at once, so that a turn's messages leave in that turn.
    /// Otherwise they would always leave in the next one, and a room's senders would fall into two halves that
    /// take turns: twice the writes for the same messages.
    func startCommit() {
        while !commit.isInFlight, !commit.isEmpty {
            let (entries, receipts) = commit.take(maximumEntries: limits.batchEntries)
            let batch = AppendBatch(
                entries: entries.map(\.entry), receipts: merged(receipts.map(\.update)))
            if let result = appendAtOnce(batch) {
                committed(entries, receipts, result)
                continue
            }
            commit.isInFlight = true
            ask({ store async throws(StorageError) in try await store.append(batch) }) {
                [self] result in
                commit.isInFlight = false
                committed(entries, receipts, result)
            }
        }
    }

    private func appendAtOnce(_ batch: AppendBatch) -> Result<[AppendOutcome], StorageError>? {
        do throws(StorageError) {
            guard let outcomes = try context.store.appendAtOnce(batch) else { return nil }
            return noted(.success(outcomes))
        } catch {
            return noted(.failure(error))
        }
    }

    /// One update per room and user: a transaction writes each watermark once.
    private func merged(_ updates: [ReceiptUpdate]) -> [ReceiptUpdate] {
        if updates.count < 2 { return updates }
        var places: [RoomID: [UserID: Int]] = [:]
        var result: [ReceiptUpdate] = []
        for update in updates {
            if let place = places[update.room]?[update.user] {
                result[place].delivered = max(result[place].delivered, update.delivered)
                result[place].read = max(result[place].read, update.read)
            } else {
                places[update.room, default: [:]][update.user] = result.count
                result.append(update)
            }
        }
        return result
    }

    private func committed(
        _ entries: [CommitQueue.Entry], _ receipts: [CommitQueue.Receipt],
        _ result: Result<[AppendOutcome], StorageError>
    ) {
        switch result {
        case .success(let outcomes):
            for (entry, outcome) in zip(entries, outcomes) { settle(entry, outcome) }
            for receipt in receipts { settle(receipt) }
        case .failure:
            for entry in entries {
                if case .ready(let room)? = rooms[entry.entry.room] {
                    room.pins -= 1
                    room.machine.notStored(entry.entry.change, by: entry.user.id)
                }
                if let origin = entry.origin {
                    answer(origin, entry.entry.room, .refused(.storageUnavailable))
                }
            }
            for receipt in receipts {
                pin(receipt.update.room, -1)
                answer(receipt.origin, receipt.update.room, .refused(.storageUnavailable))
            }
        }
        trimIdleRooms()
    }

    private func settle(_ pending: CommitQueue.Entry, _ outcome: AppendOutcome) {
        let id = pending.entry.room
        guard case .ready(let room) = rooms[id] else { return }
        defer { room.pins -= 1 }
        switch outcome {
        case .stored(let seq, let at):
            room.committed(
                pending.entry.change, by: pending.user, named: pending.subject, seq: seq, at: at,
                now: now)
            if let origin = pending.origin {
                answer(origin, id, success(pending, room, seq: seq, at: at))
            }
            publish(pending, seq: seq, at: at, in: room)
        case .duplicate(let seq, let at):
            if let origin = pending.origin {
                answer(origin, id, .stored(seq: seq, at: at, isDuplicate: true))
            }
        case .unchanged:
            guard let origin = pending.origin else { return }
            if case .join = pending.entry.change {
                let info = room.info(for: pending.user.id)
                answer(origin, id, .joined(info, after: pending.joinsAfter ?? info.record.head))
            } else {
                answer(origin, id, .done)
            }
        case .refused(let refusal):
            room.machine.notStored(pending.entry.change, by: pending.user.id)
            if let origin = pending.origin { answer(origin, id, .refused(WireError(refusal))) }
        }
    }

    private func success(
        _ pending: CommitQueue.Entry, _ room: HostedRoom, seq: SequenceNumber, at: Timestamp
    ) -> RoomAnswer {
        switch pending.entry.change {
        case .join:
            // The joiner's own event is in the answer's head: live events begin after it.
            return .joined(room.info(for: pending.user.id), after: pending.joinsAfter ?? seq)
        case .room: return .room(room.info(for: pending.user.id), seq: seq)
        case .leave(_, .left, _): return .done
        default: return .stored(seq: seq, at: at, isDuplicate: false)
        }
    }

    /// Tells the subscribers and whoever keeps lists.
    private func publish(
        _ pending: CommitQueue.Entry, seq: SequenceNumber, at: Timestamp, in room: HostedRoom
    ) {
        let change = pending.entry.change
        if isLogged(change) {
            let event = LoggedEvent(
                seq: seq, at: at, sender: pending.user.id, senderName: pending.user.name,
                clientID: pending.entry.clientID, change: change, subjectName: pending.subject)
            publish([.logged(seq, events.logged(event, room: room.id))], in: room)
            configuration.observer.stored(event, in: room.machine.record) {
                room.machine.members(offset: 0, limit: .max)
                    .filter { $0.status == .offline }.map(\.user.id)
            }
        }
        switch change {
        case .message:
            if room.typing.stop(pending.user.id, now: now) == .changed { typingChanged(room) }
        case .join(let user, _, _):
            let reference = UserReference(id: user, name: pending.subject)
            // Their other devices begin with the join itself.
            let after = isLogged(change) ? SequenceNumber(rawValue: seq.rawValue - 1) : seq
            send(
                .userJoined(
                    reference, room.info(for: user), after: after, by: pending.origin?.session),
                to: context.home(of: user))
        case .leave(let user, _, _):
            if room.typing.stop(user, now: now) == .changed { typingChanged(room) }
            publish([.evict(user, isLogged(change) ? nil : evicted(pending, room))], in: room)
            send(.userLeft(user, room.id, at: seq), to: context.home(of: user))
        case .room(let changes): roomChanged(changes, room)
        default: break
        }
        arm(room)
    }

    /// What somebody is told who left, or was removed from, a room whose log does not say so.
    private func evicted(_ pending: CommitQueue.Entry, _ room: HostedRoom) -> [UInt8] {
        guard case .leave(let user, let reason, _) = pending.entry.change else { return [] }
        let reference = UserReference(id: user, name: pending.subject)
        return events.evicted(reference, reason, by: pending.user, room: room.id)
    }

    private func isLogged(_ change: LogChange) -> Bool {
        switch change {
        case .join(_, _, let logged), .leave(_, _, let logged): logged
        default: true
        }
    }

    private func roomChanged(_ changes: RoomChanges, _ room: HostedRoom) {
        let record = room.machine.record
        if changes.name != nil { broadcast(.forgetName(record.name)) }
        if record.isPrivate {
            if changes.isPrivate == true { broadcast(.listing(events.unlisted(room.id))) }
        } else {
            broadcast(.listing(events.listed(RoomInfo(record: record))))
        }
    }

    private func settle(_ receipt: CommitQueue.Receipt) {
        let update = receipt.update
        guard case .ready(let room) = rooms[update.room] else { return }
        defer { room.pins -= 1 }
        let isChanged = room.receipts.commit(
            update.user, delivered: update.delivered, read: update.read)
        let marks = room.receipts.marks(of: update.user)
        answer(
            receipt.origin, update.room,
            .receipt(
                delivered: marks?.delivered ?? update.delivered, read: marks?.read ?? update.read))
        if isChanged { arm(room) }
    }
}
