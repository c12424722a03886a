// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import ChatTesting
import Foundation
import Testing

/// What the server's program does once, for operators.
@Suite struct ServerTaskTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "chat-tasks-\(UUID().uuidString)")
    private var database: String { directory.appending(path: "chat.sqlite").path }

    private static let ada = UserID(rawValue: 11)
    private static let bob = UserID(rawValue: 12)
    private static let room = RoomID(rawValue: 21)

    /// Ada's room, in which both have posted.
    private func fill() async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let store = SQLiteStore(path: database)
        try await store.open()
        for (id, name) in [(Self.ada, "Ada"), (Self.bob, "Bob")] {
            _ = try await store.addUser(
                UserRecord(id: id, name: name, token: "token-\(name)", isNameKept: false))
        }
        let time = Timestamp(milliseconds: 1_000)
        let record = RoomRecord(id: Self.room, name: "Room", createdAt: time)
        _ = try await store.createRoom(record, owner: Self.ada)
        func entry(_ change: LogChange, _ user: UserID) -> LogEntry {
            LogEntry(room: Self.room, sender: user, at: time, change: change)
        }
        _ = try await store.append(
            AppendBatch(entries: [
                entry(.join(user: Self.bob, role: .member, logged: true), Self.bob),
                entry(.message(text: "of Ada", replyTo: nil), Self.ada),
                entry(.message(text: "of Bob", replyTo: nil), Self.bob),
            ]))
        await store.close()
    }

    private func run(
        _ arguments: String...
    ) throws -> (status: Int32, output: String, error: String) {
        let server = Process()
        server.executableURL = URL(filePath: CommandLine.arguments[0])
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "chat-server")
        server.arguments = ["--store", "sqlite:\(database)"] + arguments
        let (output, error) = (Pipe(), Pipe())
        (server.standardOutput, server.standardError) = (output, error)
        try server.run()
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        let texts = (text(output), text(error))
        server.waitUntilExit()
        return (server.terminationStatus, texts.0, texts.1)
    }

    @Test func `a user's data is printed as lines of JSON`() async throws {
        try await fill()
        for name in ["ada", Self.ada.description] {
            let result = try run("--export-user", name)
            #expect(result.status == 0, "\(result.error)")
            let lines = result.output.split(separator: "\n")
                .map { JSONValue(utf8: Array($0.utf8)) ?? .null }
            #expect(lines.map { $0["kind"] } == ["profile", "membership", "message", "event"])
            #expect(lines[2]["text"] == "of Ada")
            #expect(!result.output.contains("of Bob") && !result.output.contains("token"))
        }
        let nobody = try run("--export-user", "nobody")
        #expect(nobody.status == 2)
        #expect(nobody.output == "")
        #expect(nobody.error.contains("no user"))
        try FileManager.default.removeItem(at: directory)
    }

    @Test func `a user is erased, and their room goes to who is left`() async throws {
        try await fill()
        let result = try run("--erase-user", "ADA")
        #expect(result.status == 0, "\(result.error)")
        let store = SQLiteStore(path: database)
        try await store.open()
        let history = try await store.history(
            HistoryQuery(room: Self.room, anchor: .latest, limit: 9))
        #expect(history.messages.map(\.text) == ["", "of Bob"])
        let members = try await store.loadRoom(Self.room)?.members
        #expect(members?.map(\.user) == [Self.bob])
        #expect(members?.map(\.role) == [.owner])
        #expect(try await store.user(named: NameKey("ada")) == nil)
        await store.close()
        #expect(try run("--erase-user", "ada").status == 2)
        try FileManager.default.removeItem(at: directory)
    }

    @Test func `a backup is made once, and a report is printed`() async throws {
        try await fill()
        let copy = directory.appending(path: "copy.sqlite").path
        #expect(try run("--backup", copy).status == 0)
        let again = try run("--backup", copy)
        #expect(again.status == 1)
        #expect(again.error.contains("exists"))
        let store = SQLiteStore(path: copy)
        try await store.open()
        #expect(try await store.loadRoom(Self.room)?.room.head == 4)
        await store.close()
        let report = try run("--storage-report")
        #expect(report.status == 0)
        #expect(report.output.contains("database file: "))
        #expect(try run("--storage-report", "--erase-user", "x").status == 2)
        try FileManager.default.removeItem(at: directory)
    }
}
