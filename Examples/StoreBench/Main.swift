// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Glibc

private let usage = """
    usage: store-bench --directory DIR [--seconds S] [--batches 1,10,100,1000] [--client-ids]

    Appends messages of 128 bytes in 100 rooms to SQLite with synchronous=FULL, in transactions of one batch after the
    other: through SQLiteStore with all its rules, and with a bare loop over one prepared statement, once with the
    index that makes places unique and once without any, each on a file with 150000 messages. Prints one line of
    JSON per size of batch.

    """

/// How fast the store appends, beside the least that SQLite itself needs for it.
@main struct Main {
    static func main() async {
        var directory: String?
        var seconds = 1.0
        var batches = [1, 10, 100, 1_000]
        var hasClientIDs = false
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--directory": directory = arguments.popFirst()
            case "--seconds": seconds = arguments.popFirst().flatMap(Double.init) ?? 0
            case "--batches":
                batches = (arguments.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 }
            case "--client-ids": hasClientIDs = true
            case "--help":
                print(usage, terminator: "")
                return
            default: fail("unknown argument: \(argument)")
            }
        }
        guard let directory, seconds > 0, !batches.isEmpty, batches.allSatisfy({ $0 > 0 }) else {
            fail("a directory, a duration and sizes of batches are needed")
        }
        do {
            for batch in batches {
                let bare = try BareLoop(directory: directory, isIndexed: true)
                    .run(batch: batch, seconds: seconds)
                let unindexed = try BareLoop(directory: directory, isIndexed: false)
                    .run(batch: batch, seconds: seconds)
                let store = try await StoreLoop(directory: directory, hasClientIDs: hasClientIDs)
                    .run(batch: batch, seconds: seconds)
                print(
                    #"{"batch":\#(batch),"store_per_s":\#(Int(store)),"bare_per_s":\#(Int(bare)),"#
                        + #""bare_unindexed_per_s":\#(Int(unindexed)),"client_ids":\#(hasClientIDs)}"#
                )
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ text: String) -> Never {
        let message = "store-bench: \(text)\n\(usage)"
        write(2, message, message.utf8.count)
        exit(2)
    }
}

/// What both loops append.
enum Sample {
    static let text = String(repeating: "x", count: 128)
    static let roomCount = 100
    /// Before anything is measured: a write-ahead log that still grows makes each commit write the file's size as
    /// well. After these it is as large as it gets, and is written over.
    static let (warmupBatches, warmupBatch) = (150, 1_000)
    static let startMilliseconds: Int64 = 1_767_225_600_000

    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }
}

/// The store, as the engine uses it.
struct StoreLoop {
    let directory: String
    let hasClientIDs: Bool

    /// - Returns: messages per second.
    func run(batch: Int, seconds: Double) async throws -> Double {
        let path = directory + "/store-bench.sqlite"
        Sample.remove(path)
        defer { Sample.remove(path) }
        let store = SQLiteStore(path: path)
        try await store.open()
        let at = Timestamp(milliseconds: Sample.startMilliseconds)
        let user = UserID(rawValue: 1)
        _ = try await store.addUser(
            UserRecord(id: user, name: "bench", token: "t", isNameKept: false))
        let rooms = (1...Sample.roomCount).map { RoomID(rawValue: UInt64($0)) }
        for room in rooms {
            _ = try await store.createRoom(
                RoomRecord(id: room, name: "room \(room.rawValue)", createdAt: at), owner: user)
        }
        var written = 0
        func append(_ count: Int) async throws {
            let entries = (written..<written + count).map { index in
                LogEntry(
                    room: rooms[index % rooms.count], sender: user, at: at,
                    clientID: hasClientIDs ? "k\(index)" : nil,
                    change: .message(text: Sample.text, replyTo: nil))
            }
            for outcome in try await store.append(AppendBatch(entries: entries)) {
                guard case .stored = outcome else { throw Refused(outcome: outcome) }
            }
            written += count
        }
        for _ in 0..<Sample.warmupBatches { try await append(Sample.warmupBatch) }
        let before = written
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < .seconds(seconds) { try await append(batch) }
        let elapsed = clock.now - start
        await store.close()
        return Double(written - before) / (elapsed / .seconds(1))
    }

    struct Refused: Error {
        let outcome: AppendOutcome
    }
}
