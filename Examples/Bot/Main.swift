// SPDX-License-Identifier: MIT

import ChatClient

/// A bot: answers `!echo` in every room that it is in. Whatever happens to the connection, each once.
@main struct Main {
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7070
        let bot = try ChatClient(
            ChatEndpoint(host: "127.0.0.1", port: port), as: .guest(name: "echo"))
        let me = try await bot.whoAmI()
        for await event in bot.events {
            guard case .message(let message) = event.kind, message.author.id != me.id,
                message.text.hasPrefix("!echo ")
            else { continue }
            let text = String(message.text.dropFirst(6))
            try await bot.send(text, to: message.room, replyTo: message.seq)
        }
    }
}
