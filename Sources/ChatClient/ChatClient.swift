// SPDX-License-Identifier: MIT

public import ChatCore

/// A client of a chat server: it stays connected, resumes where it was, and sends what waits.
///
/// Messages are sent once each and in order, whatever happens to the connection; events come once each and in the
/// order of their rooms' logs. Delivery and typing are reported by themselves; what the user has read, the program
/// says with ``markRead(_:in:)``.
public final class ChatClient: Sendable {
    private let mailbox: ClientMailbox
    private let clientIDs: String
    private let loop: ClientLoop

    /// Makes a client and begins to connect.
    ///
    /// - Throws: ``ChatRefusal``: `no_descriptors` if the process cannot open another file, `bad_authorities` if the file of
    ///   trusted certificates cannot be read.
    public init(
        _ endpoint: ChatEndpoint, as identity: ChatIdentity,
        options: ChatClientOptions = ChatClientOptions()
    ) throws(ChatRefusal) {
        guard let pipe = WakePipe() else {
            throw ChatRefusal(code: "no_descriptors", message: "no more files can be opened")
        }
        let seed = UInt64.random(in: .min ... .max)
        clientIDs = String(seed, radix: 36)
        mailbox = ClientMailbox(pipe, options: options)
        let machine = ClientMachine(identity, options: options, seed: seed)
        loop = try ClientLoop(endpoint, machine, mailbox)
        let loop = loop
        Task { await loop.run() }
    }

    deinit { mailbox.add(.close) }

    /// What happens, for one reader.
    public var events: ChatEvents { ChatEvents(queue: mailbox.events) }

    /// How the client stands with its server, from now on, for one reader. It ends with `closed`.
    public var states: AsyncStream<ChatConnectionState> { mailbox.states }

    /// Signs out and ends: calls that wait fail, ``events`` and ``states`` end.
    public func close() { mailbox.add(.close) }

    /// Sends a command of `docs/protocol.md` and returns the answer.
    ///
    /// - Parameters:
    ///   - command: with `type` and its keys, without `id`.
    ///   - isRepeatable: whether it may be sent again if the connection ends before the answer. Reading is, and so is what
    ///     sets something; what makes something new is not.
    /// - Throws: the server's refusal; `disconnected` if nobody knows whether it was done; `cancelled` with the task.
    public func call(
        _ command: JSONValue, isRepeatable: Bool = true
    ) async throws(ChatRefusal) -> JSONValue {
        try await mailbox.ask { ticket in
            .call(command, ticket: ticket, isRepeatable: isRepeatable)
        }.get()
    }

    /// Sends a message; returns once it is stored.
    ///
    /// - Parameters:
    ///   - text: 1 to 4 000 characters.
    ///   - room: a room's id or name.
    ///   - replyTo: the message that it answers.
    ///   - clientID: a key of one's own, for programs that repeat themselves after a restart.
    ///   - files: what ``upload(_:to:name:resuming:progress:)`` brought to this room; `text` may be empty then.
    /// - Returns: the message's position.
    /// - Throws: the server's refusal for good. Refusals for now are tried again.
    @discardableResult
    public func send(
        _ text: String, to room: String, replyTo: SequenceNumber? = nil, clientID: String? = nil,
        files: [ChatFile] = []
    ) async throws(ChatRefusal) -> SequenceNumber {
        let prefix = clientIDs
        let answer = try await mailbox.ask { ticket in
            let key = clientID ?? "\(prefix)-\(ticket)"
            var command: JSONValue = [
                "type": "send", "room": .string(room), "client_id": .string(key),
                "text": .string(text),
            ]
            if let replyTo {
                command = command.with("reply_to", .int(Int(clamping: replyTo.rawValue)))
            }
            if !files.isEmpty {
                command = command.with("attachments", .array(files.map { .string($0.id) }))
            }
            return .post(command, room: room, clientID: key, ticket: ticket)
        }.get()
        return ClientMachine.position(answer["seq"])
    }

    /// The user has seen everything up to `seq`.
    public func markRead(_ seq: SequenceNumber, in room: RoomID) { mailbox.add(.read(seq, room)) }

    /// A key was pressed: call it as often as you like.
    public func typed(in room: RoomID) { mailbox.add(.typed(room)) }
}
