// SPDX-License-Identifier: MIT

import Glibc

private let usage = """
    chat-cli: chat in a terminal or in a pipe.

    USAGE: chat-cli [--name NAME | --user LOGIN] [--option value ...]
           chat-cli replay --data DIR [--option value ...]

      --name NAME           a guest's name (your login name)
      --user LOGIN          an account's name or e-mail address; the password is asked for, or read from
                            the variable CHAT_PASSWORD or from --password-file
      --password-file FILE  a file whose first line is the password
      --register            make the account --user, perhaps with --email
      --email ADDRESS       the new account's e-mail address
      --host HOST           where the server is (127.0.0.1)
      --port PORT           its port (7070, with --ws 8080)
      --ws                  talk over WebSocket
      --path PATH           the WebSocket's path (/ws)
      --tls                 encrypt; the certificate must be for --host, of an authority of the system
      --ca FILE             with --tls: of an authority in that PEM file
      --insecure            with --tls: check nothing; for development only
      --room ROOM           the room to begin in
      --plain               no screen: reads lines, prints lines; by itself without a terminal
      --give-up SECONDS     plain: end with 1 if there is no connection after so long
      --quiet               do not ring

    /help lists what can be typed. Exit codes: 0; 1: no sign-in, or without a screen something was refused;
    2: the command line is wrong; 128 and its number after a signal. NO_COLOR turns colours off.

    replay plays days of IRC logs into rooms and compares what the server then has with what was sent:
      --data DIR [--days N | --files A,B] [--host 127.0.0.1] [--tcp-port 7070] [--ws-port 8080]
      [--users-per-day 20] [--parallel-days 4] [--window 64] [--resume-log FILE]

    """

@main struct Main {
    static func main() async {
        // A peer that went away is told by the result of a write.
        signal(SIGPIPE, SIG_IGN)
        var arguments = Array(CommandLine.arguments.dropFirst())
        do throws(Options.Problem) {
            if arguments.contains("--help") || arguments.contains("-h") {
                Output.write(usage)
            } else if arguments.first == "replay" {
                arguments.removeFirst()
                exit(try Replay(arguments).run())
            } else {
                exit(try await Chat(arguments).run())
            }
        } catch {
            Output.complain("chat-cli: \(error.text)\nchat-cli --help lists the options.\n")
            exit(2)
        }
    }
}

/// The standard streams, written without buffers: a line is out when the call returns.
enum Output {
    static func write(_ text: String) { write(text, to: 1) }
    static func complain(_ text: String) { write(text, to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, 1_000)
            } else if errno != EINTR {
                return
            }
        }
    }
}
