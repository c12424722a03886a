// SPDX-License-Identifier: MIT

// Group commit: while one transaction is on its way to disk, the next one gathers.
extension Shard {
    /// Puts an entry into the next transaction.
    func append(
        _ change: consuming LogChange, in room: HostedRoom, by user: UserReference,
        at time: Timestamp, subject: String? = nil, clientID: consuming String? = nil,
        isModerator: Bool,
        joinsAfter: SequenceNumber? = nil, origin: consuming RequestOrigin?
    ) {
        guard commit.entryCount < limits.queuedEntries else {
            if let origin { answer(origin, room.id, .refused(.overloaded)) }
            return
        }
        if room.isUncertain {
            room.machine.notStored(change, by: user.id)
            if let origin { answer(origin, room.id, .refused(.storageUnavailable)) }
            return
        }
        room.pins += 1
        commit.append(
            LogEntry(
                room: room.id, sender: user.id, at: time,
                clientID: clientID, isModerator: isModerator, change: change),
            CommitQueue.Waiter(
                origin: origin, room: room, user: user, subject: subject ?? user.name,
                joinsAfter: joinsAfter))
    }

    /// Puts a receipt into the next transaction.
    func append(_ update: ReceiptUpdate, in room: HostedRoom, origin: RequestOrigin) {
        guard commit.receiptCount < limits.queuedEntries else {
            return answer(origin, room.id, .refused(.overloaded))
        }
        room.pins += 1
        commit.append(CommitQueue.Receipt(origin: origin, room: room, update: update))
    }

    /// Starts a transaction unless one is under way.
    ///
    /// A store that has nothing to wait for commits at once, so that a turn's messages leave in that turn.
    /// Otherwise they would always leave in the next one, and a room's senders would fall into two halves that
    /// take turns: twice the writes for the same messages.
    func startCommit() {
        while !commit.isInFlight, !commit.isEmpty {
            let (pending, batch) = takeBatch()
            if let result = appendAtOnce(batch) {
                committed(pending, result)
                continue
            }
            commitInLaterTurn(pending, batch)
        }
    }

    /// Hands a batch to the store and goes on when it has come back.
    ///
    /// What has gathered meanwhile sets out first, so that the store works while the answers are made. Not after a
    /// failure: then ``committed(_:_:)`` takes back what would be numbered behind a hole.
    private func commitInLaterTurn(_ pending: CommitQueue.Batch, _ batch: AppendBatch) {
        commit.isInFlight = true
        let start = now
        let loop = loop
        ask({ store async throws(StorageError) in try await store.append(batch, on: loop) }) {
            [self] result in
            commit.isInFlight = false
            commit.lastDurationNanoseconds = now.nanoseconds - start.nanoseconds
            if fanOutHeldUntil != nil { fanOutHeldUntil = .zero }
            if case .success(let outcomes) = result, outcomes.count == pending.entries.count,
                !commit.isEmpty
            {
                let (next, batch) = takeBatch()
                commitInLaterTurn(next, batch)
            }
            committed(pending, result)
        }
    }

    private func takeBatch() -> (CommitQueue.Batch, AppendBatch) {
        let pending = commit.take(maximumEntries: limits.batchEntries)
        let receipts = pending.receipts.map(\.update).merged()
        return (pending, AppendBatch(entries: pending.entries, receipts: receipts))
    }

    private func appendAtOnce(_ batch: AppendBatch) -> Result<[AppendOutcome], StorageError>? {
        do throws(StorageError) {
            guard let outcomes = try context.store.appendAtOnce(batch) else { return nil }
            return noted(.success(outcomes))
        } catch {
            return noted(.failure(error))
        }
    }

    private func committed(
        _ pending: CommitQueue.Batch, _ result: Result<[AppendOutcome], StorageError>
    ) {
        switch result {
        case .success(let outcomes) where outcomes.count == pending.entries.count:
            let (waiters, entries) = (pending.waiters.span, pending.entries.span)
            for index in outcomes.indices {
                settle(waiters[index], entries[index], outcomes[index])
            }
            for receipt in pending.receipts { settle(receipt) }
        case .success, .failure:
            // What has gathered for these rooms meanwhile would be numbered behind a hole.
            let rooms = uncertain(pending.waiters)
            let gathered = commit.takeEntries { $0.isUncertain }
            for (waiter, entry) in zip(
                pending.waiters + gathered.waiters, pending.entries + gathered.entries)
            {
                waiter.room.pins -= 1
                waiter.room.machine.notStored(entry.change, by: waiter.user.id)
                if let origin = waiter.origin {
                    answer(origin, entry.room, .refused(.storageUnavailable))
                }
            }
            for room in rooms { compare(room) }
            for receipt in pending.receipts {
                receipt.room.pins -= 1
                answer(receipt.origin, receipt.room.id, .refused(.storageUnavailable))
            }
        }
        trimIdleRooms()
    }

    private func settle(
        _ waiter: borrowing CommitQueue.Waiter, _ entry: borrowing LogEntry,
        _ outcome: AppendOutcome
    ) {
        let room = waiter.room
        room.pins -= 1
        if room.isGone {
            if let origin = waiter.origin {
                answer(origin, room.id, .refused(RoomMachine.notFound))
            }
            return
        }
        switch outcome {
        case .stored(let seq, let at):
            if case .accept = entry.change {
                // From here on it is the join that stands in the log.
                let join = LogEntry(
                    room: entry.room, sender: entry.sender, at: entry.at,
                    clientID: entry.clientID, change: entry.change.recorded)
                return stored(waiter, join, seq: seq, at: at)
            }
            stored(waiter, entry, seq: seq, at: at)
        case .duplicate(let seq, let at):
            if let origin = waiter.origin {
                answer(origin, room.id, .stored(seq: seq, at: at, isDuplicate: true))
            }
        case .unchanged: unchanged(waiter, entry)
        case .refused(let refusal):
            room.machine.notStored(entry.change, by: waiter.user.id)
            if let origin = waiter.origin {
                let error = self.refusal(
                    refusal, of: entry.change, to: waiter.user.id, at: entry.at, in: room)
                answer(origin, room.id, .refused(error))
            }
        }
    }

    private func stored(
        _ waiter: borrowing CommitQueue.Waiter, _ entry: borrowing LogEntry, seq: SequenceNumber,
        at: Timestamp
    ) {
        let room = waiter.room
        room.committed(
            entry.change, by: waiter.user, named: waiter.subject, seq: seq, at: at, now: now)
        if let origin = waiter.origin {
            answer(origin, room.id, success(waiter, entry.change, seq: seq, at: at))
        }
        publish(waiter, entry, seq: seq, at: at)
    }

    /// There was nothing to do: a join by a member is a success all the same.
    private func unchanged(
        _ waiter: borrowing CommitQueue.Waiter, _ entry: borrowing LogEntry
    ) {
        guard let origin = waiter.origin else { return }
        switch entry.change {
        case .join, .accept:
            let info = waiter.room.info(for: waiter.user.id)
            let after = waiter.joinsAfter ?? info.record.head
            answer(origin, waiter.room.id, .joined(info, after: after))
        default: answer(origin, waiter.room.id, .done)
        }
    }

    private func success(
        _ waiter: borrowing CommitQueue.Waiter, _ change: borrowing LogChange, seq: SequenceNumber,
        at: Timestamp
    ) -> RoomAnswer {
        switch change {
        case .join:
            // The joiner's own event is in the answer's head: live events begin after it.
            return .joined(
                waiter.room.info(for: waiter.user.id), after: waiter.joinsAfter ?? seq)
        case .room: return .room(waiter.room.info(for: waiter.user.id), seq: seq)
        case .leave(_, .left, _): return .done
        default: return .stored(seq: seq, at: at, isDuplicate: false)
        }
    }

    /// Tells the subscribers and whoever keeps lists.
    private func publish(
        _ waiter: borrowing CommitQueue.Waiter, _ entry: borrowing LogEntry, seq: SequenceNumber,
        at: Timestamp
    ) {
        let room = waiter.room
        recordChange(waiter, entry, seq: seq, at: at)
        if isLogged(entry.change) {
            let payload = events.logged(
                entry, by: waiter.user.name, subject: waiter.subject, seq: seq, at: at)
            publish(.logged(seq, payload), in: room)
            if hasObserver {
                let event = LoggedEvent(
                    seq: seq, at: at, sender: waiter.user.id, senderName: waiter.user.name,
                    clientID: entry.clientID, change: entry.change, subjectName: waiter.subject)
                tellObserver(event, room)
            }
        }
        switch entry.change {
        case .delete: filesReleased()
        case .message, .post:
            if room.typing.stop(waiter.user.id, now: now) == .changed { typingChanged(room) }
        case .join(let user, _, _):
            let reference = UserReference(id: user, name: waiter.subject)
            // Their other devices begin with the join itself.
            let after = isLogged(entry.change) ? SequenceNumber(rawValue: seq.rawValue - 1) : seq
            send(
                .userJoined(
                    reference, room.info(for: user), after: after, by: waiter.origin?.session),
                to: context.home(of: user))
        case .leave(let user, let reason, let logged):
            if room.typing.stop(user, now: now) == .changed { typingChanged(room) }
            let reference = UserReference(id: user, name: waiter.subject)
            // What somebody is told who left, or was removed from, a room whose log does not say so.
            let payload =
                logged ? nil : events.evicted(reference, reason, by: waiter.user, room: room.id)
            publish(.evict(user, payload), in: room)
            send(.userLeft(user, room.id, at: seq), to: context.home(of: user))
        case .ban(let user, _):
            // The log tells them; nothing after it does.
            if room.typing.stop(user, now: now) == .changed { typingChanged(room) }
            publish(.evict(user, nil), in: room)
            send(.userLeft(user, room.id, at: seq), to: context.home(of: user))
        case .mute(let user, _):
            if room.typing.stop(user, now: now) == .changed { typingChanged(room) }
        case .room(let changes): roomChanged(changes, room)
        default: break
        }
        arm(room)
    }

    func tellObserver(_ event: LoggedEvent, _ room: HostedRoom) {
        configuration.observer.stored(event, in: room.machine.record) {
            room.machine.members(offset: 0, limit: .max)
                .filter { $0.status == .offline }.map(\.user.id)
        }
    }

    func isLogged(_ change: borrowing LogChange) -> Bool {
        switch change {
        case .join(_, _, let logged), .leave(_, _, let logged): logged
        case .accept(let acceptance): acceptance.isLogged
        default: true
        }
    }

    func roomChanged(_ changes: RoomChanges, _ room: HostedRoom) {
        let record = room.machine.record
        if changes.retentionDays != nil || changes.retentionMessages != nil {
            send(.retentionChanged(room.id, record.retention), to: 0)
        }
        if changes.name != nil { broadcast(.forgetName(record.name)) }
        if record.isPrivate {
            if changes.isPrivate == true { broadcast(.listing(events.unlisted(room.id))) }
        } else {
            broadcast(.listing(events.listed(RoomInfo(record: record))))
        }
    }

    private func settle(_ receipt: CommitQueue.Receipt) {
        let update = receipt.update
        let room = receipt.room
        room.pins -= 1
        if room.isGone {
            return answer(receipt.origin, room.id, .refused(RoomMachine.notFound))
        }
        let isChanged = room.receipts.commit(
            update.user, delivered: update.delivered, read: update.read)
        let marks = room.receipts.marks(of: update.user)
        answer(
            receipt.origin, room.id,
            .receipt(
                delivered: marks?.delivered ?? update.delivered, read: marks?.read ?? update.read))
        if isChanged { arm(room) }
    }
}
