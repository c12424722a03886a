// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

/// The client library over TLS.
@Suite(.timeLimit(.minutes(5)))
struct ClientTests {
    private func client(
        _ name: String, _ chat: SecureChat, host: String = "localhost", usesWebSocket: Bool = false,
        _ security: ChatEndpoint.Security
    ) throws -> ChatClient {
        try ChatClient(
            ChatEndpoint(
                host: host, port: usesWebSocket ? chat.webSocket : chat.tcp,
                transport: usesWebSocket ? .webSocket(path: "/ws") : .tcp, security: security),
            as: .guest(name: name))
    }

    /// How a client ended that never came in.
    private func end(_ client: ChatClient) async -> String? {
        for await state in client.states {
            if case .closed(let refusal) = state { return refusal?.code }
        }
        return nil
    }

    @Test(arguments: [true, false])
    func `clients talk over TLS, also long messages`(usesWebSocket: Bool) async throws {
        let chat = try await SecureChat()
        let trusted = ChatEndpoint.Security.tls(authorities: chat.certificate.chainPath)
        let ana = try client("ana", chat, usesWebSocket: usesWebSocket, trusted)
        let bo = try client("bo", chat, usesWebSocket: !usesWebSocket, trusted)
        _ = try await bo.join("general")
        let texts = (0..<50).map { "\($0) " + String(repeating: "é", count: 3_000) }
        for text in texts { try await ana.send(text, to: "general") }
        var heard: [String] = []
        for await event in bo.events {
            if case .message(let message) = event.kind { heard.append(message.text) }
            if heard.count == texts.count { break }
        }
        #expect(heard == texts)
        for client in [ana, bo] { client.close() }
        await chat.stop()
    }

    @Test func `a server with another name or of no known authority is not talked to`()
        async throws
    {
        let chat = try await SecureChat()
        let path = chat.certificate.chainPath
        let numbered = try client("a", chat, host: "127.0.0.1", .tls(authorities: path))
        #expect(await end(numbered) == "not_trusted")
        #expect(await end(try client("b", chat, .tls())) == "not_trusted")
        #expect(throws: ChatRefusal.self) {
            try client("c", chat, .tls(authorities: chat.certificate.keyPath))
        }
        let careless = try client("d", chat, host: "127.0.0.1", .tlsWithAnybody)
        #expect(try await careless.whoAmI().name == "d")
        careless.close()
        await chat.stop()
    }
}
