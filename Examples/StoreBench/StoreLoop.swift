// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// The store, as the engine uses it: each appender is on an event loop, has one batch under way, and rooms of its own.
final class StoreLoop: Contender {
    private let store: any ChatStore
    private let remove: () -> Void
    private let loops: [EventLoop]
    private let reactors: ReactorGroup
    private var appenders: [Appender]

    /// Opens a new store and fills it.
    ///
    /// - Parameter remove: removes its database, once it is closed.
    init(
        _ store: any ChatStore, appenders count: Int, hasClientIDs: Bool,
        remove: @escaping () -> Void
    ) async throws {
        self.store = store
        self.remove = remove
        loops = (0..<count).map { EventLoop(index: $0) }
        reactors = ReactorGroup(loops: loops)
        try await reactors.acquire()
        let rooms = (1...Sample.roomCount).map { RoomID(rawValue: UInt64($0)) }
        appenders = (0..<count).map { [store] number in
            Appender(
                store: store, rooms: rooms.filter { Int($0.rawValue) % count == number },
                keys: hasClientIDs ? "\(number)-" : nil)
        }
        try await store.open()
        _ = try await store.addUser(
            UserRecord(id: Appender.user, name: "bench", token: "t", isNameKept: false))
        for room in rooms {
            _ = try await store.createRoom(
                RoomRecord(id: room, name: "room \(room.rawValue)", createdAt: Appender.at),
                owner: Appender.user)
        }
        var filler = Appender(store: store, rooms: rooms, keys: hasClientIDs ? "fill-" : nil)
        for _ in 0..<Sample.warmupBatches {
            try await filler.append(Sample.warmupBatch, on: loops[0])
        }
        try await settle()
    }

    func run(batch: Int, seconds: Double) async throws -> Figures {
        let watch = Stopwatch()
        var transactions = 0
        let present = appenders
        appenders = []
        try await withThrowingTaskGroup(of: (Appender, Int).self) { group in
            for (appender, loop) in zip(present, loops) {
                group.addTask {
                    try await appender.run(batch: batch, seconds: seconds, watch, on: loop)
                }
            }
            for try await (appender, count) in group {
                appenders.append(appender)
                transactions += count
            }
        }
        return watch.figures(transactions: transactions, batch: batch)
    }

    /// A search finds all that was stored before, so it waits for the index.
    func settle() async throws {
        guard let pattern = SearchPattern("nowhere") else { return }
        _ = try await store.search(SearchQuery(SearchRequest(pattern: pattern), by: Appender.user))
    }

    func close() async {
        await store.close()
        await reactors.release()
        remove()
    }
}

/// One after the other, messages in each of its rooms in turn.
private struct Appender {
    static let user = UserID(rawValue: 1)
    static let at = Timestamp(milliseconds: Sample.startMilliseconds)

    let store: any ChatStore
    let rooms: [RoomID]
    /// What the client ids begin with.
    let keys: String?
    private var written = 0

    init(store: any ChatStore, rooms: [RoomID], keys: String?) {
        (self.store, self.rooms, self.keys) = (store, rooms, keys)
    }

    /// Appends for that long.
    ///
    /// - Returns: how it goes on from there, and the number of batches.
    func run(
        batch: Int, seconds: Double, _ watch: Stopwatch, on loop: isolated EventLoop
    ) async throws -> (Self, Int) {
        var (appender, transactions) = (self, 0)
        while watch.isWithin(seconds) {
            try await appender.append(batch, on: loop)
            transactions += 1
        }
        return (appender, transactions)
    }

    mutating func append(_ count: Int, on loop: isolated EventLoop) async throws {
        let entries = (written..<written + count).map { index in
            LogEntry(
                room: rooms[index % rooms.count], sender: Self.user, at: Self.at,
                clientID: keys.map { "\($0)\(index)" },
                change: .message(text: Sample.text, replyTo: nil))
        }
        for outcome in try await store.append(AppendBatch(entries: entries), on: loop) {
            guard case .stored = outcome else { throw Refused(outcome: outcome) }
        }
        written += count
    }

    struct Refused: Error {
        let outcome: AppendOutcome
    }
}
