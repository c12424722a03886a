// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTesting
import Glibc

/// A folder of IRC logs: each file a room, each nick a user, all lines in the order of time.
struct Conversation {
    private struct Line {
        var room: Int
        var at: Int64
        var nick: String
        var text: String
    }

    private var names: [String] = []
    private var lines: [Line] = []
    private static let searchers = (1...2).map { UserID(rawValue: UInt64($0)) }

    init(_ folder: String) throws {
        guard let directory = opendir(folder) else {
            throw GeneratedLog.Failure(description: "\(folder) cannot be read")
        }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".txt") { names.append(name) }
        }
        names.sort()
        for (room, name) in names.enumerated() { read("\(folder)/\(name)", name, room) }
        // Stable: of one minute the lines of a file stay in order, and files mix.
        lines = lines.enumerated().sorted { ($0.1.at, $0.0) < ($1.1.at, $1.0) }.map(\.1)
    }

    private mutating func read(_ path: String, _ name: String, _ room: Int) {
        guard let day = Timestamp(name.prefix(10) + "T00:00:00Z"), let file = fopen(path, "r")
        else { return }
        defer { fclose(file) }
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count > 0, let buffer else { return }
            let bytes = Array(UnsafeRawBufferPointer(start: buffer, count: count))
            guard let (nick, said) = Self.parse(bytes) else { continue }
            let clock = bytes[1..<6].map { Int64($0) - 48 }
            let minute = (clock[0] * 10 + clock[1]) * 60 + clock[3] * 10 + clock[4]
            let text = said.filter { $0 != 0x0A && $0 != 0x0D }
            guard text.contains(where: { $0 != 0x20 }) else { continue }
            lines.append(
                Line(
                    room: room, at: day.milliseconds + minute * 60_000,
                    nick: String(decoding: nick, as: UTF8.self),
                    text: String(decoding: text, as: UTF8.self)))
        }
    }

    /// Reads what somebody said: `[HH:MM] <nick> text`, `[HH:MM]  * nick does something`, a notice
    /// `[HH:MM] -nick:#channel- text`, or what a gateway passed on, `[HH:MM] (nick/#channel) text`.
    private static func parse(
        _ line: [UInt8]
    ) -> (nick: ArraySlice<UInt8>, text: ArraySlice<UInt8>)? {
        guard line.count > 10, line[0] == UInt8(ascii: "[") else { return nil }
        let said = line[8...]
        let marks: StaticString
        switch said.first {
        case UInt8(ascii: "<"): marks = ">>"
        case UInt8(ascii: "-"): marks = ":-"
        case UInt8(ascii: "("): marks = "/)"
        case UInt8(ascii: " ") where said.starts(with: " * ".utf8):
            return (said.dropFirst(3).prefix { $0 > 0x20 }, said.dropFirst())
        default: return nil
        }
        let nick = said.dropFirst().prefix { $0 != marks.utf8Start[0] }
        guard let end = said[nick.endIndex...].firstIndex(of: marks.utf8Start[1]) else {
            return nil
        }
        return (nick, said[(end + 1)...].dropFirst())
    }

    // MARK: Comparing

    func compare(file: String, conninfo: String) async throws {
        let (sqlite, postgres) = (SQLiteStore(path: file), PostgresStore(conninfo))
        let comparison = StoreComparison(sqlite, postgres)
        try await comparison.open()
        var users: [String: UserID] = [:]
        try await timed("fill", lines.count) { users = try await fill(comparison) }
        let samples = lines.map { line in
            SearchSamples.Sample(
                room: Self.room(line.room), sender: users[line.nick] ?? Self.searchers[0],
                at: Timestamp(milliseconds: line.at), text: line.text)
        }
        var queries: [SearchQuery] = []
        for searcher in Self.searchers {
            queries += SearchSamples(samples).queries(by: searcher)
        }
        // The first search adds what the index lacks.
        try await timed("index_sqlite", lines.count) { _ = try await sqlite.search(queries[0]) }
        try await timed("index_postgres", lines.count) { _ = try await postgres.search(queries[0]) }
        // Autovacuum may not have come by yet: see "Space" in docs/architecture.md.
        try GeneratedLog.execute(["ANALYZE"], conninfo: conninfo)
        var messages = 0
        try await timed("compare_history", lines.count) {
            for room in names.indices {
                messages += try await comparison.compareHistory(of: Self.room(room)).count
            }
        }
        guard messages == lines.count else {
            throw GeneratedLog.Failure(description: "\(messages) messages of \(lines.count)")
        }
        var found = 0
        try await timed("compare_search", queries.count) {
            for query in queries { found += try await comparison.compareSearch(query) }
        }
        for searcher in Self.searchers { try await comparison.compareRooms(of: searcher) }
        try await measure(sqlite, "sqlite", queries)
        try await measure(postgres, "postgres", queries)
        await comparison.close()
        print(
            "{\"identical\":true,\"messages\":\(messages),\"searches\":\(queries.count),"
                + "\"hits\":\(found)}")
    }

    private func measure(
        _ store: some ChatStore, _ name: String, _ queries: [SearchQuery]
    ) async throws {
        var samples = Samples()
        for _ in 0..<5 {
            for query in queries { try await samples.measure { _ = try await store.search(query) } }
        }
        print("{\"store\":\"\(name)\",\"call\":\"search\",\(samples.json)}")
    }

    private func timed(_ step: String, _ count: Int, _ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        try await body()
        let seconds = Double(Int((ContinuousClock.now - start) / .milliseconds(1))) / 1_000
        print("{\"step\":\"\(step)\",\"count\":\(count),\"seconds\":\(seconds)}")
    }

    // MARK: Filling

    private static func room(_ index: Int) -> RoomID { RoomID(rawValue: UInt64(index + 1)) }

    /// The first searcher is in all rooms, the second in every third.
    ///
    /// - Returns: the users by nick.
    private func fill(_ comparison: StoreComparison) async throws -> [String: UserID] {
        var users: [String: UserID] = [:]
        for searcher in Self.searchers {
            try await comparison.addUser(
                UserRecord(
                    id: searcher, name: "searcher \(searcher.rawValue)", token: "",
                    isNameKept: false))
        }
        for nick in Set(lines.map(\.nick)).sorted() {
            let id = UserID(rawValue: UInt64(10 + users.count))
            users[nick] = id
            // Nicks may differ only by case, names may not.
            let name = "\(nick) \(id.rawValue)"
            try await comparison.addUser(
                UserRecord(id: id, name: name, token: "", isNameKept: false))
        }
        let start = Timestamp(milliseconds: 0)
        for (index, name) in names.enumerated() {
            let room = RoomRecord(id: Self.room(index), name: name, createdAt: start)
            try await comparison.createRoom(room, owner: Self.searchers[0])
            guard index % 3 == 0 else { continue }
            let join = LogChange.join(user: Self.searchers[1], role: .member, logged: true)
            try await comparison.append(
                AppendBatch(entries: [
                    LogEntry(room: room.id, sender: Self.searchers[1], at: start, change: join)
                ]))
        }
        var rest = lines[...]
        while !rest.isEmpty {
            let entries = rest.prefix(1_000).map { line in
                LogEntry(
                    room: Self.room(line.room), sender: users[line.nick] ?? Self.searchers[0],
                    at: Timestamp(milliseconds: line.at),
                    change: .message(text: line.text, replyTo: nil))
            }
            rest = rest.dropFirst(1_000)
            try await comparison.append(AppendBatch(entries: entries))
        }
        return users
    }
}
