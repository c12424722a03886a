// SPDX-License-Identifier: MIT

// Subscriptions of this loop's sessions: first what was missed, in order, then live.
extension Shard {
    /// Subscribes a session to what comes after `after`. Repeating it changes nothing.
    func attach(_ session: ChatSession, to room: RoomID, after: SequenceNumber) {
        guard !session.isEnded, !session.isPassive, session.subscriptions[room] == nil else {
            return
        }
        let subscription = Subscription(session: session, room: room, position: after)
        session.subscriptions[room] = subscription
        if let tail = tails[room] {
            tail.catchingUp.append(subscription)
            advance(subscription, in: tail)
        } else {
            openedTails += 1
            let tail = RoomTail(
                room: room, number: openedTails, limits: limits, buffers: turnBuffers)
            tail.catchingUp.append(subscription)
            tails[room] = tail
            send(
                .openTail(room, shard: index, tail: tail.number), to: context.home(of: room))
        }
    }

    func tailOpened(_ room: RoomID, _ number: UInt64, head: SequenceNumber?) {
        // A tail that was closed meanwhile and opened again waits for its own answer: between the two the room's
        // home told this shard nothing.
        guard let tail = tails[room], tail.number == number else { return }
        guard let head else {
            // The room has gone since.
            for subscription in tail.catchingUp { subscription.session.subscriptions[room] = nil }
            tails[room] = nil
            return
        }
        tail.head = max(tail.head ?? head, head)
        for subscription in tail.catchingUp { advance(subscription, in: tail) }
    }

    /// A subscriber that got nothing would not know: it comes back and asks again.
    func tailFailed(_ room: RoomID, _ number: UInt64) {
        guard tails[room]?.number == number else { return }
        for subscription in tails[room]?.catchingUp ?? [] {
            close(subscription.session, .internalError)
        }
    }

    /// Brings a subscriber closer to the head: from memory if possible, else a page of the log.
    func advance(_ subscription: Subscription, in tail: RoomTail) {
        guard let head = tail.head, subscription.slot < 0, !subscription.isReading,
            !subscription.isEnded
        else { return }
        if subscription.position == head { return goLive(subscription, in: tail) }
        // Ahead of this shard: the events in between are on their way here and pass it by.
        if subscription.position > head { return }
        if tail.ring.covers(after: subscription.position, newest: head) {
            tail.ring.forEach(after: subscription.position) { _, payload in
                subscription.session.link.send(payload.span)
            }
            subscription.position = head
            return goLive(subscription, in: tail)
        }
        readPage(subscription, in: tail)
    }

    private func goLive(_ subscription: Subscription, in tail: RoomTail) {
        tail.goLive(subscription)
        if subscription.hasMissedLive { refresh(subscription) }
    }

    /// Has the room's home tell who is here, who types and who has read what.
    private func refresh(_ subscription: Subscription) {
        subscription.hasMissedLive = false
        guard let user = subscription.session.user else { return }
        send(
            .refresh(subscription.session.id, subscription.room, user.id),
            to: context.home(of: subscription.room))
    }

    private func readPage(_ subscription: Subscription, in tail: RoomTail) {
        if subscription.session.link.pendingBytes > limits.queuedBytes / 4 {
            subscription.session.stalled.append(subscription)
            return subscription.session.link.tellWhenWritten()
        }
        subscription.isReading = true
        let room = tail.room
        let after = subscription.position
        let count = limits.resumePageEvents
        ask({ store async throws(StorageError) in
            try await store.events(in: room, after: after, limit: count)
        }) { [self] result in
            subscription.isReading = false
            guard !subscription.isEnded else { return }
            switch result {
            case .success(let page): replay(page, to: subscription, in: tail)
            case .failure:
                // Half a resume is worse than none: the client comes back and asks again.
                close(subscription.session, .internalError)
            }
        }
    }

    private func replay(_ page: [LoggedEvent], to subscription: Subscription, in tail: RoomTail) {
        let link = subscription.session.link
        // The log may be ahead of what this shard was told: the rest comes live, behind the answers to it.
        let known = tail.head ?? .none
        for event in page where event.seq <= known {
            if event.seq > subscription.position.next {
                tellGap(subscription, to: event.seq.rawValue - 1, room: tail.room)
            }
            link.send(events.logged(event, room: tail.room).span)
            subscription.position = event.seq
        }
        if page.isEmpty, let head = tail.head, head > subscription.position {
            tellGap(subscription, to: head.rawValue, room: tail.room)
            subscription.position = head
        }
        advance(subscription, in: tail)
    }

    private func tellGap(_ subscription: Subscription, to last: UInt64, room: RoomID) {
        let gap = events.gap(
            room: room, from: subscription.position.next, to: SequenceNumber(rawValue: last),
            isAhead: false)
        subscription.session.link.send(gap.span)
    }

    /// Takes a session out of a room's tail; the last one closes it.
    func detach(_ subscription: Subscription, flushing: Bool) {
        subscription.session.subscriptions[subscription.room] = nil
        guard let tail = tails[subscription.room] else { return }
        tail.remove(subscription, flushing: flushing)
        guard tail.isEmpty else { return }
        tails[subscription.room] = nil
        dirtyTails.removeAll { $0 === tail }
        send(
            .closeTail(subscription.room, shard: index),
            to: context.home(of: subscription.room))
    }

    /// What the room's home tells its subscribers here.
    func apply(_ event: TailEvent, to room: RoomID) {
        guard let tail = tails[room] else { return }
        if !tail.isDirty {
            tail.isDirty = true
            dirtyTails.append(tail)
        }
        switch event {
        case .logged(let seq, let payload):
            for subscription in tail.append(seq, payload) { refresh(subscription) }
        case .live(let payload): tail.append(live: payload)
        case .typing(let users): tail.setTyping(users)
        case .evict(let user, let payload): evict(user, payload, from: room)
        case .gone(let payload):
            tail.append(live: payload)
            removeAll(from: tail, payload)
        case .trimmed(let place): tail.forgetRing(through: place)
        case .erased(let payload):
            tail.forgetRing(through: tail.head ?? .none)
            guard let payload else { break }
            tail.append(live: payload)
            // It may have had a page already that still says what was erased.
            for subscription in tail.catchingUp { subscription.session.link.send(payload.span) }
        }
    }

    private func evict(_ user: UserID, _ payload: [UInt8]?, from room: RoomID) {
        for id in sessionsOfUser[user] {
            sessions[id]?.greeting?.joined.removeAll { $0.info.record.id == room }
            guard let subscription = sessions[id]?.subscriptions[room] else { continue }
            if let payload { subscription.session.link.send(payload.span) }
            detach(subscription, flushing: true)
        }
    }

    private func removeAll(from tail: RoomTail, _ payload: [UInt8]) {
        for session in sessions.values {
            guard let subscription = session.subscriptions[tail.room] else { continue }
            // Whoever is still catching up has no part in the turn's buffer.
            if subscription.slot < 0 { session.link.send(payload.span) }
            session.subscriptions[tail.room] = nil
            tail.remove(subscription, flushing: true)
        }
        tails[tail.room] = nil
        dirtyTails.removeAll { $0 === tail }
    }
}
