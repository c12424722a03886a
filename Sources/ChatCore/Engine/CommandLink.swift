// SPDX-License-Identifier: MIT

/// The way out of a session that lives for one command: the first message is the answer, and the end.
final class CommandLink: ConnectionLink {
    let framing: any WireFraming = BareFraming()
    weak var session: ChatSession?
    /// The user's rooms, if the command adds one: the session is subscribed to none.
    var rooms: Set<RoomID> = []
    private let command: [UInt8]
    private let clock: any ChatClock
    private var reply: (([UInt8]) -> Void)?
    private let end: (ChatSession) -> Void

    /// Makes a link.
    ///
    /// - Parameters:
    ///   - clock: says when a refusal of its own was.
    ///   - reply: gets the answer, once.
    ///   - end: ends the session, which was answered.
    init(
        _ command: [UInt8], clock: any ChatClock, reply: @escaping ([UInt8]) -> Void,
        end: @escaping (ChatSession) -> Void
    ) {
        self.command = command
        self.clock = clock
        self.reply = reply
        self.end = end
    }

    var pendingBytes: Int { 0 }

    /// Hands the command in, or hands it in again.
    func resumeReading() {
        guard reply != nil, let session else { return }
        let command = command
        _ = session.receive(command.span)
    }

    func send(_ payload: Span<UInt8>) {
        guard let reply else { return }
        self.reply = nil
        var message: [UInt8] = []
        message.reserveCapacity(payload.count)
        for index in payload.indices { message.append(payload[index]) }
        reply(message)
        if let session { end(session) }
    }

    /// Let go before the answer: the client is to be told what a connection is told by its code.
    func close(_ code: CloseCode) {
        let error = WireError(
            code.isReconnectable ? .shuttingDown : .invalidToken,
            "the command was cut off: \(code.name)")
        var encoder = AnswerEncoder()
        let bytes = encoder.error(nil, error, at: clock.wallTime())
        send(bytes.span)
    }

    /// Nothing is subscribed to.
    func deliver(_ slice: SharedSlice, lane: DeliveryLane) {}

    func tellWhenWritten() {}

    func probe() {}
}

extension ChatSession {
    /// How many rooms its user is in. A passive session is subscribed to none: they were looked up.
    var roomCount: Int { passiveRooms?.count ?? subscriptions.count }

    /// Whether its user is in a room.
    func isIn(_ room: RoomID) -> Bool {
        passiveRooms?.contains(room) ?? (subscriptions[room] != nil)
    }

    private var passiveRooms: Set<RoomID>? {
        isPassive ? (link as? CommandLink)?.rooms : nil
    }
}
