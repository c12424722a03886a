// SPDX-License-Identifier: MIT

import ChatClient
import ChatTerminal
import Glibc

/// What the command line says of the server and of who one is.
struct SignIn {
    let endpoint: ChatEndpoint
    let identity: ChatIdentity

    /// Reads the options, and the password where it is.
    init(_ options: Options) throws(Options.Problem) {
        endpoint = try Self.endpoint(options)
        if let user = options.string("user") {
            guard options.string("name") == nil else {
                throw Options.Problem(text: "--name is for guests, --user for accounts: give one")
            }
            let password = try Self.password(options, of: user)
            identity =
                options.has("register")
                ? .newAccount(
                    ChatRegistration(
                        username: user, password: password, email: options.string("email")))
                : .account(login: user, password: password)
        } else {
            guard !options.has("register"), options.string("email") == nil,
                options.string("password-file") == nil
            else {
                throw Options.Problem(
                    text: "--register, --email and --password-file need --user")
            }
            guard let name = options.string("name") ?? Self.environment("USER") else {
                throw Options.Problem(text: "--name is required")
            }
            identity = .guest(name: name)
        }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func endpoint(_ options: Options) throws(Options.Problem) -> ChatEndpoint {
        let usesWebSocket = options.has("ws")
        guard options.has("tls") || (options.string("ca") == nil && !options.has("insecure")) else {
            throw Options.Problem(text: "--ca and --insecure need --tls")
        }
        guard usesWebSocket || options.string("path") == nil else {
            throw Options.Problem(text: "--path needs --ws")
        }
        let security: ChatEndpoint.Security =
            options.has("insecure")
            ? .tlsWithAnybody
            : options.has("tls") ? .tls(authorities: options.string("ca")) : .none
        return ChatEndpoint(
            host: options.string("host") ?? "127.0.0.1",
            port: try options.integer("port", default: usesWebSocket ? 8080 : 7070),
            transport: usesWebSocket
                ? .webSocket(path: options.string("path") ?? "/ws") : .tcp,
            security: security)
    }

    /// The password: from a file, from the environment, or from the person; never from the command line, which
    /// others on the machine can read.
    private static func password(
        _ options: Options, of user: String
    ) throws(Options.Problem) -> String {
        if let path = options.string("password-file") {
            guard let bytes = Files.read(path) else {
                throw Options.Problem(text: "--password-file: \(path) cannot be read")
            }
            return String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
        }
        if let password = environment("CHAT_PASSWORD") { return password }
        let name = HarmlessText.line(user)
        guard let password = Device.ask("Password of \(name): ") else {
            throw Options.Problem(
                text: "no terminal to ask for the password: set CHAT_PASSWORD or --password-file")
        }
        if options.has("register"), Device.ask("The same once more: ") != password {
            throw Options.Problem(text: "the passwords are not the same")
        }
        return password
    }
}
