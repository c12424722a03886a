// SPDX-License-Identifier: MIT

/// What is to be measured, as the command line says it.
struct LoadPlan: Sendable {
    enum Mode: String, Sendable {
        case fanout, rooms, idle, connects
    }

    var mode: Mode
    var name = ""

    // The server.
    var host = "127.0.0.1"
    var port = 0
    var path = "/ws"
    var overTCP = false
    var processes: [Int32] = []

    // What is spoken.
    var dialect = Dialect.chat
    var roomName: String?
    var userPrefix = "load"
    var sendsClientIDs = false
    var isBare = false

    // The shape: rooms are blocks of neighbouring connections.
    var connectionCount = 100
    var roomCount = 1
    var membersPerRoom = 10
    var sendersPerRoom = 1
    var slowCount = 0

    // The load: `rate` messages per second in all, or `window` messages in flight per sender.
    var window = 1
    var rate = 0.0
    var payloadSize = 128

    // Times, in seconds.
    var warmupSeconds = 1.0
    var durationSeconds = 5.0
    var drainSeconds = 5.0
    var holdSeconds = 2.0
    var setupTimeoutSeconds = 60.0

    // This machine.
    var threadCount = 1
    var handshakesAtOnce = 64
    var sourceCount = 0
    var spins = false

    // The report.
    var isJSON = false
    var showsProgress = false
    var verifies: Bool?

    init(mode: Mode) {
        self.mode = mode
    }

    var framing: Framing { dialect.isWebSocket && !overTCP ? .webSocket : .lines }
    var isVerifying: Bool { verifies ?? (dialect == .chat) }
    var sendsMessages: Bool { mode == .fanout || mode == .rooms }
    var senderCount: Int { sendsMessages ? sendersPerRoom * roomCount : 0 }
    /// How many copies of a message come back, slow members counted in.
    var copiesPerMessage: Int { membersPerRoom - (dialect.echoesToSender ? 0 : 1) }
    /// Connections that exist at once: in `connects` the same few slots are used again and again.
    var slotCount: Int {
        mode == .connects ? min(handshakesAtOnce * threadCount, connectionCount) : connectionCount
    }
    /// Rooms are made by their first members, before anybody else connects.
    var createsRooms: Bool { dialect == .chat && !isBare && mode != .connects }

    func room(of connection: Int) -> Int {
        mode == .connects ? 0 : connection / membersPerRoom
    }

    /// Senders are spread evenly over their room, and are never a pair of neighbours where the neighbour
    /// has to see the message on the sender's behalf.
    func memberOffset(ofSender sender: Int) -> Int {
        let offset = sender * membersPerRoom / sendersPerRoom
        return dialect.echoesToSender ? offset : offset & ~1
    }

    /// The sender's ordinal in its room, or nil for members who only listen.
    func senderOrdinal(of connection: Int) -> Int? {
        guard sendsMessages else { return nil }
        let offset = connection % membersPerRoom
        let near = offset * sendersPerRoom / membersPerRoom
        return (near...near + 1).first {
            $0 < sendersPerRoom && memberOffset(ofSender: $0) == offset
        }
    }

    func roomName(_ room: Int) -> String {
        if let roomName { return roomCount == 1 ? roomName : "\(roomName)-\(room)" }
        // The shape is part of the name: members of an earlier run's rooms would get these messages as well.
        return mode == .rooms ? "load-\(roomCount)x\(membersPerRoom)-\(room)" : "general"
    }
}

/// How messages are cut out of the stream of bytes.
enum Framing: Sendable {
    case webSocket, lines
}

/// A wrong command line, in words for the person who wrote it.
struct UsageProblem: Error {
    let text: String
}

extension LoadPlan {
    /// The plan with what follows from the options filled in.
    ///
    /// - Throws: `UsageProblem` when the options contradict each other.
    func completed() throws(UsageProblem) -> LoadPlan {
        var plan = self
        switch mode {
        case .fanout:
            plan.roomCount = 1
            plan.membersPerRoom = connectionCount
        case .rooms:
            plan.connectionCount = roomCount * membersPerRoom
        case .idle, .connects:
            plan.roomCount = 1
            plan.membersPerRoom = max(connectionCount, 1)
        }
        if plan.sourceCount == 0 { plan.sourceCount = (plan.slotCount + 14_999) / 15_000 }
        try plan.check()
        return plan
    }

    private func check() throws(UsageProblem) {
        try require(port > 0 && port < 65_536, "--port says where the server listens (1 to 65535)")
        try require(connectionCount <= 1_000_000, "at most 1000000 connections")
        try require(sendersPerRoom <= membersPerRoom, "more senders than members in a room")
        try require(
            dialect.echoesToSender || sendersPerRoom * 2 <= membersPerRoom,
            "with \(dialect.rawValue) each sender needs a neighbour: at most half of a room may send"
        )
        try require(
            dialect.echoesToSender || threadCount == 1 || membersPerRoom.isMultiple(of: 2),
            "with \(dialect.rawValue) and several threads rooms have an even number of members")
        try require(
            payloadSize >= Payload.byteCount, "--size is at least \(Payload.byteCount) bytes")
        try require(payloadSize <= 65_000, "--size is at most 65000 bytes")
        try require(threadCount <= 64, "at most 64 threads")
        try require(sourceCount <= 200, "at most 200 source addresses")
        try require(
            slowCount == 0 || mode == .fanout && slowCount + sendersPerRoom * 2 <= connectionCount,
            "--slow is for fanout, with at least as many others as senders")
        try require(
            !overTCP || dialect == .chat,
            "--tcp is for the chat protocol; \(dialect.rawValue) has one")
        try require(
            !isVerifying || slotCount * max(sendersPerRoom, 1) <= 64_000_000,
            "too many senders times connections to verify: use fewer, or --no-verify")
    }

    private func require(_ condition: Bool, _ text: String) throws(UsageProblem) {
        if !condition { throw UsageProblem(text: text) }
    }
}
