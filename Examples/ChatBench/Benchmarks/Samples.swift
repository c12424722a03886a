// SPDX-License-Identifier: MIT

import ChatCore

/// What the benchmarks have in common: one room, its members, typical texts.
enum Samples {
    static let room = RoomID(rawValue: 0x1234_5678_9ABC_DEF0)
    static let user = UserReference(
        id: UserID(rawValue: 0x0FED_CBA9_8765_4321), name: "Ada Lovelace")
    static let session = SessionID(shard: 0, number: 1)
    static let start = Timestamp(milliseconds: 1_767_323_045_678)
    static let text = "The Analytical Engine weaves algebraic patterns, as the loom weaves leaves"

    /// A typical command of 198 bytes; the digits of its client id are the last before the closing brace.
    static let send = Array(
        #"{"type":"send","id":1,"room":"\#(room)","text":"\#(text)","reply_to":12345,"client_id":"3f1c9d52-07a4-4b6e-9c1d-00000000"}"#
            .utf8)

    /// The same without a reply, which would need a message that is there.
    static let plainSend = Array(
        #"{"type":"send","id":1,"room":"\#(room)","text":"\#(text), says A. Lovelace","client_id":"3f1c9d52-07a4-4b6e-9c1d-00000000"}"#
            .utf8)

    /// A valid command most of which is passed over.
    static let nested = Array(
        #"{"type":"ping","extra":{"list":[1,2.5e3,true,null,"a\nb","\u00e9"],"deep":[[[[{"a":{"b":[]}}]]]]},"text":"\#(text)","note":"\#(text)"}"#
            .utf8)

    static var roomRecord: RoomRecord {
        RoomRecord(id: room, name: "general", createdAt: start)
    }

    static func members(_ count: Int) -> [MemberRecord] {
        (0..<count).map { index in
            let id = index == 0 ? user.id : UserID(rawValue: UInt64(index))
            return MemberRecord(
                user: id, name: "guest \(index)", role: .member, joinedAt: start)
        }
    }

    static func snapshot(members count: Int) -> RoomSnapshot {
        RoomSnapshot(room: roomRecord, members: members(count))
    }

    /// Writes `number` as eight digits before the last `tail` bytes.
    static func number(_ bytes: inout [UInt8], _ number: Int, tail: Int = 2) {
        var rest = UInt32(truncatingIfNeeded: number)
        var span = bytes.mutableSpan
        for place in 1...8 {
            span[span.count - tail - place] =
                UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
