// SPDX-License-Identifier: MIT

/// A search without an index: reads the history of rooms, page by page.
struct SearchScan<Store: ChatStore> {
    let store: Store
    let query: SearchQuery

    func run() async throws(StorageError) -> SearchPage {
        var all = SearchCollector(query)
        let own = try await store.memberships(of: query.searcher).map(\.room.id)
        for room in own where query.rooms?.contains(room) ?? true {
            all.add(try await search(room))
        }
        return all.page()
    }

    private func search(_ room: RoomID) async throws(StorageError) -> SearchCollector {
        var collector = SearchCollector(query)
        var anchor = HistoryQuery.Anchor.latest
        while !collector.isFull {
            let page = try await store.history(
                HistoryQuery(room: room, anchor: anchor, limit: 200))
            for message in page.messages.reversed() where !message.isDeleted {
                collector.add(SearchCollector.Candidate(message, in: room))
                if collector.isFull { break }
            }
            guard !page.isEnd, let first = page.messages.first else { break }
            anchor = .before(first.seq)
        }
        return collector
    }
}

extension SearchCollector.Candidate {
    fileprivate init(_ message: Message, in room: RoomID) {
        self.init(
            room: room, seq: message.seq, at: message.at,
            sender: UserReference(id: message.sender, name: message.senderName),
            editedAt: message.editedAt, text: message.text, attachments: message.attachments)
    }
}
