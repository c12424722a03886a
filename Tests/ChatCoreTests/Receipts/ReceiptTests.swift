// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct ReceiptTests {
    /// A room with Alice at delivered 5, read 3, and Bob and Carol at nothing.
    static func room() -> any ReceiptTracking {
        var machine: any ReceiptTracking = ReceiptMachine(intervalMilliseconds: 100)
        machine.addMember(alice, delivered: 5, read: 3)
        machine.addMember(bob, delivered: 0, read: 0)
        machine.addMember(carol, delivered: 0, read: 0)
        return machine
    }

    @Test(
        arguments: [
            (nil, nil, .unchanged(delivered: 5, read: 3)),
            (4, nil, .unchanged(delivered: 5, read: 3)),
            (5, nil, .unchanged(delivered: 5, read: 3)),
            (6, nil, .advance(delivered: 6, read: 3)),
            (nil, 2, .unchanged(delivered: 5, read: 3)),
            (nil, 3, .unchanged(delivered: 5, read: 3)),
            (nil, 4, .advance(delivered: 5, read: 4)),
            (nil, 7, .advance(delivered: 7, read: 7)),
            (6, 4, .advance(delivered: 6, read: 4)),
            (1, 4, .advance(delivered: 5, read: 4)),
            (8, 8, .advance(delivered: 8, read: 8)),
            (9, nil, .advance(delivered: 8, read: 3)),
            (nil, 9, .advance(delivered: 8, read: 8)),
            (9, 1, .advance(delivered: 8, read: 3)),
        ] as [(SequenceNumber?, SequenceNumber?, ReceiptProposal)])
    func `a proposal moves forward, up to the head, and changes nothing`(
        delivered: SequenceNumber?, read: SequenceNumber?, expected: ReceiptProposal
    ) {
        let machine = Self.room()
        #expect(machine.propose(alice, delivered: delivered, read: read, head: 8) == expected)
        #expect(machine.marks(of: alice) == ReceiptMark(user: alice, delivered: 5, read: 3))
    }

    @Test(
        arguments: [
            (4, 2, false, 5, 3), (5, 3, false, 5, 3), (6, 3, true, 6, 3), (5, 4, true, 5, 4),
            (0, 7, true, 7, 7), (9, 0, true, 9, 3),
        ] as [(SequenceNumber, SequenceNumber, Bool, SequenceNumber, SequenceNumber)])
    func `a commit merges by maximum and tells whether anything moved`(
        delivered: SequenceNumber, read: SequenceNumber, moves: Bool,
        newDelivered: SequenceNumber, newRead: SequenceNumber
    ) {
        var machine = Self.room()
        #expect(machine.commit(alice, delivered: delivered, read: read) == moves)
        let marks = ReceiptMark(user: alice, delivered: newDelivered, read: newRead)
        #expect(machine.marks(of: alice) == marks)
        #expect(machine.takeChanges(now: at(0)) == (moves ? [marks] : []))
    }

    @Test func `whoever is not a member has no marks and cannot move any`() {
        var machine = Self.room()
        machine.removeMember(alice)
        #expect(machine.propose(alice, delivered: 9, read: 9, head: 9) == .notMember)
        #expect(machine.commit(alice, delivered: 9, read: 9) == false)
        #expect(machine.marks(of: alice) == nil)
        #expect(machine.nextDeadline == nil)
    }

    @Test func `adding a member again merges and is no change`() {
        var machine = Self.room()
        machine.addMember(alice, delivered: 4, read: 4)
        #expect(machine.marks(of: alice) == ReceiptMark(user: alice, delivered: 5, read: 4))
        #expect(machine.nextDeadline == nil)
    }

    @Test func `stored marks that break the rule are mended`() {
        var machine = ReceiptMachine(intervalMilliseconds: 100)
        machine.addMember(alice, delivered: 1, read: 4)
        #expect(machine.marks(of: alice) == ReceiptMark(user: alice, delivered: 4, read: 4))
    }

    @Test func `changes of many users go out together, once, in user order`() {
        var machine = Self.room()
        _ = machine.commit(carol, delivered: 2, read: 1)
        _ = machine.commit(bob, delivered: 1, read: 0)
        _ = machine.commit(carol, delivered: 3, read: 3)
        let changes = machine.takeChanges(now: at(0))
        #expect(
            changes == [
                ReceiptMark(user: bob, delivered: 1, read: 0),
                ReceiptMark(user: carol, delivered: 3, read: 3),
            ])
        #expect(machine.takeChanges(now: at(1_000)) == [])
    }

    @Test func `the first change is due at once, the next after the interval exactly`() throws {
        var machine = Self.room()
        #expect(machine.nextDeadline == nil)
        _ = machine.commit(bob, delivered: 1, read: 0)
        #expect(machine.nextDeadline == .zero)
        #expect(machine.takeChanges(now: at(50)).count == 1)
        _ = machine.commit(bob, delivered: 2, read: 0)
        let deadline = try #require(machine.nextDeadline)
        #expect(deadline == at(150))
        let justBefore = ChatInstant(nanoseconds: deadline.nanoseconds - 1)
        #expect(machine.takeChanges(now: justBefore) == [])
        #expect(machine.nextDeadline == deadline)
        #expect(machine.takeChanges(now: deadline).count == 1)
        #expect(machine.nextDeadline == nil)
    }

    @Test func `asking for changes when there are none starts no interval`() {
        var machine = Self.room()
        #expect(machine.takeChanges(now: at(50)) == [])
        _ = machine.commit(bob, delivered: 2, read: 0)
        #expect(machine.takeChanges(now: at(51)).count == 1)
    }

    @Test func `a new interval applies to changes that wait`() {
        var machine = Self.room()
        _ = machine.commit(bob, delivered: 1, read: 0)
        _ = machine.takeChanges(now: at(0))
        _ = machine.commit(bob, delivered: 2, read: 0)
        machine.setInterval(milliseconds: 1_500)
        #expect(machine.nextDeadline == at(1_500))
    }

    @Test func `the interval of a room follows its size, at the limit and above`() {
        let timings = ReceiptTimings()
        #expect(timings.receiptIntervalMilliseconds(members: 100, smallRoomMembers: 100) == 100)
        #expect(timings.receiptIntervalMilliseconds(members: 101, smallRoomMembers: 100) == 1_500)
    }

    @Test func `the status of a message counts everybody but its sender`() {
        let machine = Self.room()
        #expect(machine.status(of: 3, by: bob) == .read)
        #expect(machine.status(of: 4, by: bob) == .delivered)
        #expect(machine.status(of: 6, by: bob) == .sent)
        #expect(machine.status(of: 3, by: alice) == .sent)
        #expect(MessageStatus.allCases.map(\.name) == ["sent", "delivered", "read"])
    }

    @Test func `readers are everybody but the sender, in user order`() {
        var machine = Self.room()
        _ = machine.commit(carol, delivered: 3, read: 3)
        #expect(machine.readers(of: 3, excluding: bob) == [alice, carol])
        #expect(machine.readers(of: 3, excluding: alice) == [carol])
        #expect(machine.readers(of: 4, excluding: bob) == [])
    }

    @Test func `the summary names the furthest two of each kind, and nobody at zero`() {
        var machine = Self.room()
        #expect(machine.summary() == [ReceiptMark(user: alice, delivered: 5, read: 3)])
        _ = machine.commit(bob, delivered: 9, read: 0)
        _ = machine.commit(carol, delivered: 7, read: 7)
        machine.addMember(UserID(rawValue: 4), delivered: 4, read: 1)
        #expect(machine.summary().map(\.user) == [alice, bob, carol])
    }
}
