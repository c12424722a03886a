// SPDX-License-Identifier: MIT

// The list of a user's own rooms.
extension Shard {
    func joinedRooms(offset: Int, limit: Int, id: String?, _ session: ChatSession) {
        guard let user = session.user?.id else { return }
        let query = JoinedRoomQuery(
            user: user, offset: offset, limit: limit, members: limits.listedMembers)
        ask({ store async throws(StorageError) in try await store.joinedRooms(query) }) {
            [self] result in
            guard !session.isEnded else { return }
            switch result {
            case .success(let page):
                let isEnd = offset + page.rooms.count >= page.total
                session.link.send(answers.joinedRooms(id, page, isEnd: isEnd).span)
            case .failure: refuse(session, id: id, .storageUnavailable)
            }
            settle(session, .barrier)
        }
    }
}
