// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// The order of what a search finds in several rooms.
    static let searchOrderChecks: [StoreCheck] = [
        StoreCheck("pages of search do not depend on the order of storing") { probe in
            try await probe.addUsers()
            let rooms = [5, UInt64.max - 1, 6, 7].map { RoomID(rawValue: $0) }
            for room in rooms {
                let record = RoomRecord(id: room, name: "\(room)", createdAt: StoreProbe.time(0))
                _ = try await probe.store.createRoom(record, owner: StoreProbe.ada)
            }
            // The last two are stored last, by a clock that is behind.
            let times: [Int64] = [9_000, 9_000, 9_000, 5_000, 5_000]
            for (room, at) in zip(rooms + [rooms[3]], times) {
                _ = try await probe.append(
                    probe.entry(.message(text: "tea", replyTo: nil), in: room, at: at))
            }
            let newest = [rooms[1], rooms[2], rooms[0], rooms[3], rooms[3]]
            for (offset, limit) in [(0, 1), (0, 2), (1, 2), (2, 2), (3, 9), (0, 9)] {
                for order in SearchRequest.Order.allCases {
                    let page = try await probe.searchTea(offset: offset, limit: limit, order)
                    let expected = Array(newest.dropFirst(offset).prefix(limit))
                    try probe.expect(page.hits.map(\.room), expected)
                    try probe.expect(page.isEnd, offset + limit >= newest.count)
                }
            }
        },
        StoreCheck("of many matches the newest are ranked") { probe in
            try await probe.prepareRoom()
            try await probe.post("tea tea")  // 3
            for _ in 0..<5 { try await probe.post("tea") }  // 4 to 8
            let ranked = try await probe.searchTea(limit: 9, .relevance, ranked: 5)
            try probe.expect(ranked.hits.map(\.seq), [8, 7, 6, 5, 4])
            let all = try await probe.searchTea(limit: 9, .relevance, ranked: 6)
            try probe.expect(all.hits.map(\.seq), [3, 8, 7, 6, 5, 4])
        },
    ]
}

extension StoreProbe {
    fileprivate func searchTea(
        offset: Int = 0, limit: Int, _ order: SearchRequest.Order, ranked: Int = 1_000
    ) async throws -> SearchPage {
        guard let pattern = SearchPattern("tea") else { return SearchPage(hits: [], isEnd: true) }
        var limits = Limits()
        limits.searchRankedMessages = ranked
        let request = SearchRequest(pattern: pattern, order: order, offset: offset, limit: limit)
        return try await store.search(SearchQuery(request, by: Self.ada, limits: limits))
    }
}
