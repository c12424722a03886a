// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

extension Benchmark {
    static let sending = [
        Benchmark(
            "send", "a send command: decoded, all rules but limits, numbered, encoded, framed"
        ) {
            let path = Holder(rates: nil)
            return { path.send($0) }
        },
        Benchmark("send-limited", "the same with the rate limiter") {
            let path = Holder(rates: ChatMachines().rates(.standard, Limits()))
            return { path.send($0) }
        },
        Benchmark("rate-limit", "the rate limiter alone: one message of a known user") {
            var rates = ChatMachines().rates(.standard, Limits())
            var now = ChatInstant.zero
            return { iterations in
                for _ in 0..<iterations {
                    now = now.advanced(byMilliseconds: 1_000)
                    guard rates.admit(SendPath.request, now: now) == .admitted else {
                        Main.fail("a message was refused")
                    }
                }
            }
        },
    ]
}

/// The machines that a message passes, without the classes between them: the work itself.
private struct SendPath: ~Copyable {
    static let request = RateRequest(
        session: Samples.session, user: Samples.user.id, address: 7, room: Samples.room,
        kind: .message)

    private let decoder = CommandDecoder(limits: Limits())
    private var session: any SessionGoverning
    private let hasRates: Bool
    private var rates: any RateLimiting
    private var room: any RoomGoverning
    private var log: RoomLog
    private let rules = MessageRules()
    private var events = EventEncoder()
    private let framing: any WireFraming = WebSocketFraming()
    private var buffer: [UInt8] = []
    private var command = Samples.plainSend
    private var count = 0
    private var now = ChatInstant.zero

    init(rates: (any RateLimiting)?) {
        // As the engine does: without limits the limiter is not asked.
        hasRates = rates != nil
        self.rates = rates ?? ChatMachines().rates(.off, Limits())
        session = ChatMachines().session(now, HeartbeatTimings(), true, Limits())
        _ = session.admit(.hello)
        session.signedIn(Samples.user, now: now)
        room = ChatMachines().room(Samples.snapshot(members: 10), false, Limits())
        log = RoomLog(Samples.roomRecord, owner: Samples.user.id)
        buffer.reserveCapacity(200_000)
    }

    mutating func send(_ count: Int) { for _ in 0..<count { send() } }

    private mutating func send() {
        count += 1
        now = now.advanced(byMilliseconds: 1_000)
        Samples.number(&command, count)
        // A log that grows without end would measure the memory.
        if count % 10_000 == 0 { log = RoomLog(Samples.roomRecord, owner: Samples.user.id) }
        guard case .command(let decoded, _) = decoder.decode(command.span),
            case .room(.id(let id), let action) = consume decoded,
            case .write(_, let clientID) = action,
            session.admit(.write) == .run
        else { Main.fail("the command was not taken") }
        if hasRates, rates.admit(Self.request, now: now) != .admitted {
            Main.fail("the message was refused")
        }
        let at = Timestamp(milliseconds: Samples.start.milliseconds + Int64(count))
        guard
            case .append(let change, let isModerator) = room.decide(
                action, by: Samples.user.id, now: now, at: at)
        else { Main.fail("the room has refused") }
        let entry = LogEntry(
            room: id, sender: Samples.user.id, at: at, clientID: clientID,
            isModerator: isModerator, change: change)
        guard case .stored(let seq, let time) = log.append(entry, rules: rules) else {
            Main.fail("the message was not stored")
        }
        room.committed(
            change, by: Samples.user.id, named: Samples.user.name, seq: seq, at: time)
        publish(seq, time, entry)
        _ = session.answered(.write)
    }

    private mutating func publish(_ seq: SequenceNumber, _ at: Timestamp, _ entry: LogEntry) {
        if buffer.count > 100_000 { buffer.removeAll(keepingCapacity: true) }
        let event = events.logged(entry, by: Samples.user.name, seq: seq, at: at)
        framing.append(event.span, to: &buffer)
    }
}

/// Holds the machines where a closure can reach them.
private final class Holder {
    private var path: SendPath

    init(rates: (any RateLimiting)?) { path = SendPath(rates: rates) }

    func send(_ count: Int) { path.send(count) }
}
