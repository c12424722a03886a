// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatTerminal
import Glibc

/// `chat-cli` without `replay`: a person's chat, on a screen or in a pipe.
struct Chat {
    private let options: Options
    private let isPlain: Bool

    init(_ arguments: [String]) throws(Options.Problem) {
        options = try Options(
            arguments,
            values: [
                "name", "user", "password-file", "email", "host", "port", "path", "room", "ca",
                "give-up",
            ],
            switches: ["plain", "tls", "insecure", "ws", "register", "quiet"])
        let term = getenv("TERM").map { String(cString: $0) } ?? ""
        isPlain =
            options.has("plain") || isatty(0) == 0 || isatty(1) == 0 || term.isEmpty
            || term == "dumb"
    }

    /// Chats; returns the exit code.
    func run() async throws(Options.Problem) -> Int32 {
        let giveUp = try options.integer("give-up", default: .max)
        if options.has("insecure") {
            Output.complain("chat-cli: --insecure: anybody may be at the other end\n")
        }
        let signIn = try SignIn(options)
        var clientOptions = ChatClientOptions()
        clientOptions.clientName = "chat-cli"
        let client: ChatClient
        do throws(ChatRefusal) {
            client = try ChatClient(signIn.endpoint, as: signIn.identity, options: clientOptions)
        } catch {
            throw Options.Problem(text: error.message)
        }
        var settings = ChatModel.Settings(
            isFullScreen: !isPlain, room: options.string("room"),
            keyPrefix: String(UInt64.random(in: .min ... .max), radix: 36))
        settings.rings = !options.has("quiet")
        settings.offset = Self.offset
        if isPlain {
            var plain = Plain(
                client, settings, giveUpSeconds: giveUp == .max ? nil : giveUp)
            return await plain.run()
        }
        var screen = FullScreen(client, settings)
        return await screen.run()
    }

    /// How many seconds the system's zone is before UTC at a time.
    private static let offset: LocalTime.Offset = { time in
        var seconds = time_t(time.milliseconds / 1_000)
        var local = tm()
        localtime_r(&seconds, &local)
        return Int64(local.tm_gmtoff)
    }
}
