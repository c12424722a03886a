// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Carries out what a ``ClientMachine`` orders: a thread around `poll`.
actor ClientLoop {
    /// What the program wants.
    enum Input: Sendable {
        case call(JSONValue, ticket: UInt64, isRepeatable: Bool)
        case post(JSONValue, room: String, clientID: String, ticket: UInt64)
        case cancel(UInt64)
        case read(SequenceNumber, RoomID)
        case typed(RoomID)
        case close
    }

    private nonisolated let thread = BlockingThread()
    private nonisolated let mailbox: ClientMailbox
    private var machine: ClientMachine
    private var address: Address
    private let framing: Framing
    private let trust: Trust?
    private var channel: Channel?
    private var wasEstablished = false
    private let clock = SystemClock()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    init(
        _ endpoint: ChatEndpoint, _ machine: ClientMachine, _ mailbox: ClientMailbox
    ) throws(ChatRefusal) {
        trust = try endpoint.trust()
        self.machine = machine
        self.mailbox = mailbox
        address = Address(host: endpoint.host, port: endpoint.port)
        framing =
            switch endpoint.transport {
            case .tcp: .lines
            case .webSocket(let path): .webSocket(path: path)
            }
    }

    /// Runs until the client is closed. The actor has a thread of its own, which this keeps.
    func run() {
        machine.start(now: clock.now())
        carryOut()
        while !mailbox.isClosed {
            turn()
            carryOut()
        }
        // The farewell, as far as the kernel takes it.
        channel?.flush()
        channel?.shut()
        thread.stop()
    }

    private func turn() {
        var entries = [pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        if let channel {
            var events = channel.events
            if mailbox.events.isFull { events &= ~Int16(POLLIN) }
            entries.append(pollfd(fd: channel.descriptor, events: events, revents: 0))
        }
        let wait = machine.nextDeadline.map { max(0, $0.milliseconds(since: clock.now())) }
        let count = unsafe poll(
            &entries, nfds_t(entries.count), Int32(clamping: min(wait ?? 60_000, 60_000)))
        guard count >= 0 else { return }
        let now = clock.now()
        if let channel, entries.count > 1, entries[1].revents != 0 {
            channel.ready(entries[1].revents) { message in machine.received(message, now: now) }
            noteEstablished(channel, now: now)
        }
        if entries[0].revents != 0 { takeInputs(now: now) }
        machine.expire(now: now)
    }

    private func noteEstablished(_ channel: Channel, now: ChatInstant) {
        guard channel === self.channel else { return }
        if channel.isEstablished, !wasEstablished {
            wasEstablished = true
            machine.opened(now: now)
        }
    }

    private func takeInputs(now: ChatInstant) {
        for input in mailbox.take() {
            switch input {
            case .call(let command, let ticket, let isRepeatable):
                machine.call(command, ticket: ticket, isRepeatable: isRepeatable, now: now)
            case .post(let command, let room, let clientID, let ticket):
                machine.post(command, room: room, clientID: clientID, ticket: ticket, now: now)
            case .cancel(let ticket): machine.cancel(ticket)
            case .read(let seq, let room): machine.read(seq, in: room, now: now)
            case .typed(let room): machine.typed(in: room, now: now)
            case .close: machine.close(now: now)
            }
        }
    }

    /// Does what was ordered, until nothing more is.
    private func carryOut() {
        while true {
            let orders = machine.takeOrders()
            for order in orders { carryOut(order) }
            channel?.flush()
            if let channel, !channel.isOpen {
                self.channel = nil
                if let problem = channel.certificateProblem {
                    // It will be the same one next time.
                    machine.distrust(problem)
                }
                machine.closed(channel.closeCode?.code, now: clock.now())
            }
            // The end of the connection may have left more.
            if orders.isEmpty, machine.orders.isEmpty { return }
        }
    }

    private func carryOut(_ order: ClientMachine.Order) {
        switch order {
        case .connect:
            wasEstablished = false
            channel = Channel(to: &address, framing: framing, trust: trust)
            if channel == nil { machine.closed(nil, now: clock.now()) }
        case .disconnect:
            channel?.flush()
            channel?.shut()
            channel = nil
        case .send(let message): channel?.send(message)
        case .state(let state): mailbox.changed(state)
        case .event(let event): mailbox.events.add(event)
        case .answer(let ticket, let result): mailbox.answer(ticket, result)
        }
    }
}

/// Where a program's threads and the client's own meet.
final class ClientMailbox: Sendable {
    private struct State {
        var inputs: [ClientLoop.Input] = []
        var answers: [UInt64: CheckedContinuation<Result<JSONValue, ChatRefusal>, Never>] = [:]
        var lastTicket: UInt64 = 0
        var isClosed = false
    }

    private let state = Lock(State())
    private let pipe: WakePipe
    let events: EventQueue
    let states: AsyncStream<ChatConnectionState>
    private let stateWriter: AsyncStream<ChatConnectionState>.Continuation

    init(_ pipe: WakePipe, options: ChatClientOptions) {
        self.pipe = pipe
        events = EventQueue(capacity: options.waitingEvents) { pipe.wake() }
        // Who looks rarely needs the newest states only.
        (states, stateWriter) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    var wakeDescriptor: Int32 { pipe.reading }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func add(_ input: ClientLoop.Input) {
        state.withLock { $0.inputs.append(input) }
        pipe.wake()
    }

    func take() -> [ClientLoop.Input] {
        pipe.drain()
        return state.withLock { state in
            defer { state.inputs = [] }
            return state.inputs
        }
    }

    /// Hands a command in and waits for its answer.
    func ask(
        _ input: @Sendable (UInt64) -> ClientLoop.Input
    ) async -> Result<JSONValue, ChatRefusal> {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.answers[ticket] = continuation }
                    return state.isClosed
                }
                if isClosed { return continuation.resume(returning: .failure(.closed)) }
                add(input(ticket))
                if Task.isCancelled { cancel(ticket) }
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func cancel(_ ticket: UInt64) {
        answer(ticket, .failure(.cancelled))
        add(.cancel(ticket))
    }

    func answer(_ ticket: UInt64, _ result: Result<JSONValue, ChatRefusal>) {
        let continuation = state.withLock { $0.answers.removeValue(forKey: ticket) }
        continuation?.resume(returning: result)
    }

    func changed(_ new: ChatConnectionState) {
        stateWriter.yield(new)
        guard case .closed = new else { return }
        let answers = state.withLock { state in
            defer { state.answers = [:] }
            state.isClosed = true
            return Array(state.answers.values)
        }
        for answer in answers { answer.resume(returning: .failure(.closed)) }
        stateWriter.finish()
        events.end()
    }
}
