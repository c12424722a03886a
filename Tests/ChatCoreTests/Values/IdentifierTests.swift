// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

@Suite struct IdentifierTests {
    @Test(
        arguments: [
            (0, "0000000000000"), (1, "0000000000001"), (31, "000000000000z"),
            (32, "0000000000010"), (UInt64(1) << 60, "1000000000000"), (.max, "fzzzzzzzzzzzz"),
        ] as [(UInt64, String)])
    func `an identity is written in thirteen digits and read back`(number: UInt64, digits: String) {
        let room = RoomID(rawValue: number)
        let user = UserID(rawValue: number)
        #expect(room.description == "r_" + digits)
        #expect(user.description == "u_" + digits)
        #expect(RoomID("r_" + digits) == room)
        #expect(UserID("u_" + digits) == user)
    }

    @Test func `random identities survive the round trip`() {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<2_000 {
            let number = generator.next()
            #expect(RoomID(RoomID(rawValue: number).description)?.rawValue == number)
            #expect(UserID(UserID(rawValue: number).description)?.rawValue == number)
        }
    }

    @Test(arguments: [
        "", "r", "r_", "0000000000000", "r_000000000000", "r_00000000000000",
        "u_0000000000000", "R_0000000000000", "r-0000000000000", "r_000000000000i",
        "r_000000000000l", "r_000000000000o", "r_000000000000u", "r_000000000000A",
        "r_g000000000000", "r_zzzzzzzzzzzzz", "r_ 000000000000", "r_000000000000 ",
        "r_-000000000001", "r_00000000000é", "r_000000000000é", "r_00000000000\0",
        " r_000000000000", "r_0000000000000\n",
    ])
    func `what is not a room's wire form is refused`(text: String) {
        #expect(RoomID(text) == nil)
    }

    @Test func `a room is not a user`() {
        #expect(UserID(RoomID(rawValue: 7).description) == nil)
    }

    @Test func `a session knows its shard`() {
        let session = SessionID(shard: 513, number: 7)
        #expect(session.shard == 513)
        #expect(session.rawValue == 513 << 48 | 7)
        #expect(SessionID(shard: 0, number: (1 << 48) - 1).shard == 0)
        #expect(SessionID(shard: 65_535, number: 0).shard == 65_535)
    }

    @Test func `order is order of numbers`() {
        #expect(RoomID(rawValue: 1) < RoomID(rawValue: 2))
        #expect(UserID(rawValue: 1) < UserID(rawValue: .max))
        #expect(SessionID(shard: 0, number: 9) < SessionID(shard: 1, number: 0))
    }
}
