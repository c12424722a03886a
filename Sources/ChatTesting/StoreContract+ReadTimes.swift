// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// When members read what.
    static let readTimeChecks: [StoreCheck] = [
        StoreCheck("each message has the time at which a member's mark passed it") { probe in
            try await probe.prepareMessages(8)
            try await probe.read(StoreProbe.bob, upTo: 4, at: 10)
            try await probe.read(StoreProbe.bob, upTo: 7, at: 20)
            try await probe.read(StoreProbe.ada, upTo: 6, at: 30)
            for (seq, bob, ada) in [(1, 10, 30), (4, 10, 30), (5, 20, 30), (6, 20, 30)] {
                try await probe.expectRead(seq, [StoreProbe.bob: bob, StoreProbe.ada: ada])
            }
            try await probe.expectRead(7, [StoreProbe.bob: 20])
            try await probe.expectRead(8, [:])
        },
        StoreCheck("only an advance of the read mark has a time, capped by the head") { probe in
            try await probe.prepareMessages(8)
            try await probe.read(StoreProbe.bob, upTo: 99, at: 10)
            try await probe.read(StoreProbe.bob, upTo: 8, at: 20)
            try await probe.read(StoreProbe.bob, upTo: 3, at: 30)
            let delivered = ReceiptUpdate(
                room: StoreProbe.room, user: StoreProbe.ada, delivered: 8, read: .none,
                readAt: StoreProbe.time(40))
            _ = try await probe.store.append(AppendBatch(receipts: [delivered]))
            try await probe.expectRead(8, [StoreProbe.bob: 10])
            try await probe.expectTimes(StoreProbe.bob, [(0, 8, 10)])
            try await probe.expectTimes(StoreProbe.ada, [])
        },
        StoreCheck("what was read without a time gets none from what was read later") { probe in
            try await probe.prepareMessages(8)
            try await probe.receipt(of: StoreProbe.bob, delivered: 5, read: 5)
            try await probe.read(StoreProbe.bob, upTo: 8, at: 20)
            try await probe.expectRead(5, [:])
            try await probe.expectRead(6, [StoreProbe.bob: 20])
        },
        StoreCheck("nobody else and no other room is told of") { probe in
            try await probe.prepareMessages(8)
            try await probe.read(StoreProbe.cyd, upTo: 8, at: 10)
            try await probe.read(StoreProbe.bob, upTo: 8, at: 20)
            try await probe.expectRead(8, [StoreProbe.bob: 20])
            let other = try await probe.store.readTimes(of: 1, in: StoreProbe.other)
            try probe.expect(other, [:])
            try await probe.expectTimes(StoreProbe.cyd, [])
        },
        StoreCheck("a member's times are read in pages") { probe in
            try await probe.prepareMessages(8)
            for seq in 3...7 { try await probe.read(StoreProbe.bob, upTo: seq, at: seq) }
            try await probe.expectTimes(
                StoreProbe.bob, [(0, 3, 3), (3, 4, 4), (4, 5, 5), (5, 6, 6), (6, 7, 7)])
            let page = try await probe.store.readTimes(
                by: StoreProbe.bob, in: StoreProbe.room, after: 4, limit: 2)
            try probe.expect(page.map(\.seq), [5, 6])
        },
    ]

    /// How times of reading end.
    static let readTimeEndChecks: [StoreCheck] = [
        StoreCheck("old times go, in slices, and leave nothing wrong behind") { probe in
            try await probe.prepareMessages(8)
            for seq in 3...7 { try await probe.read(StoreProbe.bob, upTo: seq, at: seq * 10) }
            func remove(limit: Int) async throws -> Int {
                try await probe.store.removeReadTimes(before: StoreProbe.time(60), limit: limit)
            }
            try await probe.expect(remove(limit: 2), 2)
            try await probe.expect(remove(limit: 2), 1)
            try await probe.expect(remove(limit: 2), 0)
            try await probe.expectRead(5, [:])
            try await probe.expectRead(6, [StoreProbe.bob: 60])
            try await probe.expectTimes(StoreProbe.bob, [(5, 6, 60), (6, 7, 70)])
        },
        StoreCheck("times go with a membership") { probe in
            try await probe.prepareMessages(8)
            for end in [
                LogChange.leave(user: StoreProbe.bob, reason: .left, logged: true),
                .ban(user: StoreProbe.bob, Ban(until: StoreProbe.time(9_000), reason: "")),
            ] {
                try await probe.read(StoreProbe.bob, upTo: 5, at: 10)
                try await probe.expectRead(5, [StoreProbe.bob: 10])
                _ = try await probe.append(end, isModerator: true)
                try await probe.expectRead(5, [:])
                try await probe.expectTimes(StoreProbe.bob, [])
                _ = try await probe.append(.unban(user: StoreProbe.bob), isModerator: true)
                let join = LogChange.join(user: StoreProbe.bob, role: .member, logged: true)
                guard case .stored = try await probe.append(join, by: StoreProbe.bob) else {
                    return try probe.expect(false, "Bob does not come back")
                }
                try await probe.expectRead(5, [:])
                try await probe.expectTimes(StoreProbe.bob, [])
            }
        },
        StoreCheck("times go with the messages that they are about") { probe in
            try await probe.prepareMessages(8)
            for seq in [3, 5, 8] { try await probe.read(StoreProbe.bob, upTo: seq, at: seq) }
            try await probe.read(StoreProbe.ada, upTo: 4, at: 4)
            while try await probe.store.trim(StoreProbe.room, through: 5, limit: 2)?.isDone == false
            {}
            try await probe.expectTimes(StoreProbe.bob, [(5, 8, 8)])
            try await probe.expectTimes(StoreProbe.ada, [])
            try await probe.expectRead(6, [StoreProbe.bob: 8])
        },
        StoreCheck("times go with their room, before it is swept and after") { probe in
            try await probe.prepareMessages(8)
            try await probe.read(StoreProbe.bob, upTo: 8, at: 10)
            _ = try await probe.store.deleteRoom(StoreProbe.room)
            try await probe.expectRead(8, [:])
            try await probe.expectTimes(StoreProbe.bob, [])
            while try await !probe.store.sweep(limit: 3).isDone {}
            let record = RoomRecord(
                id: StoreProbe.room, name: "Room", createdAt: StoreProbe.time(5_000))
            _ = try await probe.store.createRoom(record, owner: StoreProbe.bob)
            try await probe.expectTimes(StoreProbe.bob, [])
            let left = try await probe.store.removeReadTimes(
                before: StoreProbe.time(99), limit: 9)
            try probe.expect(left, 0)
        },
        StoreCheck("times go with an erased user, and only theirs") { probe in
            try await probe.prepareMessages(8)
            try await probe.read(StoreProbe.bob, upTo: 8, at: 10)
            try await probe.read(StoreProbe.ada, upTo: 8, at: 20)
            _ = try await probe.store.beginErasure(of: StoreProbe.bob)
            while try await probe.store.erase(limit: 3) != nil {}
            try await probe.expectRead(8, [StoreProbe.ada: 20])
            try await probe.expectTimes(StoreProbe.bob, [])
        },
    ]

    /// More times than one transaction removes.
    static let manyReadTimesChecks: [StoreCheck] = [
        StoreCheck("who had very many times and comes back begins anew") { probe in
            try await probe.prepareManyTimes()
            _ = try await probe.append(
                .leave(user: StoreProbe.bob, reason: .left, logged: true), by: StoreProbe.bob)
            _ = try await probe.append(
                .join(user: StoreProbe.bob, role: .member, logged: true), by: StoreProbe.bob)
            try await probe.expectTimes(StoreProbe.bob, [])
            try await probe.read(StoreProbe.bob, upTo: 1_203, at: 7)
            try await probe.expectTimes(StoreProbe.bob, [(0, 1_203, 7)])
        },
        StoreCheck("very many times of an erased user go") { probe in
            try await probe.prepareManyTimes()
            for seq in 1...2 { try await probe.read(StoreProbe.ada, upTo: seq, at: seq) }
            _ = try await probe.store.beginErasure(of: StoreProbe.bob)
            while try await probe.store.erase(limit: 500) != nil {}
            try await probe.expectTimesLeft(2)
        },
        StoreCheck("very many times go with the messages that they are about") { probe in
            try await probe.prepareManyTimes()
            while try await probe.store.trim(StoreProbe.room, through: 1_190, limit: 49)?.isDone
                == false
            {}
            try probe.expect(await probe.events().count, 13)
            try await probe.expectTimesLeft(13)
        },
    ]
}

extension StoreProbe {
    /// A room of Ada and Bob in which Bob has read every place from 3 to 1 203 one by one.
    fileprivate func prepareManyTimes() async throws {
        try await prepareMessages(1_203)
        for seq in 3...1_203 { try await read(Self.bob, upTo: seq, at: seq) }
    }

    /// Counts what is kept, by removing it.
    fileprivate func expectTimesLeft(_ count: Int, line: UInt = #line) async throws {
        let left = try await store.removeReadTimes(before: Self.time(1 << 40), limit: 100_000)
        try expect(left, count, line: line)
    }

    /// A room of Ada and Bob whose head is `head`.
    fileprivate func prepareMessages(_ head: Int) async throws {
        try await prepareRoom()
        let entries = (3...head).map { number in
            entry(.message(text: "message \(number)", replyTo: nil))
        }
        _ = try await store.append(AppendBatch(entries: entries))
    }

    fileprivate func read(_ user: UserID, upTo seq: Int, at milliseconds: Int) async throws {
        let seq = SequenceNumber(rawValue: UInt64(seq))
        let update = ReceiptUpdate(
            room: Self.room, user: user, delivered: seq, read: seq,
            readAt: Self.time(Int64(milliseconds)))
        _ = try await store.append(AppendBatch(receipts: [update]))
    }

    fileprivate func expectRead(
        _ seq: Int, _ times: [UserID: Int], line: UInt = #line
    ) async throws {
        let found = try await store.readTimes(
            of: SequenceNumber(rawValue: UInt64(seq)), in: Self.room)
        try expect(found, times.mapValues { Self.time(Int64($0)) }, line: line)
    }

    fileprivate func expectTimes(
        _ user: UserID, _ times: [(Int, Int, Int)], line: UInt = #line
    ) async throws {
        let found = try await store.readTimes(by: user, in: Self.room, after: .none, limit: 2_000)
        let expected = times.map { previous, seq, at in
            ReadTime(
                previous: SequenceNumber(rawValue: UInt64(previous)),
                seq: SequenceNumber(rawValue: UInt64(seq)), at: Self.time(Int64(at)))
        }
        try expect(found, expected, line: line)
    }
}
