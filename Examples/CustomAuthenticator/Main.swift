// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import ChatTransportWS

/// Users of your own service: whoever has one of its session cookies is let in under the name that it knows.
struct SessionCookies: Authenticator {
    /// Ask your own back end here; the call may suspend.
    private let users = [
        "cookie-of-ada": UserReference(id: UserID(rawValue: 1_815), name: "Ada"),
        "cookie-of-alan": UserReference(id: UserID(rawValue: 1_912), name: "Alan"),
    ]

    func signIn(
        _ credentials: Credentials, store: any ChatStore
    ) async throws(WireError) -> SignIn {
        guard let token = credentials.token, let user = users[token] else {
            throw WireError(.invalidToken, "sign in on our page first", field: "token")
        }
        return SignIn(user: user)
    }
}

@main struct Main {
    static func main() async throws {
        let engine = try await ChatEngine(store: MemoryStore(), authenticator: SessionCookies())
        for (id, name) in [(1_815, "Ada"), (1_912, "Alan")] as [(UInt64, String)] {
            // Whoever is to have a profile and invitations is a stored user too.
            try await engine.addUser(UserReference(id: UserID(rawValue: id), name: name))
        }
        try await engine.serve(WebSocketTransport(port: 8080), TCPTransport(port: 7070))
        print("chat at \(engine.endpoints.joined(separator: " and "))")
        await engine.waitUntilStopped()
    }
}
