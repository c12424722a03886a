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

    /// Those that the table is not known to have, mostly none; each once.
    func news(of posts: [Post]) -> Set<Post> {
        known.withLock { known in
            var news: Set<Post> = []
            for post in posts where known[post.room]?[post.user] != post.block {
                news.insert(post)
            }
            return news
        }
    }

    /// The parameters of `insertAuthors`.
    static func values(_ posts: Set<Post>) -> [PostgresValue] {
        [
            .ints(posts.map { Int64(bitPattern: $0.room.rawValue) }),
            .ints(posts.map { Int64(bitPattern: $0.user.rawValue) }),
            .ints(posts.map { Int64(clamping: $0.block) }),
        ]
    }

    /// Remembers what a committed transaction has stored.
    func note(_ posts: Set<Post>) {
        if posts.isEmpty { return }
        known.withLock { known in
            for post in posts {
                if known[post.room] == nil, known.count >= maximumRooms { known = [:] }
                if (known[post.room]?.count ?? 0) >= maximumRooms { known[post.room] = [:] }
                let newest = known[post.room]?[post.user] ?? 0
                known[post.room, default: [:]][post.user] = max(newest, post.block)
            }
        }
    }

    /// Forgets a room that was deleted, or made.
    func forget(_ room: RoomID) { known.withLock { $0[room] = nil } }
}
