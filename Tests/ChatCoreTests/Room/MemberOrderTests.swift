// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct MemberOrderTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `pages of a large room stay in order while members come, go and rise`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var limits = Limits()
        limits.smallRoomMembers = 2
        var machine = roomMachine([], limits: limits)
        var model: [UserID: (name: String, role: Role)] = [:]
        for step in 0..<1_000 {
            let user = UserID(rawValue: UInt64.random(in: 1..<40, using: &generator))
            let name = "name \(Int.random(in: 0..<5, using: &generator))"
            let change: LogChange
            switch (model[user], Int.random(in: 0..<4, using: &generator)) {
            case (nil, _), (_, 0):
                change = .join(user: user, role: .member, logged: false)
                model[user] = (name, .member)
            case (_, 1):
                change = .leave(user: user, reason: .left, logged: false)
                model[user] = nil
            default:
                let role = Role.allCases.randomElement(using: &generator) ?? .member
                if role == .owner {
                    for (other, entry) in model where entry.role == .owner {
                        model[other]?.role = .admin
                    }
                }
                change = .role(user: user, role: role)
                model[user]?.role = role
            }
            machine.committed(
                change, by: user, named: name, seq: SequenceNumber(rawValue: UInt64(step + 1)),
                at: Timestamp(milliseconds: 0))
            // Not at every step, so that the order is kept through several changes.
            guard step % 3 == 0 else { continue }
            let expected = model.sorted { left, right in
                if left.value.role != right.value.role { return left.value.role > right.value.role }
                return (left.value.name, left.key) < (right.value.name, right.key)
            }
            let members = machine.members(offset: 0, limit: 100)
            #expect(members.map(\.user.id) == expected.map(\.key))
            #expect(members.map(\.role) == expected.map(\.value.role))
        }
    }
}
