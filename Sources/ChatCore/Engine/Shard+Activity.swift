// SPDX-License-Identifier: MIT

// What the activity log is told. Without one, each of these is a comparison with `nil`.
extension Shard {
    /// Takes note of something, at this moment.
    func record(_ activity: @autoclosure () -> Activity) { context.record(activity()) }

    func recordSignIn(_ session: ChatSession, _ user: UserReference) {
        guard let log = activityLog else { return }
        let method = session.greeting?.method ?? .service
        log.record(
            .signedIn(user, method: method, peer: session.peer), at: configuration.clock.wallTime())
    }

    /// A refusal by the rate limits is none of these: whoever goes on trying would fill the log.
    func recordRefusedSignIn(_ session: ChatSession, _ error: WireError) {
        guard error.code != .rateLimited else { return }
        record(.signInRefused(error.code, peer: session.peer))
    }

    /// Nothing if the session had not signed in.
    func recordSignOut(_ session: ChatSession, isExplicit: Bool) {
        guard activityLog != nil, let user = session.user else { return }
        record(.signedOut(user, isExplicit: isExplicit, peer: session.peer))
    }

    func recordChange(
        _ waiter: borrowing CommitQueue.Waiter, _ entry: borrowing LogEntry, seq: SequenceNumber,
        at time: Timestamp
    ) {
        guard let log = activityLog else { return }
        log.record(
            .changed(
                entry.change, seq: seq, subject: waiter.subject,
                ActivityRoom(waiter.room.machine.record), by: waiter.user), at: time)
    }

    /// An event that was stored by a call whose answer was lost, or by another process.
    func recordChange(_ event: LoggedEvent, _ room: HostedRoom) {
        guard let log = activityLog else { return }
        let user = UserReference(id: event.sender, name: event.senderName)
        log.record(
            .changed(
                event.change, seq: event.seq, subject: event.subjectName ?? event.senderName,
                ActivityRoom(room.machine.record), by: user), at: event.at)
    }

    /// What a moderator did that is no event of the room, unless it was refused.
    func recordAct(_ act: AuditAction, _ request: RoomRequest, _ answer: RoomAnswer) {
        guard activityLog != nil, case .ready(let room)? = rooms[request.room] else { return }
        if case .refused = answer { return }
        record(.acted(act, ActivityRoom(room.machine.record), by: request.user))
    }
}

extension EngineContext {
    /// Takes note of something, at this moment.
    func record(_ activity: @autoclosure () -> Activity) {
        guard let log = configuration.activityLog else { return }
        log.record(activity(), at: configuration.clock.wallTime())
    }
}
