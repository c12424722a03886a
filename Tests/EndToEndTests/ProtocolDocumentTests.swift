// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatFiles
import ChatSockets
import ChatStorageMemory
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// What the document shows is what happens: every example runs over every transport.
@Suite struct ProtocolDocumentTests {
    @Test func `the document has examples, and all of their lines are understood`() {
        let scripts = ProtocolScript.all()
        #expect(scripts.count >= 8)
        #expect(scripts.allSatisfy { $0.steps.count >= 2 })
    }

    @Test(arguments: ProtocolScript.all())
    func `an example of the document happens over loopback`(_ script: ProtocolScript) async throws {
        let (store, clock) = (MemoryStore(), VirtualClock())
        let accounts = try Self.accounts(store, clock: clock)
        let files = FileService(store: MemoryFileStore(), clock: clock)
        let world = try await LoopbackWorld(
            store: store, authenticator: .accounts(accounts, allowsGuests: true), clock: clock
        ) { $0.attachments = files }
        files.serve(world.engine)
        var clients: [String: LoopbackClient] = [:]
        var pending: [String: [JSONValue]] = [:]
        var bindings = ProtocolBindings()
        for (line, step) in script.steps {
            switch step {
            case .send(let name, let text):
                let client = clients[name] ?? world.connect()
                clients[name] = client
                client.send(bindings.filled(text))
                world.advance(milliseconds: 200)
                await world.settleCalls()
            case .expect(let name, let pattern):
                pending[name, default: []] += clients[name]?.takeNew() ?? []
                let index = pending[name]?.firstIndex { bindings.match(pattern, $0) }
                guard let index else {
                    Issue.record(
                        "line \(line): \(name) has no \(pattern) in \(pending[name] ?? [])")
                    return
                }
                pending[name]?.removeSubrange(...index)
            }
        }
        #expect(!clients.isEmpty)
    }

    @Test(arguments: ProtocolScript.all(), ReactorKind.usable)
    func `an example of the document happens over TCP`(
        _ script: ProtocolScript, _ kind: ReactorKind
    ) async throws {
        try await run(script, over: TCPTransport(port: 0), kind) { port in
            LineWire(try RawClient(port: port))
        }
    }

    @Test(arguments: ProtocolScript.all(), ReactorKind.usable)
    func `an example of the document happens over WebSocket`(
        _ script: ProtocolScript, _ kind: ReactorKind
    ) async throws {
        try await run(script, over: WebSocketTransport(port: 0), kind) { port in
            try await WebSocketWire(RawClient(port: port))
        }
    }

    /// Accounts with hashes that cost nothing.
    private static func accounts(
        _ store: MemoryStore, clock: any ChatClock = SystemClock()
    ) throws -> AccountService {
        var options = AccountOptions()
        options.password = .weakest
        return try AccountService(
            store: store, keys: TokenKeys(signing: .random(id: "test")), options: options,
            clock: clock)
    }

    /// Runs a script over real connections, one per client.
    private func run(
        _ script: ProtocolScript, over transport: any Transport, _ kind: ReactorKind,
        connect: (Int) async throws -> any TestWire
    ) async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.reactor = kind
        configuration.receipts.smallRoomReceiptIntervalMilliseconds = 1
        let store = MemoryStore()
        let accounts = try Self.accounts(store)
        let files = FileService(store: MemoryFileStore())
        configuration.attachments = files
        let engine = try await ChatEngine(
            store: store, authenticator: .accounts(accounts, allowsGuests: true),
            configuration: configuration)
        files.serve(engine)
        try await engine.serve(transport)
        var clients: [String: any TestWire] = [:]
        var bindings = ProtocolBindings()
        do {
            for (line, step) in script.steps {
                switch step {
                case .send(let name, let text):
                    let client: any TestWire
                    if let known = clients[name] {
                        client = known
                    } else {
                        client = try await connect(engine.ports[0])
                        clients[name] = client
                    }
                    try await client.send(bindings.filled(text))
                case .expect(let name, let pattern):
                    let client = try #require(clients[name], "line \(line)")
                    while true {
                        let text = try #require(
                            await client.receive(), "line \(line): \(name) waits for \(pattern)")
                        if bindings.match(pattern, JSONValue(parsing: text) ?? .null) { break }
                    }
                }
            }
        } catch {
            Issue.record("line \(script.line): \(error)")
        }
        for client in clients.values { client.close() }
        await engine.shutdown(deadlineMilliseconds: 1_000)
        #expect(!clients.isEmpty)
    }
}
