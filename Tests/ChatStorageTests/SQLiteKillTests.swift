// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import Foundation
import Testing

/// A process that is killed in the middle of writing loses nothing that was acknowledged.
@Suite struct SQLiteKillTests {
    private static let room = RoomID(rawValue: 7)

    @Test func `a killed process loses nothing that was acknowledged`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("chat.sqlite")
        let acknowledged = directory.file("acknowledged")
        #expect(FileManager.default.createFile(atPath: acknowledged, contents: nil))
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, acknowledged = acknowledged as String] in
            try await Self.writeUntilKilled(path, acknowledged)
        }

        let lines = try String(contentsOfFile: acknowledged, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 100)
        let store = SQLiteStore(path: path)
        try await store.open()
        let events = try await store.events(in: Self.room, after: .none, limit: .max)
        #expect(events.map(\.seq.rawValue) == Array(1...UInt64(events.count)))
        for line in lines {
            let parts = line.split(separator: " ")
            let index = try #require(parts.first.flatMap { Int($0) }) - 1
            try #require(events.indices.contains(index), "\(line) is lost")
            #expect(events[index].clientID == parts.last.map(String.init))
        }
        #expect(try await store.loadRoom(Self.room)?.room.head == events.last?.seq)
        await store.close()
    }

    /// Eight tasks write; each notes what was acknowledged; after a hundred notes the process dies,
    /// with other batches still under way.
    private static func writeUntilKilled(_ path: String, _ acknowledged: String) async throws {
        let store = SQLiteStore(path: path)
        try await store.open()
        let record = RoomRecord(id: room, name: "Room", createdAt: Timestamp(milliseconds: 0))
        _ = try await store.createRoom(record, owner: nil)
        let notes = Notes(acknowledged)
        try await withThrowingTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<1_000 {
                        let key = "\(task)-\(number)"
                        let entry = LogEntry(
                            room: room, sender: UserID(rawValue: 1), at: record.createdAt,
                            clientID: key, change: .message(text: key, replyTo: nil))
                        let outcomes = try await store.append(AppendBatch(entries: [entry]))
                        guard case .stored(let seq, _) = outcomes[0] else { return }
                        await notes.add("\(seq) \(key)\n")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Writes notes to a file; the hundredth is the last.
    private actor Notes {
        private let file: FileHandle?
        private var count = 0

        init(_ path: String) { file = FileHandle(forWritingAtPath: path) }

        func add(_ note: String) {
            file?.write(Data(note.utf8))
            count += 1
            if count == 100 { kill(getpid(), SIGKILL) }
        }
    }
}
