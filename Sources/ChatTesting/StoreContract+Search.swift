// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// What a search finds.
    static let searchChecks: [StoreCheck] = [
        StoreCheck("a search finds messages with all of its words") { probe in
            try await probe.prepareRoom()
            try await probe.post("Tea with milk")  // 3
            try await probe.post("milk and honey")
            try await probe.post("no milk in this tea, please")  // 5
            try await probe.expectFound("milk tea ", [5, 3])
            try await probe.expectFound("honey", [4])
            try await probe.expectFound("tea coffee", [])
        },
        StoreCheck("a search does not mind case and accents") { probe in
            try await probe.prepareRoom()
            try await probe.post("Crème BRÛLÉE")  // 3
            try await probe.post("creme bru\u{302}le\u{301}e")
            try await probe.post("Straße nach Αθήνας")  // 5
            try await probe.expectFound("CREME brulee ", [4, 3])
            try await probe.expectFound("crème brûlée ", [4, 3])
            try await probe.expectFound("STRASSE ", [5])
            try await probe.expectFound("αθηνασ ", [5])
        },
        StoreCheck("a search's last word finds what begins with it, the others do not") { probe in
            try await probe.prepareRoom()
            try await probe.post("a teapot")  // 3
            try await probe.post("a pot of tea")
            try await probe.expectFound("tea", [4, 3])
            try await probe.expectFound("tea ", [4])
            try await probe.expectFound("tea a", [4])
            try await probe.expectFound("eapot", [])
        },
        StoreCheck("a search for a phrase wants its words side by side") { probe in
            try await probe.prepareRoom()
            try await probe.post("black tea, green leaves")  // 3
            try await probe.post("green tea, black cup")
            try await probe.expectFound("\"black tea\"", [3])
            try await probe.expectFound("\"tea green\"", [3])
            try await probe.expectFound("cup \"green tea\"", [4])
            try await probe.expectFound("\"green tea bl", [4])
            try await probe.expectFound("\"black green\"", [])
        },
        StoreCheck("a search finds ideographs without blanks") { probe in
            try await probe.prepareRoom()
            try await probe.post("我喜欢喝绿茶")  // 3
            try await probe.post("绿色的茶杯")
            try await probe.expectFound("绿茶", [3])
            try await probe.expectFound("茶", [4, 3])
            try await probe.expectFound("茶绿", [])
        },
        StoreCheck("a search takes any input as words") { probe in
            try await probe.prepareRoom()
            try await probe.post("NOT words OR keys: a* (b) -c + 'd' ^e; nul\0nul")  // 3
            for text in [
                "NOT ", "words OR keys", "words: a* ", "(b", "-c", "'d'", "^e", "nul\0nul ",
                "\"\"\"a\"\" b", "NEAR(a)", "\"a\" + \"b\"",
            ] {
                let seqs: [SequenceNumber] = text.contains("NEAR") ? [] : [3]
                try await probe.expectFound(text, seqs)
            }
        },
        StoreCheck("a search sees edits and not deleted messages") { probe in
            try await probe.prepareRoom()
            try await probe.post("first words")  // 3
            try await probe.post("second words")  // 4
            try await probe.post("third words")  // 5
            try await probe.expectFound("words", [5, 4, 3])
            _ = try await probe.append(.edit(target: 3, text: "changed"))
            _ = try await probe.append(.edit(target: 4, text: "changed"))
            _ = try await probe.append(.edit(target: 4, text: "again"))
            _ = try await probe.append(.delete(target: 5))
            try await probe.expectFound("words", [])
            try await probe.expectFound("changed", [3])
            try await probe.expectFound("again", [4])
            _ = try await probe.append(.delete(target: 4))
            try await probe.expectFound("again", [])
        },
        StoreCheck("a message is found that was edited or deleted before any search") { probe in
            try await probe.prepareRoom()
            try await probe.post("first words")  // 3
            try await probe.post("second words")  // 4
            _ = try await probe.append(.edit(target: 3, text: "first change"))
            _ = try await probe.append(.delete(target: 4))
            _ = try await probe.append(.react(target: 3, emoji: "e"))
            try await probe.expectFound("words", [])
            try await probe.expectFound("first", [3])
        },
        StoreCheck("a hit shows its place, author and the words") { probe in
            try await probe.prepareRoom()
            try await probe.post("Say “tea” for tea", by: StoreProbe.bob)
            let long = String(repeating: "filler ", count: 100)
            try await probe.post(long + "needle " + long)
            _ = try await probe.append(
                probe.entry(.edit(target: 3, text: "Tée, say"), by: StoreProbe.bob, at: 9_000))
            let hit = try await probe.search("tee")
            try probe.expect(
                hit.hits,
                [
                    SearchHit(
                        room: StoreProbe.room, seq: 3, at: StoreProbe.time(2_000),
                        sender: UserReference(id: StoreProbe.bob, name: "Bob"),
                        editedAt: StoreProbe.time(9_000),
                        excerpt: SearchExcerpt(
                            "Tée, say", highlighting: [0..<3], maximumScalars: 200))
                ])
            let excerpt = try await probe.search("needle").hits.first?.excerpt
            let scalars = Array((excerpt?.text ?? "").unicodeScalars)
            try probe.expect((100...202).contains(scalars.count), "\(scalars.count) scalars")
            let places = excerpt?.highlights ?? []
            try probe.expect(places.count == 1, "\(places.count) places")
            var found = String.UnicodeScalarView()
            for range in places { found.append(contentsOf: scalars[range]) }
            try probe.expect(String(found), "needle")
        },
    ]

    /// Where a search looks, and how its pages come.
    static let searchScopeChecks: [StoreCheck] = [
        StoreCheck("a search looks into the searcher's rooms only") { probe in
            try await probe.prepareTwoRooms()
            let (here, there) = (StoreProbe.room, StoreProbe.other)
            func rooms(_ searcher: UserID, in rooms: [RoomID]? = nil) async throws -> [RoomID] {
                try await probe.search("tea", by: searcher, in: rooms).hits.map(\.room)
            }
            try probe.expect(await rooms(StoreProbe.ada), [there, here])
            try probe.expect(await rooms(StoreProbe.ada, in: [here]), [here])
            try probe.expect(await rooms(StoreProbe.bob), [here])
            try probe.expect(await rooms(StoreProbe.bob, in: [there]), [])
            try probe.expect(await rooms(StoreProbe.cyd), [])
            try probe.expect(await rooms(StoreProbe.ada, in: []), [])
            _ = try await probe.append(
                .leave(user: StoreProbe.bob, reason: .left, logged: true), by: StoreProbe.bob)
            try probe.expect(await rooms(StoreProbe.bob), [])
        },
        StoreCheck("a search does not find what a deleted room had") { probe in
            try await probe.prepareTwoRooms()
            try probe.expect(await probe.search("tea").hits.count, 2)
            _ = try await probe.store.deleteRoom(StoreProbe.other)
            try probe.expect(await probe.search("tea").hits.map(\.room), [StoreProbe.room])
            // Places that the room had are given again.
            for number in 0..<4 { try await probe.post("tea \(number)") }
            try probe.expect(await probe.search("tea").hits.count, 5)
        },
        StoreCheck("a search can be narrowed to an author and a time") { probe in
            try await probe.prepareRoom()
            for (number, user) in [StoreProbe.ada, StoreProbe.bob, StoreProbe.ada].enumerated() {
                let at = Int64(3_000 + number * 1_000)
                _ = try await probe.append(
                    probe.entry(.message(text: "tea", replyTo: nil), by: user, at: at))
            }
            var request = try probe.request("tea")
            request.sender = StoreProbe.ada
            try await probe.expectFound(request, [5, 3])
            request.sender = StoreProbe.cyd
            try await probe.expectFound(request, [])
            request.sender = nil
            request.after = StoreProbe.time(4_000)
            try await probe.expectFound(request, [5, 4])
            request.before = StoreProbe.time(5_000)
            try await probe.expectFound(request, [4])
            request.after = nil
            try await probe.expectFound(request, [4, 3])
        },
        StoreCheck("a search comes in pages, the newest first") { probe in
            try await probe.prepareRoom()
            for number in 0..<5 { try await probe.post("tea \(number)") }
            func expectPage(
                _ offset: Int, _ limit: Int, _ seqs: [SequenceNumber], isEnd: Bool
            ) async throws {
                var request = try probe.request("tea")
                (request.offset, request.limit) = (offset, limit)
                let page = try await probe.search(request)
                try probe.expect(page.hits.map(\.seq), seqs)
                try probe.expect(page.isEnd == isEnd, "isEnd is \(page.isEnd) at \(offset)")
            }
            try await expectPage(0, 2, [7, 6], isEnd: false)
            try await expectPage(2, 2, [5, 4], isEnd: false)
            try await expectPage(4, 2, [3], isEnd: true)
            try await expectPage(0, 5, [7, 6, 5, 4, 3], isEnd: true)
            try await expectPage(9, 2, [], isEnd: true)
            try await expectPage(-1, 0, [7], isEnd: false)
            try await expectPage(.max, .max, [], isEnd: true)
        },
        StoreCheck("a search by relevance puts the best match first") { probe in
            try await probe.prepareRoom()
            try await probe.post("tea tea tea")  // 3
            try await probe.post("tea and a lot of other words that are about something else")
            try await probe.post("tea")  // 5
            var request = try probe.request("tea")
            request.order = .relevance
            try await probe.expectFound(request, [3, 5, 4])
            (request.offset, request.limit) = (1, 1)
            try await probe.expectFound(request, [5])
        },
        StoreCheck("a search finds what was stored right before, among much else") { probe in
            try await probe.prepareRoom()
            for round in 0..<3 {
                let entries = (0..<1_500).map { number in
                    probe.entry(.message(text: "round\(round) number\(number)", replyTo: nil))
                }
                _ = try await probe.store.append(AppendBatch(entries: entries))
                let last = SequenceNumber(rawValue: UInt64(2 + 1_500 * (round + 1)))
                try await probe.expectFound("round\(round) number1499", [last])
                try await probe.expectFound("round0 number7 ", [10])
            }
        },
    ]
}

extension StoreProbe {
    fileprivate func request(_ text: String, line: UInt = #line) throws -> SearchRequest {
        let pattern = SearchPattern(text)
        try expect(pattern != nil, "no words in \(text)", line: line)
        guard let pattern else { preconditionFailure("the line above has thrown") }
        return SearchRequest(pattern: pattern)
    }

    fileprivate func search(
        _ text: String, by searcher: UserID = Self.ada, in rooms: [RoomID]? = nil
    ) async throws -> SearchPage {
        try await store.search(SearchQuery(request(text), by: searcher, in: rooms))
    }

    fileprivate func search(_ request: SearchRequest) async throws -> SearchPage {
        try await store.search(SearchQuery(request, by: Self.ada, in: [Self.room]))
    }

    func expectFound(
        _ text: String, _ seqs: [SequenceNumber], line: UInt = #line
    ) async throws {
        try await expectFound(request(text, line: line), seqs, line: line)
    }

    fileprivate func expectFound(
        _ request: SearchRequest, _ seqs: [SequenceNumber], line: UInt = #line
    ) async throws {
        try expect(await search(request).hits.map(\.seq), seqs, line: line)
    }

    /// Ada's and Bob's room, then a private one of Ada's, with a message in each.
    fileprivate func prepareTwoRooms() async throws {
        try await prepareRoom()
        let record = RoomRecord(
            id: Self.other, name: "Other", isPrivate: true, createdAt: Self.time(1_500))
        _ = try await store.createRoom(record, owner: Self.ada)
        _ = try await append(entry(.message(text: "tea here", replyTo: nil), at: 3_000))
        _ = try await append(
            entry(.message(text: "tea there", replyTo: nil), in: Self.other, at: 4_000))
    }
}
