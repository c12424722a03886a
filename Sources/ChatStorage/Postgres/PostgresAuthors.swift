// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// In which blocks of places users have posted: what the table `authors` is known to hold, so that
/// most batches need not write to it.
final class PostgresAuthors: Sendable {
    /// Places in a block.
    static let blockEvents: UInt64 = 256

    /// Somebody's having posted in a block.
    struct Post: Hashable, Sendable {
        var room: RoomID
        var user: UserID
        var block: UInt64

        init(room: RoomID, user: UserID, seq: SequenceNumber) {
            (self.room, self.user, block) = (room, user, seq.rawValue / PostgresAuthors.blockEvents)
        }
    }

    /// The newest block of each user in each room.
    private let known = Lock<[RoomID: [UserID: UInt64]]>([:])
    private let maximumRooms: Int

    /// Remembers that many rooms, and as many users of each.
    init(maximumRooms: Int = 1_024) { self.maximumRooms = maximumRooms }

    /// The parameters of `insertAuthors` for those of which the table is not known to have them;
    /// `nil` if there are none.
    func values(_ posts: Set<Post>) -> [PostgresValue]? {
        let news = known.withLock { known in
            posts.filter { known[$0.room]?[$0.user] != $0.block }
        }
        if news.isEmpty { return nil }
        return [
            .ints(news.map { Int64(bitPattern: $0.room.rawValue) }),
            .ints(news.map { Int64(bitPattern: $0.user.rawValue) }),
            .ints(news.map { Int64(clamping: $0.block) }),
        ]
    }

    /// Remembers what a committed transaction has stored.
    func note(_ batch: AppendBatch, _ outcomes: [AppendOutcome]) {
        known.withLock { known in
            for (entry, outcome) in zip(batch.entries, outcomes) {
                guard entry.change.isMessage, case .stored(let seq, _) = outcome else {
                    continue
                }
                if known[entry.room] == nil, known.count >= maximumRooms { known = [:] }
                if (known[entry.room]?.count ?? 0) >= maximumRooms { known[entry.room] = [:] }
                let post = Post(room: entry.room, user: entry.sender, seq: seq)
                known[post.room, default: [:]][post.user] = post.block
            }
        }
    }

    /// Forgets a room that was deleted, or made.
    func forget(_ room: RoomID) { known.withLock { $0[room] = nil } }
}
