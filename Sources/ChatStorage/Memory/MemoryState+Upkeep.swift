// SPDX-License-Identifier: MIT

import ChatCore

extension MemoryState {
    /// A page of rooms in the order of their ids. O(rooms).
    func rooms(after room: RoomID?, limit: Int) -> [RoomRecord] {
        let rest = logs.lazy.map(\.record).filter { record in
            if let room { record.id > room } else { true }
        }
        return Array(rest.sorted { $0.id < $1.id }.prefix(max(1, limit)))
    }

    mutating func trim(
        _ room: RoomID, through place: SequenceNumber, limit: Int
    ) -> TrimSlice? {
        guard let index = places[room] else { return nil }
        let slice = logs[index].trim(through: place, limit: limit)
        release(logs[index].takeReleased())
        return slice
    }

    // MARK: Erasure

    mutating func beginErasure(of user: UserID) -> UserRecord? {
        guard let present = users[user] else { return nil }
        let erased = ErasedUser.record(user)
        userNames[NameKey(present.name)] = nil
        tokens[present.token] = nil
        users[user] = erased
        userNames[NameKey(erased.name)] = user
        erasedUsers.insert(user)
        forgetBlocks(of: user)
        erasures[user] = (RoomID(rawValue: 0), .none)
        return erased
    }

    /// Walks over the rooms in the order of their ids. O(rooms + `limit`).
    mutating func erase(limit: Int) -> ErasureSlice? {
        guard let user = erasures.keys.min(), var cursor = erasures[user] else { return nil }
        var slice = ErasureSlice(user: user, rooms: [], isDone: false)
        var budget = max(2, limit)
        for room in places.keys.filter({ $0 >= cursor.room }).sorted() {
            guard budget > 0 else {
                erasures[user] = cursor
                return slice
            }
            guard let index = places[room] else { continue }
            if room != cursor.room { cursor = (room, .none) }
            cursor.seq = max(cursor.seq, logs[index].record.trimmed)
            logs[index].eraseSanctions(of: user)
            let (looked, hasErased) = logs[index].erase(user, after: cursor.seq, limit: budget)
            release(logs[index].takeReleased())
            if hasErased { slice.rooms.append(room) }
            cursor.seq = SequenceNumber(rawValue: cursor.seq.rawValue + UInt64(looked))
            budget -= looked + 1
        }
        erasures[user] = budget > 0 ? nil : cursor
        slice.isDone = budget > 0
        return slice
    }
}
