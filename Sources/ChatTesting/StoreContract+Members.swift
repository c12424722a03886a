// SPDX-License-Identifier: MIT

import ChatCore

extension StoreContract {
    /// Joining, leaving, roles, receipts, unread counts.
    static let memberChecks: [StoreCheck] = [
        StoreCheck("a new member has received nothing yet, and nothing older is unread") { probe in
            try await probe.prepareRoom()
            try await probe.post("before")
            let join = LogChange.join(user: StoreProbe.cyd, role: .member, logged: true)
            try await probe.expectStored(probe.entry(join, by: StoreProbe.cyd), 4)
            let member = try await probe.member(StoreProbe.cyd)
            try probe.expect([member.read, member.delivered, member.joinedAfter], [0, 0, 4])
            try probe.expect(member.name, "Cyd")
            try probe.expect(await probe.unread(StoreProbe.cyd), 0)
            try probe.expect(await probe.append(join), .unchanged)
            let members = try await probe.snapshot().members.map(\.user)
            try probe.expect(members, [StoreProbe.ada, StoreProbe.bob, StoreProbe.cyd])
        },
        StoreCheck("an unlogged join and leave change only the list") { probe in
            try await probe.prepareRoom()
            let time = StoreProbe.time(2_000)
            let joined = try await probe.append(
                .join(user: StoreProbe.cyd, role: .member, logged: false))
            try probe.expect(joined, .stored(seq: 2, at: time))
            try probe.expect(await probe.member(StoreProbe.cyd).joinedAfter, 2)
            try probe.expect(await probe.snapshot().room.memberCount, 3)
            let left = try await probe.append(
                .leave(user: StoreProbe.cyd, reason: .left, logged: false))
            try probe.expect(left, .stored(seq: 2, at: time))
            try probe.expect(await probe.snapshot().room.memberCount, 2)
            try probe.expect(await probe.events().count, 2)
        },
        StoreCheck("who is no member cannot leave or get a role") { probe in
            try await probe.prepareRoom()
            let leave = LogChange.leave(user: StoreProbe.cyd, reason: .left, logged: true)
            try await probe.expectRefused(leave, .notMember)
            try await probe.expectRefused(
                .role(user: StoreProbe.cyd, role: .admin), .notMember)
        },
        StoreCheck("a full room refuses joins") { probe in
            try await probe.prepareRoom()
            _ = try await probe.append(.room(RoomChanges(maximumMembers: 2)))
            try await probe.expectRefused(
                .join(user: StoreProbe.cyd, role: .member, logged: true), .roomFull)
            _ = try await probe.append(.room(RoomChanges(maximumMembers: 3)))
            try await probe.expectStored(
                probe.entry(.join(user: StoreProbe.cyd, role: .member, logged: true)), 5)
        },
        StoreCheck("a new owner makes the present one an admin") { probe in
            try await probe.prepareRoom()
            let change = LogChange.role(user: StoreProbe.bob, role: .owner)
            try await probe.expectStored(probe.entry(change), 3)
            try probe.expect(await probe.member(StoreProbe.ada).role, .admin)
            try probe.expect(await probe.member(StoreProbe.bob).role, .owner)
            try probe.expect(await probe.append(change), .unchanged)
        },
        StoreCheck("receipts only move forward and stop at the head") { probe in
            try await probe.prepareRoom()
            for number in 0..<3 { try await probe.post("\(number)") }
            try await probe.receipt(of: StoreProbe.bob, delivered: 4, read: 3)
            try await probe.receipt(of: StoreProbe.bob, delivered: 3, read: 2)
            let bob = try await probe.member(StoreProbe.bob)
            try probe.expect([bob.delivered, bob.read], [4, 3])
            try await probe.receipt(of: StoreProbe.bob, delivered: 0, read: 5)
            let read = try await probe.member(StoreProbe.bob)
            try probe.expect([read.delivered, read.read], [5, 5])
            let last = SequenceNumber(rawValue: .max)
            try await probe.receipt(of: StoreProbe.ada, delivered: last, read: last)
            let ada = try await probe.member(StoreProbe.ada)
            try probe.expect([ada.delivered, ada.read], [5, 5])
        },
        StoreCheck("receipts of others and of unknown rooms are ignored") { probe in
            try await probe.prepareRoom()
            try await probe.receipt(of: StoreProbe.cyd, delivered: 2, read: 2)
            try probe.expect(await probe.snapshot().members.count, 2)
            let lost = ReceiptUpdate(
                room: StoreProbe.other, user: StoreProbe.ada, delivered: 1, read: 1)
            try probe.expect(await probe.store.append(AppendBatch(receipts: [lost])), [])
        },
        StoreCheck("receipts of a batch come after its entries") { probe in
            try await probe.prepareRoom()
            let receipt = ReceiptUpdate(
                room: StoreProbe.room, user: StoreProbe.bob, delivered: 3, read: 3)
            _ = try await probe.store.append(
                AppendBatch(
                    entries: [probe.entry(.message(text: "x", replyTo: nil))],
                    receipts: [receipt]))
            try probe.expect(await probe.member(StoreProbe.bob).read, 3)
        },
        StoreCheck("unread counts messages of others that are not deleted") { probe in
            try await probe.prepareRoom()
            let first = try await probe.post("a")
            try await probe.post("b", by: StoreProbe.bob)
            try await probe.post("c")
            _ = try await probe.append(.react(target: first, emoji: "e"))
            try probe.expect(await probe.unread(StoreProbe.bob), 2)
            try probe.expect(await probe.unread(StoreProbe.ada), 1)
            _ = try await probe.append(.delete(target: first))
            try probe.expect(await probe.unread(StoreProbe.bob), 1)
            try await probe.receipt(of: StoreProbe.bob, delivered: 7, read: 7)
            try probe.expect(await probe.unread(StoreProbe.bob), 0)
        },
        StoreCheck("who leaves and comes back starts anew") { probe in
            try await probe.prepareRoom()
            _ = try await probe.append(
                .leave(user: StoreProbe.bob, reason: .left, logged: true))
            try probe.expect(await probe.store.memberships(of: StoreProbe.bob), [])
            try await probe.post("while away")
            try await probe.expectStored(
                probe.entry(.join(user: StoreProbe.bob, role: .member, logged: true)), 5)
            try probe.expect(await probe.unread(StoreProbe.bob), 0)
        },
        StoreCheck("memberships are ordered by room") { probe in
            try await probe.prepareRoom()
            let high = RoomRecord(
                id: StoreProbe.other, name: "High", createdAt: StoreProbe.time(0))
            _ = try await probe.store.createRoom(high, owner: StoreProbe.ada)
            let low = RoomRecord(
                id: RoomID(rawValue: 3), name: "Low", createdAt: StoreProbe.time(0))
            _ = try await probe.store.createRoom(low, owner: StoreProbe.ada)
            let rooms = try await probe.store.memberships(of: StoreProbe.ada)
            try probe.expect(rooms.map(\.room.id), [low.id, StoreProbe.room, high.id])
            try probe.expect(rooms.map(\.role), [.owner, .owner, .owner])
        },
    ]
}
