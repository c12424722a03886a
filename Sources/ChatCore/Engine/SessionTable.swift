// SPDX-License-Identifier: MIT

/// The sessions of one shard, by slot: eight bytes for each instead of an entry in a hash table.
///
/// An id holds its slot in the lower 24 bits and a counter above, so that whoever comes back with the id of
/// a session that has ended does not reach the one that got its slot.
struct SessionTable<Session: SlotResident> {
    private static var slotBits: UInt64 { 24 }
    private static var slotMask: UInt64 { (1 << slotBits) - 1 }

    private var slots: ContiguousArray<Session?> = []
    private var free: ContiguousArray<UInt32> = []
    private var accepted: UInt64 = 0

    /// Makes an empty table.
    init() {}

    /// How many there are.
    var count: Int { slots.count - free.count }

    /// All of them, in no particular order.
    var values: some Sequence<Session> { slots.lazy.compactMap { $0 } }

    /// Puts in the session that `make` makes with its id. O(1) on average.
    mutating func insert(shard: Int, _ make: (SessionID) -> Session) -> Session {
        let slot = free.popLast() ?? UInt32(slots.count)
        precondition(UInt64(slot) <= Self.slotMask, "a shard has at most 16 million sessions")
        if Int(slot) == slots.count { slots.append(nil) }
        accepted += 1
        let number = (accepted & Self.slotMask) << Self.slotBits | UInt64(slot)
        let session = make(SessionID(shard: shard, number: number))
        slots[Int(slot)] = session
        return session
    }

    /// The session with that id, unless it has ended. O(1).
    subscript(id: SessionID) -> Session? {
        guard let session = self[slot: Self.slot(of: id)], session.id == id else { return nil }
        return session
    }

    /// The session in a slot. O(1).
    subscript(slot slot: UInt32) -> Session? {
        Int(slot) < slots.count ? slots[Int(slot)] : nil
    }

    /// Takes a session out; its slot is free for another one. O(1).
    mutating func remove(_ id: SessionID) {
        guard self[id] != nil else { return }
        let slot = Self.slot(of: id)
        slots[Int(slot)] = nil
        free.append(slot)
    }

    /// Where a session stands.
    static func slot(of id: SessionID) -> UInt32 { UInt32(id.rawValue & slotMask) }
}

/// What lives in a ``SessionTable``.
protocol SlotResident: AnyObject {
    var id: SessionID { get }
}

extension ChatSession: SlotResident {}

/// The sessions of each user on one shard. Most users have one: it needs no list of its own.
struct UserSessions {
    private var first: [UserID: SessionID] = [:]
    private var others: [UserID: [SessionID]] = [:]

    /// Adds a session of `user`.
    mutating func insert(_ session: SessionID, of user: UserID) {
        if first[user] == nil {
            first[user] = session
        } else {
            others[user, default: []].append(session)
        }
    }

    /// Takes a session of `user` out, if it is in.
    mutating func remove(_ session: SessionID, of user: UserID) {
        if first[user] == session {
            first[user] = others[user]?.removeFirst()
        } else {
            others[user]?.removeAll { $0 == session }
        }
        if others[user]?.isEmpty == true { others[user] = nil }
    }

    /// The sessions of `user`, in the order in which they came.
    subscript(user: UserID) -> [SessionID] {
        guard let session = first[user] else { return [] }
        return [session] + (others[user] ?? [])
    }
}
