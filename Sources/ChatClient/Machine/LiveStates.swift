// SPDX-License-Identifier: MIT

package import ChatCore

/// Receipts and typing on their way out: gathered, repeated and ended by themselves.
struct LiveStates {
    private struct Receipt: Equatable {
        var delivered = SequenceNumber.none
        var read = SequenceNumber.none
    }

    private struct Typing {
        var repeatAt: ChatInstant
        var endsAt: ChatInstant
    }

    /// So long after the last key typing is over, in milliseconds.
    private static let typingIdleMilliseconds: Int64 = 2_000

    private let options: ChatClientOptions
    private var wanted: [RoomID: Receipt] = [:]
    private var told: [RoomID: Receipt] = [:]
    private var receiptsAt: ChatInstant?
    private var typing: [RoomID: Typing] = [:]

    init(_ options: ChatClientOptions) { self.options = options }

    mutating func delivered(_ seq: SequenceNumber, in room: RoomID, now: ChatInstant) {
        note(room, now: now) { $0.delivered = max($0.delivered, seq) }
    }

    mutating func read(_ seq: SequenceNumber, in room: RoomID, now: ChatInstant) {
        note(room, now: now) { receipt in
            receipt.read = max(receipt.read, seq)
            receipt.delivered = max(receipt.delivered, receipt.read)
        }
    }

    private mutating func note(
        _ room: RoomID, now: ChatInstant, _ change: (inout Receipt) -> Void
    ) {
        change(&wanted[room, default: Receipt()])
        guard wanted[room] != told[room], receiptsAt == nil else { return }
        receiptsAt = now.advanced(byMilliseconds: options.receiptMilliseconds)
    }

    /// A key was pressed. Returns whether the server is to be told now.
    mutating func typed(in room: RoomID, now: ChatInstant) -> Bool {
        let endsAt = now.advanced(byMilliseconds: Self.typingIdleMilliseconds)
        if let known = typing[room], known.repeatAt > now {
            typing[room]?.endsAt = endsAt
            return false
        }
        let repeatAt = now.advanced(byMilliseconds: options.typingRepeatMilliseconds)
        typing[room] = Typing(repeatAt: repeatAt, endsAt: endsAt)
        return true
    }

    /// A message was sent: the server ends typing by itself.
    mutating func sent(in room: RoomID) { typing[room] = nil }

    /// Everything is told again on the next connection.
    mutating func disconnected() {
        typing = [:]
        told = [:]
        receiptsAt = nil
    }

    /// After a reconnect: receipts that the last connection may not have carried.
    mutating func connected(now: ChatInstant) {
        if !wanted.isEmpty { receiptsAt = now }
    }

    var nextDeadline: ChatInstant? {
        typing.values.map(\.endsAt).reduce(receiptsAt) { left, right in
            left.map { min($0, right) } ?? right
        }
    }

    /// The commands that are due.
    mutating func expire(now: ChatInstant) -> [JSONValue] {
        var commands: [JSONValue] = []
        for (room, state) in typing.sorted(by: { $0.key < $1.key }) where state.endsAt <= now {
            typing[room] = nil
            commands.append(
                ["type": "typing", "room": .string(room.description), "on": false])
        }
        guard let receiptsAt, receiptsAt <= now else { return commands }
        self.receiptsAt = nil
        for (room, receipt) in wanted.sorted(by: { $0.key < $1.key }) where told[room] != receipt {
            told[room] = receipt
            var command: JSONValue = [
                "type": "receipt", "room": .string(room.description),
                "delivered": .int(Int(clamping: receipt.delivered.rawValue)),
            ]
            if receipt.read > .none {
                command = command.with("read", .int(Int(clamping: receipt.read.rawValue)))
            }
            commands.append(command)
        }
        return commands
    }
}

extension ClientMachine {
    /// Everything up to `seq` was seen by the user.
    package mutating func read(_ seq: SequenceNumber, in room: RoomID, now: ChatInstant) {
        live.read(seq, in: room, now: now)
    }

    /// A key was pressed in that room's line.
    package mutating func typed(in room: RoomID, now: ChatInstant) {
        guard case .online = phase, live.typed(in: room, now: now) else { return }
        request(["type": "typing", "room": .string(room.description)], .quiet, now: now)
    }
}
