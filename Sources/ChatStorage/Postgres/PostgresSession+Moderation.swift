// SPDX-License-Identifier: MIT

import ChatCore

extension PostgresSession {
    func bans(
        in room: RoomID, at time: Timestamp, offset: Int, limit: Int
    ) throws(PostgresFailure) -> BanPage {
        try read { session throws(PostgresFailure) in
            try session.connection.ask(.banCount, [.room(room), .time(time)])
            try session.connection.ask(
                .bans,
                [.room(room), .time(time), .number(max(1, limit)), .number(max(0, offset))])
            let results = try session.connection.answers()
            let bans = results.last?.all { row in
                BanRecord(
                    user: UserReference(id: row.user(0), name: row.text(1)),
                    ban: Ban(until: row.time(2), reason: row.text(3)), at: row.time(4),
                    sender: UserReference(id: row.user(5), name: row.text(6)))
            }
            let total = results.first?.first { Int($0.int(0)) }
            return BanPage(bans: bans ?? [], total: total ?? 0)
        }
    }
}
