// SPDX-License-Identifier: MIT

/// What is spoken with the server. `chat` is the protocol of docs/protocol.md; the others are as much of each
/// server's protocol as it takes to join a room and to send, so that the same program measures them all.
enum Dialect: String, Sendable {
    case chat, raw, redis, nats, irc

    var isWebSocket: Bool { self == .chat || self == .raw }
    /// IRC servers do not send a message back to its sender: its neighbour sees it on its behalf.
    var echoesToSender: Bool { self != .irc }
}

extension Dialect {
    /// Whether a line says that the server will not have us.
    func refuses(_ line: String) -> Bool {
        if line.hasPrefix("-") || line.hasPrefix("ERROR") { return true }
        // 433: the nick is taken. Only as the reply's number: it may be a count further on.
        return self == .irc && line.split(separator: " ").dropFirst().first == "433"
    }
}

/// One step of signing in: what is said, and what has to come back before the next step.
struct OpeningStep {
    enum Answer {
        /// The answer to the command with this id; an error with this code will do as well.
        case chat(id: UInt64, orError: String?)
        /// A line that contains this text.
        case line(containing: String)
    }

    let say: String
    let answer: Answer
}

extension Dialect {
    /// The steps of a connection that makes or joins `room`.
    func opening(user: String, room: String, creates: Bool) -> [OpeningStep] {
        switch self {
        case .raw: []
        case .chat: chatOpening(user: user, room: room, creates: creates)
        case .redis:
            // The third version of the protocol lets a subscriber publish on the same connection.
            [
                OpeningStep(say: "HELLO 3\r\n", answer: .line(containing: "modules")),
                OpeningStep(
                    say: "SUBSCRIBE \(room)\r\n", answer: .line(containing: "subscribe")),
            ]
        case .nats:
            [
                OpeningStep(
                    say: "CONNECT {\"verbose\":false,\"pedantic\":false}\r\nPING\r\n",
                    answer: .line(containing: "PONG")),
                OpeningStep(say: "SUB \(room) 1\r\nPING\r\n", answer: .line(containing: "PONG")),
            ]
        case .irc:
            [
                OpeningStep(
                    say: "NICK \(user)\r\nUSER \(user) 0 * :\(user)\r\n",
                    answer: .line(containing: " 001 ")),
                OpeningStep(say: "JOIN #\(room)\r\n", answer: .line(containing: " 366 ")),
            ]
        }
    }

    private func chatOpening(user: String, room: String, creates: Bool) -> [OpeningStep] {
        var steps = [
            OpeningStep(
                say: #"{"type":"hello","id":1,"name":"\#(user)","client":"chat-load"}"#,
                answer: .chat(id: 1, orError: nil))
        ]
        if creates {
            steps.append(
                OpeningStep(
                    say: #"{"type":"room.create","id":2,"name":"\#(room)"}"#,
                    answer: .chat(id: 2, orError: "room_name_taken")))
        }
        steps.append(
            OpeningStep(
                say: #"{"type":"room.join","id":3,"room":"\#(room)"}"#,
                answer: .chat(id: 3, orError: nil)))
        return steps
    }

    /// A message for `room` with the places that differ from message to message left open.
    func template(room: String, payloadSize: Int, hasClientID: Bool) -> MessageTemplate {
        var template = MessageTemplate()
        switch self {
        case .chat:
            template.append(#"{"type":"send","id":9,"room":"\#(room)","#)
            if hasClientID {
                template.append(#""client_id":""#)
                template.appendClientID()
                template.append("\",")
            }
            template.append(#""text":""#)
            template.appendPayload(size: payloadSize)
            template.append("\"}")
        case .raw:
            template.appendPayload(size: payloadSize)
        case .redis:
            template.append(
                "*3\r\n$7\r\nPUBLISH\r\n$\(room.utf8.count)\r\n\(room)\r\n$\(payloadSize)\r\n")
            template.appendPayload(size: payloadSize)
            template.append("\r")
        case .nats:
            template.append("PUB \(room) \(payloadSize)\r\n")
            template.appendPayload(size: payloadSize)
            template.append("\r")
        case .irc:
            template.append("PRIVMSG #\(room) :")
            template.appendPayload(size: payloadSize)
            template.append("\r")
        }
        return template
    }
}

/// The bytes of a message, and where its payload and its client_id are. A line's end is not part of it.
struct MessageTemplate {
    private(set) var bytes: [UInt8] = []
    private(set) var payloadOffset = 0
    private(set) var clientIDOffset: Int?

    mutating func append(_ text: String) { bytes += Array(text.utf8) }

    mutating func appendPayload(size: Int) {
        payloadOffset = bytes.count
        bytes += Payload.blank(size: size)
    }

    /// Room for three numbers of eight characters: the run, the sender, the message.
    mutating func appendClientID() {
        clientIDOffset = bytes.count
        bytes += Array(repeating: UInt8(ascii: "@"), count: 24)
    }
}
