// SPDX-License-Identifier: MIT

// Search in all rooms of a user. In one room it is a command of that room.
extension Shard {
    func search(_ search: SearchRequest, id: String?, _ session: ChatSession) {
        guard let user = session.user else { return }
        if !hasPolicy { return self.search(search, in: nil, user, id: id, session) }
        // The embedder's rules are asked for each room, as if it were searched by itself.
        ask({ store async throws(StorageError) in try await store.memberships(of: user.id) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let memberships):
                let rooms = memberships.map(\.room).filter {
                    configuration.policy.check(.search(search), by: user, in: $0) == nil
                }
                self.search(search, in: rooms.map(\.id), user, id: id, session)
            case .failure:
                refuse(session, id: id, .storageUnavailable)
                settle(session, .barrier)
            }
        }
    }

    private func search(
        _ search: SearchRequest, in rooms: [RoomID]?, _ user: UserReference, id: String?,
        _ session: ChatSession
    ) {
        let query = SearchQuery(search, by: user.id, in: rooms, limits: limits)
        ask({ store async throws(StorageError) in try await store.search(query) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let page): session.link.send(answers.search(id, page).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }
}
