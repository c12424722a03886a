// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import ChatTransportWS
import Testing

/// A server that can be stopped and started again on its port, with its store.
private final class Server {
    let store = MemoryStore()
    private(set) var engine: ChatEngine?
    private(set) var port = 0
    let usesWebSocket: Bool

    init(usesWebSocket: Bool) { self.usesWebSocket = usesWebSocket }

    func start() async throws {
        let engine = try await ChatEngine(store: store, authenticator: .guests)
        let transport: any Transport =
            usesWebSocket ? WebSocketTransport(port: port) : TCPTransport(port: port)
        try await engine.serve(transport)
        port = try #require(engine.ports.first)
        self.engine = engine
    }

    func stop() async { await engine?.shutdown() }

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

@Suite(.timeLimit(.minutes(15)))
struct ChatClientTests {
    @Test(arguments: [true, false])
    func `two clients talk`(usesWebSocket: Bool) async throws {
        let server = Server(usesWebSocket: usesWebSocket)
        try await server.start()
        let (ana, bo) = (try server.client("ana"), try server.client("bo"))
        let room = try await ana.createRoom("tea")
        _ = try await bo.join("tea")
        let seq = try await ana.send("hello", to: "tea")
        var heard: ChatMessage?
        for await event in bo.events {
            if case .message(let message) = event.kind {
                heard = message
                break
            }
        }
        #expect(heard?.text == "hello")
        #expect(heard?.seq == seq)
        #expect(heard?.author.name == "ana")
        try await bo.react("👍", to: seq, in: room.id)
        _ = try await bo.call([
            "type": "receipt", "room": .string(room.id.description),
            "read": .int(Int(clamping: seq.rawValue)),
        ])
        let readers = try await ana.readers(of: seq, in: room.id)
        #expect(readers.map(\.user.name) == ["bo"])
        #expect(readers.first?.at != nil)
        let (messages, isEnd) = try await bo.history(of: room.id)
        #expect(messages.map(\.text) == ["hello"])
        #expect(isEnd)
        #expect(try await ana.rooms().contains { $0.name == "tea" })
        await #expect(throws: ChatRefusal.self) { try await ana.send("", to: "tea") }
        ana.close()
        bo.close()
        await server.stop()
    }

    @Test(arguments: [true, false])
    func `nothing is lost, doubled or reordered when the server restarts while clients send`(
        usesWebSocket: Bool
    ) async throws {
        let server = Server(usesWebSocket: usesWebSocket)
        try await server.start()
        let writers = try ["ana", "bo", "cem"].map { try server.client($0) }
        let reader = try server.client("dee")
        _ = try await reader.join("general")
        let count = 60
        let sending = Task {
            await withTaskGroup(of: Int.self) { group in
                for (number, writer) in writers.enumerated() {
                    group.addTask {
                        var stored = 0
                        for line in 0..<count {
                            do {
                                try await writer.send("\(number) \(line)", to: "general")
                                stored += 1
                            } catch {
                                Issue.record("\(error)")
                            }
                        }
                        return stored
                    }
                }
                return await group.reduce(0, +)
            }
        }
        var texts: [String] = []
        var restarts = 0
        for await event in reader.events {
            guard case .message(let message) = event.kind else { continue }
            texts.append(message.text)
            if texts.count == count * writers.count { break }
            if texts.count >= (restarts + 1) * 40, restarts < 3 {
                restarts += 1
                await server.stop()
                try await server.start()
            }
        }
        #expect(await sending.value == count * writers.count)
        #expect(restarts == 3)
        for number in 0..<writers.count {
            let lines = texts.filter { $0.hasPrefix("\(number) ") }
            #expect(lines == (0..<count).map { "\(number) \($0)" })
        }
        for client in writers + [reader] { client.close() }
        await server.stop()
    }

    @Test func `a closed client ends its events, its states and its calls`() async throws {
        let server = Server(usesWebSocket: false)
        try await server.start()
        let client = try server.client("ana")
        _ = try await client.rooms()
        client.close()
        for await _ in client.events {}
        var last: ChatConnectionState?
        for await state in client.states { last = state }
        #expect(last == .closed(nil))
        await #expect(throws: ChatRefusal.self) { try await client.rooms() }
        await server.stop()
    }

    @Test func `a call ends with its task`() async throws {
        // Nobody listens on port 1.
        let client = try ChatClient(
            ChatEndpoint(host: "127.0.0.1", port: 1), as: .guest(name: "ana"))
        let task = Task { try await client.rooms() }
        task.cancel()
        let result = await task.result
        #expect(throws: ChatRefusal.self) { try result.get() }
        client.close()
    }
}
