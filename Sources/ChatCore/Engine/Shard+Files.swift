// SPDX-License-Identifier: MIT

// Files: the shard asks the seam, off its turn.
extension Shard {
    private static let noFiles = WireError(
        .invalidField, "this server keeps no files", field: "attachments")

    /// Posts a message whose files are named: they are found first.
    func post(
        _ post: Post, clientID: String?, in room: RoomID, id: String?, _ session: ChatSession
    ) {
        guard let user = session.user else { return }
        guard let files = configuration.attachments else {
            settle(session, .barrier)
            return refuse(session, id: id, Self.noFiles)
        }
        let ids = post.attachments.map(\.id)
        let limits = limits
        perform(
            { () async -> Result<Post, WireError> in
                do throws(WireError) {
                    var found = post
                    found.attachments = try await files.attachments(ids, in: room, by: user)
                    if let refusal = found.refusal(limits) { throw refusal }
                    return .success(found)
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                switch result {
                case .success(let found):
                    let request = RoomRequest(
                        origin: .session(session.id, id: id, .barrier), user: user, room: room,
                        action: .write(.post(found), clientID: clientID))
                    // Who has gone meanwhile has sent it all the same.
                    send(.request(request), to: context.home(of: room))
                case .failure(let error):
                    let time = configuration.clock.wallTime()
                    answer(session.id, .barrier) { $0.error(id, error, at: time) }
                }
            })
    }

    func answer(_ command: FileCommand, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        guard let files = configuration.attachments else {
            settle(session, .barrier)
            return refuse(
                session, id: id, WireError(.unknownCommand, "this server keeps no files"))
        }
        perform(
            { () async -> Result<FileAnswer, WireError> in
                do throws(WireError) {
                    return .success(try await files.answer(command, of: user))
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                let time = configuration.clock.wallTime()
                answer(session.id, .barrier) { answers in
                    switch result {
                    case .success(let value): answers.file(id, value)
                    case .failure(let error): answers.error(id, error, at: time)
                    }
                }
            })
    }

    private func answer(
        _ session: SessionID, _ work: SessionWork, _ encode: (inout AnswerEncoder) -> [UInt8]
    ) {
        guard let session = sessions[session] else { return }
        session.link.send(encode(&answers).span)
        settle(session, work)
    }

    // MARK: Files that nobody has

    /// A message was deleted: it may have had files.
    func filesReleased() {
        if configuration.attachments != nil { send(.filesReleased, to: 0) }
    }

    func orphansDue(now: ChatInstant) {
        guard !context.isDraining, let files = configuration.attachments, orphans.begin(now: now)
        else { return }
        let limit = OrphanMachine.pageFiles
        ask({ store async throws(StorageError) -> Int? in
            let ids = try await store.orphanedAttachments(limit: limit)
            if !ids.isEmpty {
                // First the files: if this breaks off in between, they are named again.
                guard await files.removeAttachments(ids) else { return nil }
                try await store.forgetOrphanedAttachments(ids)
            }
            await files.tidy()
            return ids.count
        }) { [self] result in
            if case .success(let count?) = result {
                orphans.removed(count, now: self.now)
            } else {
                orphans.failed(now: self.now)
            }
        }
    }
}
