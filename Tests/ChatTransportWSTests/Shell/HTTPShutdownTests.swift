// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatTransportWS

/// Lets answers through when it is told to.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [CheckedContinuation<Void, Never>] = []
    private var arrived = 0

    func pass() async {
        arrived += 1
        for continuation in arrivals { continuation.resume() }
        arrivals = []
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    /// Waits until so many want to pass.
    func until(_ count: Int) async {
        while arrived < count { await withCheckedContinuation { arrivals.append($0) } }
    }
}

/// Invariant 12 for HTTP: what was taken is answered, what comes later is refused.
@Suite(.timeLimit(.minutes(5)))
struct HTTPShutdownTests {
    private let gate = Gate()

    private func engine(_ kind: ReactorKind) async throws -> ChatEngine {
        var configuration = ChatConfiguration()
        configuration.reactor = kind
        return try await ChatEngine(store: MemoryStore(), configuration: configuration)
    }

    private func transport() -> WebSocketTransport {
        let gate = gate
        var configuration = WebSocketTransport.Configuration(routes: [
            HTTPRoute("/page", contentType: "text/plain", body: Array("page".utf8)),
            HTTPRoute("GET", "/slow") { _ in
                await gate.pass()
                return HTTPAnswer(.text(.ok, "at last"))
            },
            HTTPRoute("POST", "/echo", bodyBytes: 1_000) { call in
                await gate.pass()
                let body = try? await call.body.collect(upTo: 1_000)
                return HTTPAnswer(.text(.ok, String(decoding: body ?? [], as: UTF8.self)))
            },
        ])
        // However slow the machine is, nobody is let go for that.
        configuration.headMilliseconds = 600_000
        configuration.bodyMilliseconds = 600_000
        configuration.refusal = { status in
            HTTPResponse(
                status, fields: [.init("Content-Type", "application/json")],
                body: Array(#"{"error":{"code":"unavailable"}}"#.utf8))
        }
        return WebSocketTransport(port: 0, configuration: configuration)
    }

    private static func get(_ path: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    @Test(arguments: ReactorKind.usable)
    func `a request that runs at shutdown gets its answer, and the connection closes`(
        _ kind: ReactorKind
    ) async throws {
        let engine = try await engine(kind)
        try await engine.serve(transport())
        let port = engine.ports[0]
        let (slow, body, idle) = (
            try RawClient(port: port), try RawClient(port: port), try RawClient(port: port)
        )
        try await slow.send(Self.get("/slow"))
        try await body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc")
        try await idle.send(Self.get("/page"))
        _ = try await idle.readResponse()
        await gate.until(2)
        let stopping = Task { await engine.shutdown(deadlineMilliseconds: 200_000) }
        // Nothing is due here: the server has come as far as closing connections.
        #expect(try await idle.readToEnd().isEmpty)
        try await body.send("def")
        await gate.open()
        for (client, text) in [(slow, "at last\n"), (body, "abcdef\n")] {
            let answer = try await client.readResponse()
            #expect(answer.head.first == "HTTP/1.1 200 OK")
            #expect(answer.head.contains("Connection: close"))
            #expect(answer.body == text)
            #expect(try await client.readToEnd().isEmpty)
            client.close()
        }
        await stopping.value
    }

    @Test(arguments: ReactorKind.usable)
    func `requests that come after the stop began are refused as JSON`(
        _ kind: ReactorKind
    ) async throws {
        let engine = try await engine(kind)
        let running = try await transport().start(engine)
        let clients = try (0..<2).map { _ in try RawClient(port: running.port) }
        for client in clients {
            try await client.send(Self.get("/page"))
            #expect(try await client.readResponse().body == "page")
        }
        await running.stopAccepting()
        for (client, path) in zip(clients, ["/page", "/slow"]) {
            try await client.send(Self.get(path))
            let answer = try await client.readResponse()
            #expect(answer.head.first == "HTTP/1.1 503 Service Unavailable")
            #expect(answer.head.contains("Connection: close"))
            #expect(answer.head.contains("Content-Type: application/json"))
            #expect(answer.body == #"{"error":{"code":"unavailable"}}"#)
            #expect(try await client.readToEnd().isEmpty)
            client.close()
        }
        await running.stop(deadline: SystemClock().now().advanced(byMilliseconds: 5_000))
        await engine.shutdown()
    }

    @Test(arguments: ReactorKind.usable)
    func `an answer that does not come is waited for until the deadline and no longer`(
        _ kind: ReactorKind
    ) async throws {
        let engine = try await engine(kind)
        try await engine.serve(transport())
        let client = try RawClient(port: engine.ports[0])
        try await client.send(Self.get("/slow"))
        await gate.until(1)
        await engine.shutdown(deadlineMilliseconds: 50)
        #expect(try await client.readToEnd().isEmpty)
        client.close()
        await gate.open()
    }
}
