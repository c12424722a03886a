// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Pages of history.
    ///
    /// The messages stand at 3, 5, 7, 9, 11; a reaction after each.
    static let historyChecks: [StoreCheck] = [
        StoreCheck("pages before and after a place") { probe in
            try await probe.prepareHistory()
            try await probe.expectPage(.latest, limit: 2, [9, 11], isEnd: false)
            try await probe.expectPage(.latest, limit: 5, [3, 5, 7, 9, 11], isEnd: true)
            try await probe.expectPage(.before(9), limit: 2, [5, 7], isEnd: false)
            try await probe.expectPage(.before(9), limit: 3, [3, 5, 7], isEnd: true)
            try await probe.expectPage(.before(10), limit: 1, [9], isEnd: false)
            try await probe.expectPage(.before(3), limit: 9, [], isEnd: true)
            try await probe.expectPage(.before(0), limit: 9, [], isEnd: true)
            try await probe.expectPage(.after(0), limit: 2, [3, 5], isEnd: false)
            try await probe.expectPage(.after(5), limit: 3, [7, 9, 11], isEnd: true)
            try await probe.expectPage(.after(6), limit: 2, [7, 9], isEnd: false)
            try await probe.expectPage(.after(11), limit: 2, [], isEnd: true)
        },
        StoreCheck("a page around a place") { probe in
            try await probe.prepareHistory()
            try await probe.expectPage(.around(7), limit: 3, [5, 7, 9], isEnd: false)
            try await probe.expectPage(.around(7), limit: 5, [3, 5, 7, 9, 11], isEnd: true)
            try await probe.expectPage(.around(7), limit: 1, [7], isEnd: false)
            try await probe.expectPage(.around(7), limit: 2, [5, 7], isEnd: false)
            try await probe.expectPage(.around(3), limit: 4, [3, 5, 7, 9], isEnd: false)
            try await probe.expectPage(.around(11), limit: 4, [7, 9, 11], isEnd: false)
            try await probe.expectPage(.around(8), limit: 2, [7, 9], isEnd: false)
        },
        StoreCheck("pages before, after and around a time") { probe in
            try await probe.prepareRoom()
            for (number, at) in [2_000, 3_000, 3_000, 3_000, 5_000].enumerated() {
                _ = try await probe.append(
                    probe.entry(.message(text: "\(number)", replyTo: nil), at: Int64(at)))
            }
            // At 3, 4, 5, 6, 7.
            func time(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
            try await probe.expectPage(.beforeTime(time(3_000)), limit: 2, [3], isEnd: true)
            try await probe.expectPage(.beforeTime(time(3_001)), limit: 2, [5, 6], isEnd: false)
            try await probe.expectPage(.afterTime(time(3_000)), limit: 2, [4, 5], isEnd: false)
            try await probe.expectPage(.afterTime(time(3_001)), limit: 2, [7], isEnd: true)
            try await probe.expectPage(.afterTime(time(5_000)), limit: 2, [7], isEnd: true)
            try await probe.expectPage(.afterTime(time(5_001)), limit: 2, [], isEnd: true)
            try await probe.expectPage(
                .beforeTime(time(9_000_000_000_000)), limit: 2, [6, 7], isEnd: false)
            try await probe.expectPage(.beforeTime(time(0)), limit: 2, [], isEnd: true)
            try await probe.expectPage(
                .afterTime(time(0)), limit: 9, [3, 4, 5, 6, 7], isEnd: true)
            try await probe.expectPage(.aroundTime(time(3_000)), limit: 3, [3, 4, 5], isEnd: false)
            try await probe.expectPage(.aroundTime(time(4_000)), limit: 3, [6, 7], isEnd: false)
            try await probe.expectPage(.aroundTime(time(9_000)), limit: 4, [6, 7], isEnd: false)
            let nowhere = HistoryQuery(
                room: RoomID(rawValue: 99), anchor: .aroundTime(time(1)), limit: 1)
            try probe.expect(
                await probe.store.history(nowhere), HistoryPage(messages: [], isEnd: true))
        },
        StoreCheck("messages that are rare among other events fill a page") { probe in
            try await probe.prepareRoom()
            var places: [SequenceNumber] = []
            for distance in [0, 1, 400, 30, 2, 90, 6] {
                places.append(try await probe.post("then \(distance)"))
                let others = (0..<distance).flatMap { _ in
                    [
                        probe.entry(.react(target: places[0], emoji: "+")),
                        probe.entry(.unreact(target: places[0], emoji: "+")),
                    ]
                }
                let outcomes = try await probe.store.append(AppendBatch(entries: others))
                try probe.expect(outcomes.count, others.count)
            }
            for limit in 1...8 {
                for count in 0...7 {
                    try await probe.expectPage(
                        count == 7 ? .latest : .before(places[count]), limit: limit,
                        places[..<count].suffix(limit), isEnd: count <= limit)
                    try await probe.expectPage(
                        .after(count == 0 ? 0 : places[count - 1]), limit: limit,
                        places[count...].prefix(limit), isEnd: 7 - count <= limit)
                }
            }
        },
        StoreCheck("places and limits out of range are no errors") { probe in
            try await probe.prepareHistory()
            let last = SequenceNumber(rawValue: .max)
            try await probe.expectPage(.before(last), limit: 1, [11], isEnd: false)
            try await probe.expectPage(.after(last), limit: 1, [], isEnd: true)
            try await probe.expectPage(.around(last), limit: 2, [11], isEnd: false)
            try await probe.expectPage(.latest, limit: 0, [11], isEnd: false)
            try await probe.expectPage(.latest, limit: .max, [3, 5, 7, 9, 11], isEnd: true)
            try await probe.expectPage(.after(0), limit: .max, [3, 5, 7, 9, 11], isEnd: true)
        },
        StoreCheck("a page shows each message as it is now") { probe in
            try await probe.prepareHistory()
            _ = try await probe.append(.edit(target: 5, text: "new"))
            _ = try await probe.append(.pin(target: 7))
            _ = try await probe.append(.delete(target: 9))
            let messages = try await probe.history().messages
            try probe.expect(messages.map(\.text), ["m3", "new", "m7", "", "m11"])
            try probe.expect(messages.map(\.isDeleted), [false, false, false, true, false])
            try probe.expect(messages.map(\.isPinned), [false, false, true, false, false])
            try probe.expect(messages.map(\.reactions.count), [1, 1, 1, 0, 1])
            try probe.expect(messages.map(\.clientID), ["k3", "k5", "k7", "k9", "k11"])
        },
    ]

    /// Users.
    static let userChecks: [StoreCheck] = [
        StoreCheck("a user is found by id and token") { probe in
            try await probe.addUsers()
            let ada = UserRecord(
                id: StoreProbe.ada, name: "Ada", token: "token-Ada", isNameKept: false)
            try probe.expect(await probe.store.user(StoreProbe.ada), ada)
            try probe.expect(await probe.store.user(token: "token-Ada"), ada)
            try probe.expect(await probe.store.user(UserID(rawValue: 99)), nil)
            try probe.expect(await probe.store.user(token: "token-ada"), nil)
            try probe.expect(await probe.store.user(token: ""), nil)
        },
        StoreCheck("a name belongs to its first holder") { probe in
            try await probe.addUsers()
            let twin = UserRecord(
                id: UserID(rawValue: 99), name: " aDA", token: "t", isNameKept: true)
            try probe.expect(await probe.store.addUser(twin).id, StoreProbe.ada)
            try probe.expect(await probe.store.user(twin.id), nil)
            let same = UserRecord(
                id: StoreProbe.ada, name: "Another", token: "t", isNameKept: true)
            try probe.expect(await probe.store.addUser(same).name, "Ada")
        },
        StoreCheck("an update changes the token and whether the name is kept") { probe in
            try await probe.addUsers()
            let change = UserRecord(
                id: StoreProbe.ada, name: "Ada", token: "new", isNameKept: true)
            try await probe.store.updateUser(change)
            try probe.expect(await probe.store.user(token: "new"), change)
            try probe.expect(await probe.store.user(token: "token-Ada"), nil)
            let stranger = UserRecord(
                id: UserID(rawValue: 99), name: "X", token: "x", isNameKept: true)
            try await probe.store.updateUser(stranger)
            try probe.expect(await probe.store.user(stranger.id), nil)
        },
    ]

    /// Opening, closing, calls at once.
    static let lifeChecks: [StoreCheck] = [
        StoreCheck("a closed store refuses calls as closed") { probe in
            await probe.store.close()
            do throws(StorageError) {
                _ = try await probe.store.user(StoreProbe.ada)
            } catch {
                return try probe.expect(error.code, .closed)
            }
            try probe.expect(false, "a closed store answered")
        },
        StoreCheck("many tasks at once get each place once") { probe in
            try await probe.prepareRoom()
            let seqs = try await withThrowingTaskGroup(of: [SequenceNumber].self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var seqs: [SequenceNumber] = []
                        for number in 0..<10 {
                            seqs.append(try await probe.post("\(task) \(number)"))
                        }
                        return seqs
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let expected = (3..<83).map { SequenceNumber(rawValue: $0) }
            try probe.expect(seqs.sorted(), expected)
            try probe.expect(await probe.events(after: 2).map(\.seq), expected)
        },
    ]
}

extension StoreProbe {
    fileprivate func prepareHistory() async throws {
        try await prepareRoom()
        for seq in stride(from: 3 as UInt64, through: 11, by: 2) {
            _ = try await append(
                entry(.message(text: "m\(seq)", replyTo: nil), key: "k\(seq)"))
            _ = try await append(
                .react(target: SequenceNumber(rawValue: seq), emoji: "e"), by: StoreProbe.bob)
        }
    }

    fileprivate func expectPage(
        _ anchor: HistoryQuery.Anchor, limit: Int, _ seqs: ArraySlice<SequenceNumber>,
        isEnd: Bool, line: UInt = #line
    ) async throws {
        let page = try await history(anchor, limit: limit)
        try expect(page.messages.map(\.seq), Array(seqs), line: line)
        try expect(page.isEnd == isEnd, "isEnd is \(page.isEnd) at \(anchor)", line: line)
    }
}
