// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// One thread of load: its connections, and the loop that serves them.
///
/// A noncopyable struct and not a class: the loop changes its fields millions of times per second, and those
/// of a class are checked for exclusive access each time.
struct Worker: ~Copyable {
    static let readSize = 262_144
    private static let eventCount = 1_024
    private static let sleepMaximum: UInt64 = 20_000_000

    let plan: LoadPlan
    let board: Board
    let address: ServerAddress
    let poller: Int32
    let connections: UnsafeMutablePointer<Connection>
    let connectionCount: Int
    let readBuffer: UnsafeMutablePointer<UInt8>
    private let events: UnsafeMutablePointer<epoll_event>

    /// In which order connections are started: those that make the rooms first.
    let startOrder: [Int]
    let makerCount: Int
    var nextToStart = 0
    var handshakes = 0

    let senders: [Int]
    let templates: [MessageTemplate?]
    var hot: [Int] = []
    var nextSender = 0
    var pacer: Pacer?
    var writeBuffer = ByteStore()
    var maskKey: UInt32
    let runTag: UInt32

    let isVerifying: Bool
    let checks: DeliveryChecks
    /// How far from a message's end its payload begins, as far as is known.
    var payloadTail = 0
    /// Where each connection is in the logs of further rooms (the default room, usually).
    var otherRooms: [FaultLog.Stream: SequenceCheck] = [:]
    var isMeasuring = false
    var result = WorkerResult()
    var deliveredThisTurn = 0

    /// - Parameter thread: which of the plan's threads this is.
    init(plan: LoadPlan, board: Board, address: ServerAddress, thread: Int) {
        self.plan = plan
        self.board = board
        self.address = address
        // Neighbours stay together: one may have to watch for the other.
        let mine = (0..<plan.slotCount).filter { $0 / 2 % plan.threadCount == thread }
        connectionCount = mine.count
        connections = .allocate(capacity: max(1, mine.count))
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        readBuffer = .allocate(capacity: Self.readSize)
        events = .allocate(capacity: Self.eventCount)
        maskKey = UInt32(truncatingIfNeeded: SystemProbe.now()) | 1
        runTag = UInt32(truncatingIfNeeded: SystemProbe.now() >> 10)

        var senders: [Int] = []
        var templates = [MessageTemplate?](repeating: nil, count: plan.roomCount)
        var makers: [Int] = []
        var others: [Int] = []
        for (local, index) in mine.enumerated() {
            var connection = Connection()
            connection.index = UInt32(index)
            let room = plan.room(of: index)
            connection.room = UInt32(room)
            if plan.senderOrdinal(of: index) != nil {
                senders.append(local)
                if templates[room] == nil {
                    templates[room] = plan.dialect.template(
                        room: plan.roomName(room), payloadSize: plan.payloadSize,
                        hasClientID: plan.sendsClientIDs)
                }
            }
            // A sender's message is done when the witness has it: the sender itself, or its neighbour.
            let watched = plan.dialect.echoesToSender ? index : index - 1
            if watched >= 0, plan.room(of: watched) == room, plan.senderOrdinal(of: watched) != nil
            {
                connection.witnessed = UInt32(watched)
                connection.creditTo = UInt32(local - (index - watched))
            }
            let isMaker = plan.createsRooms && index % plan.membersPerRoom == 0
            if isMaker { makers.append(local) } else { others.append(local) }
            (connections + local).initialize(to: connection)
        }
        self.senders = senders
        self.templates = templates
        startOrder = makers + others
        makerCount = makers.count
        isVerifying = plan.isVerifying
        checks = DeliveryChecks(plan: plan, connectionCount: mine.count)
        result.sentByRoom = Array(repeating: 0, count: plan.roomCount)
        chooseSlow()
    }

    deinit {
        for local in 0..<connectionCount {
            let connection = connections + local
            if ![.unused, .closed].contains(connection.pointee.state) {
                Glibc.close(connection.pointee.descriptor)
            }
            connection.pointee.free()
        }
        connections.deallocate()
        readBuffer.deallocate()
        events.deallocate()
        checks.free()
        var buffer = writeBuffer
        buffer.free()
        Glibc.close(poller)
    }

    /// The last members who do not send and whom no sender needs will stop reading.
    private mutating func chooseSlow() {
        var rest = plan.slowCount
        var index = plan.connectionCount - 1
        while rest > 0, index >= 0 {
            let watched = plan.dialect.echoesToSender ? index : index - 1
            if plan.senderOrdinal(of: index) == nil,
                watched < 0 || plan.senderOrdinal(of: watched) == nil
            {
                for local in 0..<connectionCount where connections[local].index == UInt32(index) {
                    connections[local].isSlow = true
                }
                rest -= 1
            }
            index -= 1
        }
    }

    /// Runs until the board says to stop.
    mutating func run() {
        var hasBegun = false
        var hasEnded = false
        while true {
            let phase = board.phase
            if phase == .stop { break }
            isMeasuring = phase == .measure
            var sleep = Self.sleepMaximum
            if phase == .setup || plan.mode == .connects { startMore(phase, sleep: &sleep) }
            if phase == .warmup || phase == .measure, plan.sendsMessages {
                if !hasBegun { begin() }
                hasBegun = true
                sendMore(sleep: &sleep)
            }
            if phase == .drain, !hasEnded {
                watchSlow(EPOLLIN.rawValue)
                hasEnded = true
            }
            if plan.spins && phase != .setup { sleep = 0 }
            let count = wait(sleep)
            for index in 0..<count { handle(events[index]) }
            board.add(deliveredThisTurn, to: board.delivered)
            deliveredThisTurn = 0
        }
        for local in 0..<connectionCount where !connections[local].isSlow {
            let connection = connections[local]
            result.received.append(
                WorkerResult.Received(
                    room: Int(connection.room), sent: Int(connection.sentCount),
                    delivered: Int(connection.deliveredCount)))
        }
    }

    private static let spunNanoseconds: UInt64 = 80_000

    private func wait(_ nanoseconds: UInt64) -> Int {
        let milliseconds = Int32(nanoseconds / 1_000_000)
        // epoll_wait knows milliseconds only. The last moment is spun, because what is due must not come late; all of a
        // millisecond would be a core at a thousand messages a second, which the server may need.
        if milliseconds == 0, nanoseconds > Self.spunNanoseconds {
            _ = chat_wait_readable(poller, Int64(nanoseconds - Self.spunNanoseconds))
        }
        return Int(max(0, epoll_wait(poller, events, Int32(Self.eventCount), milliseconds)))
    }

    private mutating func handle(_ event: epoll_event) {
        let connection = connections + Int(event.data.u32)
        let happened = event.events
        let isBroken = happened & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        switch connection.pointee.state {
        case .unused, .closed: return
        case .connecting:
            if isBroken || happened & EPOLLOUT.rawValue != 0 { connected(connection) }
        case .upgrading, .opening, .ready:
            if happened & EPOLLOUT.rawValue != 0 { flush(connection) }
            if connection.pointee.isSlow, board.phase != .setup {
                if isBroken || board.phase == .drain { readToTheEnd(connection) }
            } else if isBroken || happened & EPOLLIN.rawValue != 0 {
                readable(connection)
            }
        }
    }
}
