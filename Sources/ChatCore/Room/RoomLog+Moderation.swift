// SPDX-License-Identifier: MIT

/// A ban as a room's log keeps it: names belong to users.
struct KeptBan: Sendable {
    var ban: Ban
    var at: Timestamp
    var seq: SequenceNumber
    var sender: UserID
}

extension RoomLog {
    package func ban(of user: UserID) -> Ban? { bans[user]?.ban }

    package func mute(of user: UserID) -> Timestamp? { mutes[user] }

    package func banCount(after time: Timestamp) -> Int {
        bans.values.count { $0.ban.until > time }
    }

    package func muteCount(after time: Timestamp) -> Int { mutes.values.count { $0 > time } }

    /// A page of the bans that are not over at `time`, the newest first.
    package func bans(
        at time: Timestamp, offset: Int, limit: Int, name: (UserID) -> String
    ) -> BanPage {
        let active = bans.filter { $0.value.ban.until > time }
            .sorted { $0.value.seq > $1.value.seq }
        let page = active.dropFirst(max(0, offset)).prefix(max(1, limit)).map { user, kept in
            BanRecord(
                user: UserReference(id: user, name: name(user)), ban: kept.ban, at: kept.at,
                sender: UserReference(id: kept.sender, name: name(kept.sender)))
        }
        return BanPage(bans: page, total: active.count)
    }
}
