// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteReader {
    func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) throws(StorageError) -> BanPage {
        try transaction { () throws(StorageError) in
            statements.banCount.bind(1, room)
            statements.banCount.bind(2, time)
            let total = try statements.banCount.first { Int($0.int(0)) } ?? 0
            statements.bans.bind(1, room)
            statements.bans.bind(2, time)
            statements.bans.bind(3, max(1, limit))
            statements.bans.bind(4, max(0, offset))
            let bans = try statements.bans.all { row in
                BanRecord(
                    user: UserReference(id: row.user(0), name: row.text(1)),
                    ban: Ban(until: row.time(2), reason: row.text(3)), at: row.time(4),
                    sender: UserReference(id: row.user(5), name: row.text(6)))
            }
            return BanPage(bans: bans, total: total)
        }
    }
}
