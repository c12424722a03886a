// SPDX-License-Identifier: MIT

import ChatCore

/// All that a store shows of some rooms and users, to compare two stores or two moments.
struct StoreContents: Equatable {
    var rooms: [RoomSnapshot?] = []
    var history: [HistoryPage] = []
    var events: [[LoggedEvent]] = []
    var pinned: [[Message]] = []
    var memberships: [[MembershipRecord]] = []
    var lists: [RoomPage] = []
    var joined: [JoinedRoomPage] = []
    var users: [UserRecord?] = []
    var orphans: [String] = []
    var audits: [AuditPage] = []
    var links: [LinkPage] = []
    var passwords: [String?] = []
    var blocks: [BlockPage] = []
    var readTimes: [[ReadTime]] = []
    var readers: [[UserID: Timestamp]] = []

    init(of store: some ChatStore, rooms ids: [RoomID], users userIDs: [UserID]) async throws {
        for room in ids {
            rooms.append(try await store.loadRoom(room))
            let query = HistoryQuery(room: room, anchor: .latest, limit: .max)
            history.append(try await store.history(query))
            events.append(try await store.events(in: room, after: .none, limit: .max))
            pinned.append(try await store.pinned(in: room))
            audits.append(try await store.audit(in: room, before: nil, limit: .max))
            links.append(
                try await store.links(
                    in: room, at: Timestamp(milliseconds: 0), offset: 0, limit: 100))
            passwords.append(try await store.password(of: room))
            for user in userIDs {
                readTimes.append(
                    try await store.readTimes(by: user, in: room, after: .none, limit: .max))
            }
            for seq in stride(from: 1, to: 60, by: 7) as StrideTo<UInt64> {
                readers.append(
                    try await store.readTimes(of: SequenceNumber(rawValue: seq), in: room))
            }
        }
        orphans = try await store.orphanedAttachments(limit: .max)
        for user in userIDs {
            memberships.append(try await store.memberships(of: user))
            lists.append(try await store.listRooms(visibleTo: user, offset: 0, limit: 100))
            joined.append(
                try await store.joinedRooms(JoinedRoomQuery(user: user, limit: 2, members: 2)))
            users.append(try await store.user(user))
            blocks.append(try await store.blocks(of: user, offset: 0, limit: 100))
        }
    }
}
