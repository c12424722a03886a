// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct LeadingMarksTests {
    /// More members than are kept as leaders, so that scans and everything around them happen.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `in a large room the leaders are those of a full sort`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var machine = ReceiptMachine()
        var model: [UserID: ReceiptMark] = [:]
        for step in 0..<3_000 {
            let user = UserID(rawValue: UInt64.random(in: 0..<100, using: &generator))
            let read = SequenceNumber(rawValue: UInt64.random(in: 0..<50, using: &generator))
            let delivered = SequenceNumber(rawValue: UInt64.random(in: 0..<60, using: &generator))
            // Many join first, then more leave than join.
            let joins = step < 500 ? 7 : 2
            switch Int.random(in: 0..<10, using: &generator) {
            case ..<joins:
                machine.addMember(user, delivered: delivered, read: read)
                model[user] = Self.merge(model[user], user, delivered, read)
            case 7, 8:
                let leaver = Bool.random(using: &generator) ? user : Self.best(model).first ?? user
                machine.removeMember(leaver)
                model[leaver] = nil
            default:
                _ = machine.commit(user, delivered: delivered, read: read)
                if model[user] != nil {
                    model[user] = Self.merge(model[user], user, delivered, read)
                }
            }
            #expect(machine.summary().map(\.user) == Self.summary(model), "seed \(seed), \(step)")
            let sender = Self.best(model).first ?? user
            let highest = model.values.filter { $0.user != sender }.map(\.read).max() ?? 0
            #expect((machine.status(of: highest.next, by: sender) == .read) == false)
            if highest > .none { #expect(machine.status(of: highest, by: sender) == .read) }
        }
    }

    @Test func `a large room may empty from the front`() {
        var machine = ReceiptMachine()
        let everybody = (1...500 as ClosedRange<UInt64>).map(UserID.init(rawValue:))
        for user in everybody { machine.addMember(user, delivered: 9, read: 9) }
        for (index, user) in everybody.enumerated() {
            #expect(machine.summary().map(\.user) == Array(everybody[index...].prefix(2)))
            machine.removeMember(user)
        }
        #expect(machine.summary() == [])
    }

    @Test func `the last known leader stays one when they move`() {
        var machine = ReceiptMachine()
        let everybody = (1...40 as ClosedRange<UInt64>).map(UserID.init(rawValue:))
        for user in everybody { machine.addMember(user, delivered: 9, read: 9) }
        // Thirty of the 32 known leaders leave; the other two, 31 and 32, are all that is known.
        for user in everybody.prefix(30) { machine.removeMember(user) }
        _ = machine.commit(everybody[30], delivered: 20, read: 20)
        _ = machine.commit(everybody[31], delivered: 10, read: 10)
        #expect(machine.summary().map(\.user) == [everybody[30], everybody[31]])
        #expect(machine.status(of: 10, by: everybody[30]) == .read)
    }

    static func merge(
        _ old: ReceiptMark?, _ user: UserID, _ delivered: SequenceNumber, _ read: SequenceNumber
    ) -> ReceiptMark {
        let newRead = max(old?.read ?? 0, read)
        return ReceiptMark(
            user: user, delivered: max(old?.delivered ?? 0, delivered, newRead), read: newRead)
    }

    static func best(_ model: [UserID: ReceiptMark]) -> [UserID] {
        model.values.sorted { ($1.read, $0.user) < ($0.read, $1.user) }.map(\.user)
    }

    static func summary(_ model: [UserID: ReceiptMark]) -> [UserID] {
        let readers = best(model).prefix(2).filter { model[$0].map { $0.read > 0 } ?? false }
        let receivers = model.values.sorted { ($1.delivered, $0.user) < ($0.delivered, $1.user) }
            .prefix(2).filter { $0.delivered > 0 }.map(\.user)
        return Set(readers + receivers).sorted()
    }
}
