// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite
import ChatTransportTCP
import ChatTransportWS

@main struct Main {
    static func main() async throws {
        let engine = try await ChatEngine(
            store: SQLiteStore(path: "chat.sqlite"), authenticator: .guests)
        try await engine.serve(WebSocketTransport(port: 8080), TCPTransport(port: 7070))
        print("chat at \(engine.endpoints.joined(separator: " and "))")

        let bot = UserReference(id: UserID(rawValue: 1), name: "bot")
        try await engine.addUser(bot)
        let room = try await engine.room(named: "general")
        try await engine.perform(.join(after: nil), in: room, as: bot)
        _ = try await engine.post("the service has started", in: room, as: bot)

        await engine.waitUntilStopped()
    }
}
