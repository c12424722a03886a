// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Synchronization
import Testing

/// The engine inside a service: no transport, Swift's own pool, real time.
@Suite(.timeLimit(.minutes(15)))
struct EmbeddingTests {
    private static let bot = UserReference(id: UserID(rawValue: 1), name: "bot")
    private static let ana = UserReference(id: UserID(rawValue: 2), name: "ana")

    private func engine(
        _ configure: (inout ChatConfiguration) -> Void = { _ in }
    ) async throws -> ChatEngine {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        // Other tests may keep the pool busy for longer than a client may take to say hello.
        configuration.heartbeat.helloTimeoutMilliseconds = 600_000
        configuration.heartbeat.intervalMilliseconds = 600_000
        configuration.heartbeat.timeoutMilliseconds = 1_200_000
        configure(&configuration)
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        try await engine.addUser(Self.bot)
        try await engine.addUser(Self.ana)
        return engine
    }

    /// The next message that `isWanted`; `nil` at the end of the connection.
    private func next(
        _ messages: inout AsyncStream<[UInt8]>.Iterator, _ isWanted: (JSONValue) -> Bool
    ) async -> JSONValue? {
        while let bytes = await messages.next(isolation: #isolation) {
            let text = String(decoding: bytes, as: UTF8.self)
            if let message = JSONValue(parsing: text), isWanted(message) { return message }
        }
        return nil
    }

    @Test func `a service posts, and its own clients speak the protocol`() async throws {
        let engine = try await engine()
        let room = try await engine.room(named: "GENERAL")
        let client = try await engine.connect(as: Self.ana)
        var messages = client.messages.makeAsyncIterator()
        let welcome = await next(&messages) { $0["type"] == "ok" }
        #expect(welcome?["user"]["name"] == "ana")
        try await engine.perform(.join(after: nil), in: room, as: Self.bot)
        let seq = try await engine.post("hello", in: room, as: Self.bot, clientID: "k1")
        #expect(try await engine.post("hello", in: room, as: Self.bot, clientID: "k1") == seq)
        let event = await next(&messages) { $0["type"] == "message" }
        #expect(event?["seq"].integer == Int(seq.rawValue))
        #expect(event?["from"]["name"] == "bot")
        await client.receive(#"{"type":"send","id":7,"room":"general","text":"hi bot"}"#)
        #expect(await next(&messages) { $0["id"].integer == 7 }?["type"] == "ok")
        await client.disconnect()
        #expect(await next(&messages) { $0["type"] == "goodbye" } == nil)
        await engine.shutdown()
    }

    @Test func `refusals are thrown as clients get them`() async throws {
        let engine = try await engine()
        let room = try await engine.createRoom(NewRoom(name: "tea"), owner: Self.ana.id)
        await #expect(throws: WireError.self) {
            _ = try await engine.post("hello", in: room, as: Self.bot)
        }
        let taken = await #expect(throws: WireError.self) {
            _ = try await engine.createRoom(NewRoom(name: "Tea"))
        }
        #expect(taken?.code == .roomNameTaken)
        let unknown = await #expect(throws: WireError.self) {
            _ = try await engine.room(named: "nowhere")
        }
        #expect(unknown?.code == .roomNotFound)
        let name = await #expect(throws: WireError.self) {
            try await engine.addUser(UserReference(id: UserID(rawValue: 9), name: "BOT"))
        }
        #expect(name?.code == .nameTaken)
        await engine.shutdown()
    }

    @Test func `a policy rewrites and refuses, an observer hears of what was stored`() async throws
    {
        let observer = Recorder()
        let engine = try await engine {
            $0.policy = Manners()
            $0.observer = observer
        }
        let room = try await engine.room(named: "general")
        for user in [Self.bot, Self.ana] {
            try await engine.perform(.join(after: nil), in: room, as: user)
        }
        _ = try await engine.post("darn it", in: room, as: Self.bot)
        let refusal = await #expect(throws: WireError.self) {
            _ = try await engine.post("spam", in: room, as: Self.bot)
        }
        #expect(refusal?.code == .forbidden)
        let answer = try await engine.perform(.history(.latest, limit: 5), in: room, as: Self.ana)
        guard case .history(let page) = answer else {
            Issue.record("unexpected answer: \(answer)")
            return
        }
        #expect(page.messages.map(\.text) == ["**** it"])
        #expect(observer.texts == ["**** it"])
        #expect(observer.offline == [Self.bot.id, Self.ana.id])
        await engine.shutdown()
    }

    @Test func `a reader inside the service that is too slow is let go`() async throws {
        let engine = try await engine { $0.limits.queuedSlices = 8 }
        let room = try await engine.room(named: "general")
        let client = try await engine.connect(as: Self.ana)
        var messages = client.messages.makeAsyncIterator()
        #expect(await next(&messages) { $0["type"] == "ok" } != nil)
        try await engine.perform(.join(after: nil), in: room, as: Self.bot)
        for number in 0..<40 { _ = try await engine.post("\(number)", in: room, as: Self.bot) }
        var texts: [String] = []
        while let event = await next(&messages, { $0["type"] == "message" }) {
            texts.append(event["text"].string ?? "")
        }
        #expect(texts == (0..<texts.count).map(String.init), "a beginning without holes")
        #expect(texts.count < 40)
        await engine.shutdown()
    }
}

/// Stars for one word, refusal for another.
private struct Manners: ChatPolicy {
    func rewrite(
        _ text: String, by user: UserReference, in room: RoomRecord
    ) -> Result<String, WireError> {
        if text == "spam" { return .failure(WireError(.forbidden, "not here")) }
        return .success(text == "darn it" ? "**** it" : text)
    }
}

/// Notes what was stored.
private final class Recorder: ChatObserver {
    private let state = Mutex<(texts: [String], offline: Set<UserID>)>(([], []))

    var texts: [String] { state.withLock { $0.texts } }
    var offline: Set<UserID> { state.withLock { $0.offline } }

    func stored(_ event: LoggedEvent, in room: RoomRecord, offlineMembers: () -> [UserID]) {
        guard case .message(let text, _) = event.change else { return }
        let members = offlineMembers()
        state.withLock {
            $0.texts.append(text)
            $0.offline.formUnion(members)
        }
    }
}
