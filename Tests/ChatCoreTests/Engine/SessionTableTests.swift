// SPDX-License-Identifier: MIT

import Testing

@testable import ChatCore

@Suite struct SessionTableTests {
    private final class Resident: SlotResident {
        let id: SessionID
        init(_ id: SessionID) { self.id = id }
    }

    @Test func `a slot is used again, and an old id does not reach who got it`() {
        var table = SessionTable<Resident>()
        let old = table.insert(shard: 3) { Resident($0) }
        let other = table.insert(shard: 3) { Resident($0) }
        #expect(old.id.shard == 3)
        #expect(table[old.id] === old)
        #expect(table.count == 2)
        table.remove(old.id)
        #expect(table[old.id] == nil)
        let new = table.insert(shard: 3) { Resident($0) }
        let slot = SessionTable<Resident>.slot(of: new.id)
        #expect(slot == SessionTable<Resident>.slot(of: old.id))
        #expect(table[slot: slot] === new)
        #expect(table[old.id] == nil)
        table.remove(old.id)
        #expect(table[new.id] === new)
        #expect(table[other.id] === other)
        #expect(table.values.count { _ in true } == 2)
        #expect(table[SessionID(shard: 3, number: 999)] == nil)
    }

    @Test func `a user's sessions are known in the order in which they came`() {
        var sessions = UserSessions()
        let ids = (1...3).map { SessionID(shard: 0, number: $0) }
        for id in ids { sessions.insert(id, of: alice) }
        sessions.insert(SessionID(shard: 0, number: 9), of: bob)
        #expect(sessions[alice] == ids)
        sessions.remove(ids[0], of: alice)
        #expect(sessions[alice] == [ids[1], ids[2]])
        sessions.remove(ids[2], of: alice)
        sessions.remove(ids[2], of: bob)
        #expect(sessions[alice] == [ids[1]])
        sessions.remove(ids[1], of: alice)
        #expect(sessions[alice].isEmpty)
        #expect(sessions[bob].count == 1)
    }
}
