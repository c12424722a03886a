// SPDX-License-Identifier: MIT

import Glibc

private let usage = """
    usage: chat-cli --name NAME [--host 127.0.0.1] [--port 7070] [--room ROOM] [--plain]
                    [--tls [--ca FILE | --insecure]]
           chat-cli replay --data DIR [--days N | --files A,B] [--host 127.0.0.1]
                           [--tcp-port 7070] [--ws-port 8080] [--users-per-day 20]
                           [--parallel-days 4] [--window 64] [--resume-log FILE]

    The first chats over TCP; --plain is for pipes and scripts: no colours, no line editing, and at
    the end of the input it waits until everything was stored, then leaves. --tls encrypts, and checks
    that the server's certificate is for --host and from an authority of the system, or of --ca (a PEM
    file); --insecure checks nothing: for development only. The second plays days of
    IRC logs into rooms and compares what the server then has with what was sent.

    """

@main struct Main {
    static func main() {
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
                exit(try ChatClient(arguments).run())
            }
        } catch {
            Output.complain("chat-cli: \(error.text)\n\(usage)")
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
