// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatFiles
import ChatPlatform
import ChatStorageMemory
import ChatTransportTCP
import ChatTransportWS
import Foundation
import Testing

/// A server with files that can be stopped and started again on its port, with what it keeps.
private final class FileChat {
    private let store = MemoryStore()
    private let fileStore = MemoryFileStore()
    private var files: FileService?
    private var engine: ChatEngine?
    private(set) var port = 0
    private let usesWebSocket: Bool
    private let options: FileOptions

    init(usesWebSocket: Bool, options: FileOptions = FileOptions()) {
        self.usesWebSocket = usesWebSocket
        self.options = options
    }

    func start() async throws {
        let files = FileService(store: fileStore, options: options)
        try await files.open()
        var configuration = ChatConfiguration()
        configuration.attachments = files
        configuration.rates = .off
        let engine = try await ChatEngine(
            store: store, authenticator: .guests, configuration: configuration)
        files.serve(engine)
        let transport: any Transport =
            usesWebSocket ? WebSocketTransport(port: port) : TCPTransport(port: port)
        try await engine.serve(transport)
        port = try #require(engine.ports.first)
        (self.files, self.engine) = (files, engine)
    }

    func stop() async {
        await engine?.shutdown(deadlineMilliseconds: 1_000)
        await files?.close()
    }

    func client(_ name: String) throws -> ChatClient {
        var options = ChatClientOptions()
        options.firstRetryMilliseconds = 10
        options.longestRetryMilliseconds = 50
        return try ChatClient(
            ChatEndpoint(
                host: "127.0.0.1", port: port,
                transport: usesWebSocket ? .webSocket(path: "/ws") : .tcp),
            as: .guest(name: name), options: options)
    }
}

/// A folder of a test's own.
private final class Folder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "chat-client-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

@Suite(.timeLimit(.minutes(5)))
struct FileTransferTests {
    private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

    @Test(arguments: [true, false])
    func `a file goes from one client to another, whole and with its progress`(
        usesWebSocket: Bool
    ) async throws {
        let (server, folder) = (FileChat(usesWebSocket: usesWebSocket), try Folder())
        try await server.start()
        let (ana, bo) = (try server.client("ana"), try server.client("bo"))
        _ = try await bo.join("general")
        let steps = Lock<[Int64]>([])
        let sent = try await ana.upload(
            try folder.write("photo.bin", Self.bytes), to: "general"
        ) { progress in
            steps.withLock { $0.append(progress.bytes) }
        }
        #expect(steps.withLock { $0 == $0.sorted() && $0.count > 9 && $0.last == 300_000 })
        try await ana.send("", to: "general", files: [sent])
        var heard: ChatMessage?
        for await event in bo.events {
            if case .message(let message) = event.kind {
                heard = message
                break
            }
        }
        let message = try #require(heard)
        #expect(message.files == [sent])
        #expect(sent.name == "photo.bin")
        let last = Lock<ChatProgress?>(nil)
        try await bo.download(
            sent, in: message.room.description, to: "\(folder.path)/saved"
        ) { progress in last.withLock { $0 = progress } }
        #expect(try folder.read("saved") == Self.bytes)
        #expect(last.withLock { $0?.bytes } == 300_000)
        // What is there already stays as it is.
        let room = message.room.description
        await #expect(throws: ChatRefusal.self) {
            try await bo.download(sent, in: room, to: "\(folder.path)/photo.bin")
        }
        #expect(folder.names.sorted() == ["photo.bin", "saved"])
        for client in [ana, bo] { client.close() }
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `a server that restarts in the middle costs neither an upload nor a download`(
        usesWebSocket: Bool
    ) async throws {
        let (server, folder) = (FileChat(usesWebSocket: usesWebSocket), try Folder())
        try await server.start()
        let ana = try server.client("ana")
        _ = try await ana.join("general")
        let path = try folder.write("long", Self.bytes)
        let (begun, beginning) = AsyncStream<Void>.makeStream()
        let upload = Task {
            try await ana.upload(path, to: "general") { progress in
                if progress.bytes > 0 { beginning.yield() }
            }
        }
        for await _ in begun { break }
        await server.stop()
        try await server.start()
        let file = try await upload.value
        try await ana.send("here", to: "general", files: [file])
        let (arrived, arrival) = AsyncStream<Void>.makeStream()
        let target = "\(folder.path)/saved"
        let download = Task {
            try await ana.download(file, in: "general", to: target) { _ in arrival.yield() }
        }
        for await _ in arrived { break }
        await server.stop()
        try await server.start()
        try await download.value
        #expect(try folder.read("saved") == Self.bytes)
        ana.close()
        await server.stop()
    }

    @Test func `what an earlier download left is gone on with, and not believed`() async throws {
        let (server, folder) = (FileChat(usesWebSocket: false), try Folder())
        try await server.start()
        let ana = try server.client("ana")
        let file = try await ana.upload(try folder.write("a", Self.bytes), to: "general")
        try await ana.send("", to: "general", files: [file])
        let target = "\(folder.path)/saved"
        let task = Task {
            try await ana.download(file, in: "general", to: target) { progress in
                if progress.bytes >= 65_536 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: ChatRefusal.self) { try await task.value }
        let part = try #require(folder.names.first { $0.hasPrefix("saved.") })
        let left = try folder.read(part).count
        #expect(left >= 65_536 && left < 300_000)
        let first = Lock<Int64?>(nil)
        try await ana.download(file, in: "general", to: target) { progress in
            first.withLock { if $0 == nil { $0 = progress.bytes } }
        }
        #expect(first.withLock { $0 ?? 0 } > Int64(left))
        #expect(try folder.read("saved") == Self.bytes)
        // Somebody has put other bytes there.
        try FileManager.default.removeItem(atPath: target)
        _ = try folder.write(part, [UInt8](repeating: 7, count: 1_000))
        await #expect {
            try await ana.download(file, in: "general", to: target)
        } throws: { error in (error as? ChatRefusal)?.code == "hash_mismatch" }
        #expect(folder.names == ["a"])
        ana.close()
        await server.stop()
    }

    @Test func `a file that cannot be read or is too long is refused in words`() async throws {
        var options = FileOptions()
        options.fileBytes = 1_000
        let (server, folder) = (FileChat(usesWebSocket: false, options: options), try Folder())
        try await server.start()
        let ana = try server.client("ana")
        let long = try folder.write("long", Self.bytes)
        let cases = [
            ("\(folder.path)/none", "file_unreadable"), (folder.path, "file_unreadable"),
            (long, "file_too_large"),
        ]
        for (path, code) in cases {
            do {
                _ = try await ana.upload(path, to: "general")
                Issue.record("\(path) was taken")
            } catch {
                #expect(error.code == code)
            }
        }
        ana.close()
        await server.stop()
    }
}
