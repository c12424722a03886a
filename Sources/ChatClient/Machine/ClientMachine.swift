// SPDX-License-Identifier: MIT

package import ChatCore

/// The rules of a client: sign-in, reconnects, resume, outbox, calls, heartbeat, receipts, typing.
///
/// A value without a socket or a clock. Every input may leave ``orders``, which the shell takes and carries out
/// in their order.
package struct ClientMachine {
    /// What the shell is to do.
    package enum Order {
        case connect
        /// Close the connection; ``closed(_:now:)`` is not called for it.
        case disconnect
        case send([UInt8])
        case state(ChatConnectionState)
        case event(ChatEvent)
        case answer(UInt64, Result<JSONValue, ChatRefusal>)
    }

    enum Phase: Equatable {
        case idle
        /// The shell is connecting.
        case connecting(until: ChatInstant)
        /// The sign-in is on its way.
        case greeting(until: ChatInstant)
        case online(ChatUser)
        /// Exits: ``connecting`` at that time.
        case waiting(until: ChatInstant)
        /// No exit.
        case closed
    }

    /// What an answer is for.
    enum Purpose {
        case hello
        case refresh
        case call(Call)
        case send(clientID: String)
        case events(RoomID)
        case quiet
    }

    /// A command of the program's.
    struct Call {
        var ticket: UInt64
        var command: JSONValue
        /// Whether it may be sent again when nobody knows whether it was done.
        var isRepeatable: Bool
    }

    let options: ChatClientOptions
    package private(set) var orders: [Order] = []
    var phase = Phase.idle
    var credentials: ClientCredentials
    var backoff: ChatBackoff
    var outbox = ChatOutbox()
    var positions: [RoomID: RoomPosition] = [:]
    var live: LiveStates
    /// Calls that wait for a connection.
    var waiting: [Call] = []
    var underWay: [Int: Purpose] = [:]
    private var lastID = 0
    private var heartbeatMilliseconds: Int64 = 25_000
    private var timeoutMilliseconds: Int64 = 60_000
    private var heardAt = ChatInstant.zero
    private var spokenAt = ChatInstant.zero

    /// Makes the machine of a client that has not begun.
    ///
    /// - Parameter seed: of the jitter and of the client ids.
    package init(_ identity: ChatIdentity, options: ChatClientOptions, seed: UInt64) {
        self.options = options
        credentials = ClientCredentials(identity)
        backoff = ChatBackoff(
            first: options.firstRetryMilliseconds, longest: options.longestRetryMilliseconds,
            seed: seed)
        live = LiveStates(options)
    }

    /// What is to be done now; forgets it.
    package mutating func takeOrders() -> [Order] {
        defer { orders = [] }
        return orders
    }

    mutating func order(_ order: Order) { orders.append(order) }

    /// Begins.
    package mutating func start(now: ChatInstant) {
        guard phase == .idle else { return }
        connect(now: now)
    }

    private mutating func connect(now: ChatInstant) {
        phase = .connecting(until: now.advanced(byMilliseconds: options.connectMilliseconds))
        order(.state(.connecting))
        order(.connect)
    }

    /// The connection is there.
    package mutating func opened(now: ChatInstant) {
        guard case .connecting(let until) = phase else { return }
        phase = .greeting(until: until)
        heardAt = now
        greet(now: now)
    }

    /// Signs in, or asks for a new token first.
    mutating func greet(now: ChatInstant) {
        var resume: [(key: String, value: JSONValue)] = []
        for (room, position) in positions.sorted(by: { $0.key < $1.key }) {
            resume.append(
                (key: room.description, value: .int(Int(clamping: position.last.rawValue))))
        }
        let (command, isRefresh) = credentials.next()
        guard !isRefresh else { return request(command, .refresh, now: now) }
        let hello = command.with("client", .string(options.clientName))
            .with("resume", .object(resume))
        request(hello, .hello, now: now)
    }

    /// Sends a command whose answer is for `purpose`.
    mutating func request(_ command: JSONValue, _ purpose: Purpose, now: ChatInstant) {
        lastID += 1
        underWay[lastID] = purpose
        spokenAt = now
        order(.send(command.with("id", .int(lastID)).encoded))
    }

    /// The sign-in was answered.
    mutating func welcomed(_ answer: JSONValue, now: ChatInstant) {
        guard case .greeting = phase, let user = ChatUser(answer["user"]) else { return }
        phase = .online(user)
        backoff.reset()
        credentials.signedIn(answer, now: now)
        heartbeatMilliseconds = Int64(answer["heartbeat_ms"]?.int ?? 25_000)
        timeoutMilliseconds = Int64(answer["heartbeat_timeout_ms"]?.int ?? 60_000)
        adopt(answer["rooms"]?.array ?? [])
        order(.state(.online(user)))
        let calls = waiting
        waiting = []
        for call in calls { request(call.command, .call(call), now: now) }
        live.connected(now: now)
        flushOutbox(now: now)
    }

    /// The sign-in was refused.
    mutating func refused(_ refusal: ChatRefusal, now: ChatInstant) {
        if credentials.recover(from: refusal) { return greet(now: now) }
        if refusal.isPassing {
            order(.disconnect)
            return lost(now: now, after: refusal.retryMilliseconds)
        }
        end(refusal)
    }

    /// The connection is gone.
    ///
    /// - Parameter code: the close code, if the server gave one.
    package mutating func closed(_ code: Int?, now: ChatInstant) {
        switch phase {
        case .idle, .closed, .waiting: return
        case .connecting, .greeting, .online: break
        }
        if let code, (4_500...4_999).contains(code) {
            return end(
                ChatRefusal(code: "closed_\(code)", message: "the server closed the connection"))
        }
        lost(now: now, after: nil)
    }

    private mutating func lost(now: ChatInstant, after milliseconds: Int64?) {
        let delay = max(backoff.next(), milliseconds ?? 0)
        phase = .waiting(until: now.advanced(byMilliseconds: delay))
        let answers = underWay.sorted { $0.key < $1.key }
        underWay = [:]
        outbox.disconnected()
        live.disconnected()
        credentials.disconnected()
        for room in positions.keys { positions[room]?.disconnected() }
        var repeated: [Call] = []
        for (_, purpose) in answers {
            guard case .call(let call) = purpose else { continue }
            if call.isRepeatable {
                repeated.append(call)
            } else {
                order(.answer(call.ticket, .failure(.disconnected)))
            }
        }
        waiting = repeated + waiting
        order(.state(.waiting(retryMilliseconds: delay)))
    }

    /// Ends for good.
    package mutating func close(now: ChatInstant) {
        if case .online = phase { request(["type": "logout"], .quiet, now: now) }
        end(nil)
    }

    /// The server is not who it should be: there is nothing to come back to.
    package mutating func distrust(_ problem: String) {
        end(ChatRefusal(code: "not_trusted", message: "the server's certificate: \(problem)"))
    }

    private mutating func end(_ refusal: ChatRefusal?) {
        guard phase != .closed else { return }
        phase = .closed
        order(.disconnect)
        let answers = underWay.sorted { $0.key < $1.key }
        underWay = [:]
        for (_, purpose) in answers {
            if case .call(let call) = purpose {
                order(.answer(call.ticket, .failure(refusal ?? .closed)))
            }
        }
        for call in waiting { order(.answer(call.ticket, .failure(refusal ?? .closed))) }
        waiting = []
        for ticket in outbox.removeAll() { order(.answer(ticket, .failure(refusal ?? .closed))) }
        order(.state(.closed(refusal)))
    }

    // MARK: Time

    /// When something is due next.
    package var nextDeadline: ChatInstant? {
        switch phase {
        case .idle, .closed: return nil
        case .connecting(let until), .greeting(let until), .waiting(let until): return until
        case .online:
            let beat = spokenAt.advanced(byMilliseconds: heartbeatMilliseconds)
            let dead = heardAt.advanced(byMilliseconds: timeoutMilliseconds)
            let others = [outbox.nextDeadline, live.nextDeadline, credentials.refreshAt]
            return others.compactMap(\.self).reduce(min(beat, dead), min)
        }
    }

    /// Does what is due.
    package mutating func expire(now: ChatInstant) {
        guard let deadline = nextDeadline, deadline <= now else { return }
        switch phase {
        case .idle, .closed: break
        case .connecting, .greeting:
            order(.disconnect)
            lost(now: now, after: nil)
        case .waiting: connect(now: now)
        case .online: expireOnline(now: now)
        }
    }

    private mutating func expireOnline(now: ChatInstant) {
        if now >= heardAt.advanced(byMilliseconds: timeoutMilliseconds) {
            order(.disconnect)
            return lost(now: now, after: nil)
        }
        if now >= spokenAt.advanced(byMilliseconds: heartbeatMilliseconds) {
            request(["type": "ping"], .quiet, now: now)
        }
        if let command = credentials.refresh(now: now) { request(command, .refresh, now: now) }
        for command in live.expire(now: now) { request(command, .quiet, now: now) }
        flushOutbox(now: now)
    }

    /// Something came from the server.
    mutating func heard(now: ChatInstant) { heardAt = now }
}
