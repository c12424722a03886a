// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

extension Benchmark {
    static let sending = [
        Benchmark(
            "send", "a send command: decoded, all rules but limits, numbered, encoded, framed"
        ) {
            let path = SendPath(rates: nil)
            return { for _ in 0..<$0 { path.send() } }
        },
        Benchmark("send-limited", "the same with the rate limiter") {
            let path = SendPath(rates: ChatMachines().rates(.standard, Limits()))
            return { for _ in 0..<$0 { path.send() } }
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
private final class SendPath {
    static let request = RateRequest(
        session: Samples.session, user: Samples.user.id, address: 7, room: Samples.room,
        kind: .message)

    private let decoder = CommandDecoder(limits: Limits())
    private var session: any SessionGoverning
    private var rates: (any RateLimiting)?
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
        self.rates = rates
        session = ChatMachines().session(now, HeartbeatTimings(), true, Limits())
        _ = session.admit(.hello)
        session.signedIn(Samples.user, now: now)
        room = ChatMachines().room(Samples.snapshot(members: 10), false, Limits())
        log = RoomLog(Samples.roomRecord, owner: Samples.user.id)
        buffer.reserveCapacity(200_000)
    }

    func send() {
        count += 1
        now = now.advanced(byMilliseconds: 1_000)
        Samples.number(&command, count)
        // A log that grows without end would measure the memory.
        if count % 10_000 == 0 { log = RoomLog(Samples.roomRecord, owner: Samples.user.id) }
        guard case .success(let decoded) = decoder.decode(command.span).result,
            case .room(.id(let id), let action) = decoded, case .write(_, let clientID) = action,
            session.admit(.write) == .run
        else { Main.fail("the command was not taken") }
        if rates?.admit(Self.request, now: now) ?? .admitted != .admitted {
            Main.fail("the message was refused")
        }
        guard
            case .append(let change, let isModerator) = room.decide(
                action, by: Samples.user.id, now: now)
        else { Main.fail("the room has refused") }
        let at = Timestamp(milliseconds: Samples.start.milliseconds + Int64(count))
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

    private func publish(_ seq: SequenceNumber, _ at: Timestamp, _ entry: LogEntry) {
        let event = LoggedEvent(
            seq: seq, at: at, sender: entry.sender, senderName: Samples.user.name,
            clientID: entry.clientID, change: entry.change)
        if buffer.count > 100_000 { buffer.removeAll(keepingCapacity: true) }
        framing.append(events.logged(event, room: entry.room).span, to: &buffer)
    }
}
