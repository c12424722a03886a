// SPDX-License-Identifier: MIT

import ChatCore

extension MemoryState {
    mutating func revokeLink(
        _ code: String, in room: RoomID, by user: UserID, at time: Timestamp, _ rules: MessageRules
    ) -> Bool {
        guard let place = places[room] else { return false }
        return logs[place].revokeLink(code, by: user, at: time, rules: rules)
    }

    mutating func setPassword(
        _ hash: String?, of room: RoomID, by user: UserID, at time: Timestamp,
        _ rules: MessageRules
    ) -> Bool {
        guard let place = places[room] else { return false }
        logs[place].setPassword(hash, by: user, at: time, rules: rules)
        return true
    }

    // MARK: Blocks

    mutating func block(
        _ user: UserID, by blocker: UserID, at time: Timestamp, bound: Int
    ) -> BlockOutcome {
        guard let record = users[user], !erasedUsers.contains(user) else { return .userNotFound }
        if blocks[blocker]?[user] == nil {
            guard blocks[blocker, default: [:]].count < bound else { return .tooManyBlocks }
            blocks[blocker, default: [:]][user] = time
        }
        return .blocked(UserReference(id: user, name: record.name))
    }

    mutating func unblock(_ user: UserID, by blocker: UserID) -> Bool {
        let wasBlocked = blocks[blocker]?.removeValue(forKey: user) != nil
        if blocks[blocker]?.isEmpty == true { blocks[blocker] = nil }
        return wasBlocked
    }

    /// O(users who block anybody).
    mutating func forgetBlocks(of user: UserID) {
        blocks[user] = nil
        for blocker in Array(blocks.keys) { _ = unblock(user, by: blocker) }
    }

    func blocks(of user: UserID, offset: Int, limit: Int) -> BlockPage {
        let sorted = blocks[user, default: [:]].sorted { left, right in
            (left.value, left.key) > (right.value, right.key)
        }
        let page = sorted.dropFirst(max(0, offset)).prefix(max(1, limit)).map { user, time in
            BlockRecord(user: UserReference(id: user, name: name(of: user)), at: time)
        }
        return BlockPage(blocks: page, total: sorted.count)
    }

    func blockers(in pair: DirectPair) -> [UserID] {
        [pair.low, pair.high].filter { user in
            pair.other(than: user).flatMap { blocks[user]?[$0] } != nil
        }
    }
}
