// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct ReceiptSmallWorldTests {
    enum Event {
        case add(UserID, SequenceNumber, SequenceNumber)
        case remove(UserID)
        case commit(UserID, SequenceNumber, SequenceNumber)
        case take
        case wait(Int64)
    }

    /// Answers from the whole history: marks are the maximum of all that was said since the last
    /// leave.
    struct Model {
        var history: [Event]
        static let interval: Int64 = 10

        var now: Int64 {
            history.reduce(0) { if case .wait(let step) = $1 { $0 + step } else { $0 } }
        }

        func isMember(_ user: UserID) -> Bool {
            for event in history.reversed() {
                if case .add(user, _, _) = event { return true }
                if case .remove(user) = event { return false }
            }
            return false
        }

        func mark(of user: UserID) -> ReceiptMark? {
            guard isMember(user) else { return nil }
            var said: [(SequenceNumber, SequenceNumber)] = []
            var isMember = false
            for event in history {
                switch event {
                case .add(user, let delivered, let read):
                    isMember = true
                    said.append((delivered, read))
                case .remove(user):
                    isMember = false
                    said = []
                case .commit(user, let delivered, let read):
                    if isMember { said.append((delivered, read)) }
                case .add, .remove, .commit, .take, .wait: break
                }
            }
            let read = said.map(\.1).max() ?? 0
            return ReceiptMark(
                user: user, delivered: max(said.map(\.0).max() ?? 0, read), read: read)
        }

        func earlier(_ count: Int) -> Model { Model(history: Array(history.prefix(count))) }

        /// Who moved by a commit in step `index` (counted from 0).
        func mover(in index: Int) -> UserID? {
            guard case .commit(let user, _, _) = history[index] else { return nil }
            return earlier(index).mark(of: user) == earlier(index + 1).mark(of: user) ? nil : user
        }

        /// The steps in which changes went out.
        var sets: [Int] {
            var sets: [Int] = []
            for index in history.indices {
                guard case .take = history[index] else { continue }
                let now = earlier(index).now
                if let last = sets.last, now < earlier(last).now + Self.interval { continue }
                if !pending(from: sets.last ?? 0, to: index).isEmpty { sets.append(index) }
            }
            return sets
        }

        func pending(from: Int, to end: Int) -> [UserID] {
            users.filter { user in
                guard let last = (from..<end).last(where: { mover(in: $0) == user }) else {
                    return false
                }
                return (last..<end).allSatisfy {
                    if case .remove(user) = history[$0] { false } else { true }
                }
            }
        }

        var nextDeadline: Int64? {
            let sets = sets
            guard !pending(from: sets.last ?? 0, to: history.count).isEmpty else { return nil }
            return sets.last.map { earlier($0).now + Self.interval } ?? 0
        }

        var changes: [ReceiptMark] {
            guard sets.last == history.count - 1 else { return [] }
            let from = sets.dropLast().last ?? 0
            return pending(from: from, to: history.count - 1).compactMap(mark)
        }

        func status(of seq: SequenceNumber, by sender: UserID) -> MessageStatus {
            let others = users.filter { $0 != sender }.compactMap(mark)
            if others.contains(where: { $0.read >= seq }) { return .read }
            return others.contains { $0.delivered >= seq } ? .delivered : .sent
        }

        func readers(of seq: SequenceNumber, excluding sender: UserID) -> [UserID] {
            users.compactMap(mark).filter { $0.user != sender && $0.read >= seq }.map(\.user)
        }
    }

    @Test func `the machine agrees with the model after every sequence of five events`() throws {
        let alphabet: [Event] = [
            .add(alice, 0, 0), .add(bob, 1, 2), .remove(alice), .remove(bob),
            .commit(alice, 1, 0), .commit(alice, 0, 2), .commit(bob, 3, 0), .take, .wait(10),
        ]
        let machine = ReceiptMachine(intervalMilliseconds: Model.interval)
        try forEverySequence(of: alphabet, depth: 5, from: machine) { machine, history in
            let model = Model(history: history)
            switch history[history.count - 1] {
            case .add(let user, let delivered, let read):
                machine.addMember(user, delivered: delivered, read: read)
            case .remove(let user): machine.removeMember(user)
            case .commit(let user, let delivered, let read):
                let moved = machine.commit(user, delivered: delivered, read: read)
                try check(
                    moved, model.mover(in: history.count - 1) != nil, "moved", after: history)
            case .take:
                let changes = machine.takeChanges(now: at(model.now))
                try check(changes, model.changes, "changes", after: history)
            case .wait: break
            }
            try check(users.map(machine.marks), users.map(model.mark), "marks", after: history)
            try check(machine.nextDeadline, model.nextDeadline.map(at), "deadline", after: history)
            for seq in [1, 2, 3] as [SequenceNumber] {
                try check(
                    users.map { machine.status(of: seq, by: $0) },
                    users.map { model.status(of: seq, by: $0) }, "status", after: history)
                try check(
                    machine.readers(of: seq, excluding: alice),
                    model.readers(of: seq, excluding: alice), "readers", after: history)
            }
        }
    }
}
