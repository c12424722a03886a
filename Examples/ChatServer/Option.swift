// SPDX-License-Identifier: MIT

/// A setting of the server: its flag, its environment variable, what it means. The one table that `--help`,
/// the README and the parser share.
struct Option {
    let flag: String
    let value: String
    let standard: String
    let meaning: String

    /// `--ws-port` is `CHAT_WS_PORT`.
    var variable: String {
        "CHAT_" + flag.dropFirst(2).uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// How it is written. Without a value it is a switch, on when it is there.
    var usage: String { value.isEmpty ? flag : "\(flag) \(value)" }

    static let all = [
        Option(
            flag: "--host", value: "ADDRESS", standard: "127.0.0.1",
            meaning: "address to listen on; 0.0.0.0 for every interface"),
        Option(
            flag: "--ws-port", value: "PORT", standard: "8080",
            meaning: "web page and WebSocket; 0 for any free port"),
        Option(
            flag: "--tcp-port", value: "PORT", standard: "7070",
            meaning: "one JSON object per line; 0 for any free port"),
        Option(
            flag: "--tls-cert", value: "FILES", standard: "",
            meaning:
                "PEM chain for TLS on both ports; several by comma, one per host; SIGHUP reads them again"
        ),
        Option(
            flag: "--tls-key", value: "FILES", standard: "",
            meaning: "PEM keys of --tls-cert, in the same order"),
        Option(
            flag: "--trusted-proxy", value: "RANGES", standard: "",
            meaning: "addresses (CIDR, by comma) of proxies that say who the client is"),
        Option(
            flag: "--proxy-header", value: "HEADER", standard: "x-forwarded-for",
            meaning:
                "how they say it: x-forwarded-for, forwarded, or proxy (PROXY protocol, both ports)"
        ),
        Option(
            flag: "--handshake-ms", value: "MS", standard: "10000",
            meaning: "how long TLS, a proxy's header or the head of a request may take"),
        Option(
            flag: "--store", value: "STORE", standard: "sqlite:chat.sqlite",
            meaning: "sqlite:PATH, postgres://USER@HOST/DATABASE, or memory (nothing survives)"),
        Option(
            flag: "--synchronous", value: "MODE", standard: "full",
            meaning: "SQLite: full (survives power loss) or normal (survives a crash)"),
        Option(
            flag: "--limits", value: "LIMITS", standard: "standard",
            meaning: "standard, or off (no rate limits and connection caps; for benchmarks)"),
        Option(
            flag: "--reactors", value: "N", standard: "0",
            meaning: "threads for connections and rooms; 0 for one per core"),
        Option(
            flag: "--reactor", value: "KIND", standard: "epoll",
            meaning:
                "how they talk to the kernel: epoll, io_uring, or auto (io_uring where it is allowed)"
        ),
        Option(
            flag: "--connections", value: "N", standard: "10000",
            meaning: "most connections at once"),
        Option(
            flag: "--connections-per-address", value: "N", standard: "100",
            meaning: "most connections at once from one address"),
        Option(
            flag: "--heartbeat-ms", value: "MS", standard: "25000",
            meaning: "silence after which a peer is asked for a sign of life"),
        Option(
            flag: "--heartbeat-timeout-ms", value: "MS", standard: "60000",
            meaning: "silence after which a peer is dead"),
        Option(
            flag: "--presence-grace-ms", value: "MS", standard: "15000",
            meaning: "how long somebody who lost their connection still counts as online"),
        Option(
            flag: "--default-room", value: "NAME", standard: "general",
            meaning: "the room that everybody is in"),
        Option(
            flag: "--allow-origin", value: "ORIGINS", standard: "same",
            meaning:
                "who may open a WebSocket from a page: same (host), any, or a comma-separated list"),
        Option(
            flag: "--cors-origin", value: "ORIGINS", standard: "none",
            meaning:
                "whose pages may call the HTTP API: none (but the host's own), any, or a comma-separated list"
        ),
        Option(
            flag: "--web", value: "FOLDER", standard: "",
            meaning:
                "serve the page's files from there instead of the built-in ones, to work on them"
        ),
        Option(
            flag: "--compression", value: "ON", standard: "off",
            meaning: "permessage-deflate for WebSockets that offer it: on or off"),
        Option(
            flag: "--retention-days", value: "N", standard: "0",
            meaning: "remove events from all rooms after so many days; 0 keeps them"),
        Option(
            flag: "--retention-messages", value: "N", standard: "0",
            meaning: "keep so many of the newest messages of each room; 0 keeps all"),
        Option(
            flag: "--read-time-days", value: "N", standard: "90",
            meaning: "know for so many days when members read what; 0 keeps no such times"),
        Option(
            flag: "--auth", value: "KIND", standard: "guests",
            meaning: "who may sign in: guests, accounts (with passwords), or both"),
        Option(
            flag: "--registration", value: "ON", standard: "on",
            meaning: "whether anybody may register an account: on or off"),
        Option(
            flag: "--token-secret-file", value: "FILE", standard: "",
            meaning:
                "secrets of access tokens, one a line: the first signs, all verify; made if it is missing; beside the SQLite store by default"
        ),
        Option(
            flag: "--access-seconds", value: "N", standard: "900",
            meaning: "how long an access token is valid"),
        Option(
            flag: "--refresh-days", value: "N", standard: "30",
            meaning: "how long a device stays signed in that is not used"),
        Option(
            flag: "--files", value: "DIR", standard: "auto",
            meaning:
                "where files of messages are kept: a directory, auto (beside the SQLite file) or off"
        ),
        Option(
            flag: "--file-bytes", value: "BYTES", standard: "5000000",
            meaning: "the longest file"),
        Option(
            flag: "--file-types", value: "TYPES", standard: "*/*",
            meaning: "which files are taken: media types like image/png or image/*, with commas"),
        Option(
            flag: "--file-quota", value: "BYTES", standard: "1000000000",
            meaning: "all files of one user together"),
        Option(
            flag: "--activity-log", value: "DIR", standard: "off",
            meaning: "write who does what into daily files there (JSON lines); off for none"),
        Option(
            flag: "--activity-days", value: "N", standard: "30",
            meaning: "keep so many days' files of --activity-log; 0 keeps all"),
        Option(
            flag: "--activity-content", value: "ON", standard: "off",
            meaning: "write what people say as well: on or off"),
        Option(
            flag: "--drain-ms", value: "MS", standard: "5000",
            meaning: "how long clients may take to read what is queued when the server stops"),
        Option(
            flag: "--log-level", value: "LEVEL", standard: "info",
            meaning: "debug, info, warning or error; lines go to standard error"),
        Option(
            flag: "--backup", value: "FILE", standard: "",
            meaning: "copy the SQLite store into a new file, while it is served or not, and exit"),
        Option(
            flag: "--export-user", value: "NAME", standard: "",
            meaning: "print all data of a user (name or id) as JSON lines and exit"),
        Option(
            flag: "--erase-user", value: "NAME", standard: "",
            meaning:
                "erase a user (name or id) and all that they wrote, and exit; stop the server first"
        ),
        Option(
            flag: "--storage-report", value: "", standard: "",
            meaning: "print how large the store is and what to do about it, and exit"),
    ]

    static var help: String {
        var text = """
            chat-server: a chat server with a web page, WebSocket and TCP, on SQLite or Postgres.

            USAGE: chat-server [--option value ...]

            Every option can also be given as an environment variable; the option wins.


            """
        let width = all.map(\.usage.count).max() ?? 0
        for option in all {
            let left = option.usage
            let padding = String(repeating: " ", count: width - left.count)
            text += "  \(left)\(padding)  \(option.meaning)\n"
            let indent = String(repeating: " ", count: width + 4)
            let standard = option.standard.isEmpty ? "" : ", default \(option.standard)"
            text += "\(indent)[\(option.variable)\(standard)]\n"
        }
        return text + "  --help  this text\n"
    }
}
