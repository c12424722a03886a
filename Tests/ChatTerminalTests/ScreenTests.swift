// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

@testable import ChatTerminal

/// What is to be seen.
struct ScreenTests {
    @Test func `messages stand under their author and their day, with numbers and ticks`() throws {
        var world = ChatWorld()
        world.signIn()
        world.history(
            ChatWorld.message(1, ChatWorld.bo, "hello"),
            ChatWorld.message(2, ChatWorld.bo, "again"),
            ChatWorld.message(
                3, ChatWorld.me, "hi", more: ",\"edited_at\":\"2026-01-02T04:00:00Z\""))
        #expect(world.shows("─ Friday, 2 January 2026 ─"))
        #expect(world.lines.count { $0.contains("bo  03:01") } == 1)
        #expect(world.shows("hello"))
        #expect(world.shows("#2"))
        let own = try #require(world.lines.first { $0.contains("hi (edited)") })
        #expect(own.hasSuffix("#3 ✓"))
        #expect(world.lines[0].contains("#general"))
        #expect(world.lines[0].contains("● online  ana"))
    }

    @Test func `S5 ticks go from waiting to sent, delivered and read, and never back`() throws {
        var world = ChatWorld()
        world.signIn()
        world.history()
        world.send("hello")
        func tick() throws -> String {
            try String(#require(world.lines.first { $0.contains("     hello") }).dropFirst(60))
        }
        #expect(try tick().hasSuffix("…"))
        let key = try #require(world.sent.first?.clientID)
        world.hear(4, from: ChatWorld.me, "hello", more: ",\"client_id\":\"\(key)\"")
        #expect(try tick().hasSuffix("#4 ✓"))
        let receipt =
            "{\"type\":\"receipt\",\"room\":\"\(ChatWorld.room)\",\"user\":\"\(ChatWorld.bo.id)\""
        world.event("\(receipt),\"delivered\":4}")
        #expect(try tick().hasSuffix("#4 ✓✓"))
        #expect(
            world.terminal.chat.rooms[ChatWorld.room]?.message(4).map {
                world.terminal.chat.rooms[ChatWorld.room]?.tick($0)
            } == .delivered)
        world.event("\(receipt),\"delivered\":4,\"read\":4}")
        world.event("\(receipt),\"delivered\":3}")
        #expect(
            world.terminal.chat.rooms[ChatWorld.room]?.message(4).map {
                world.terminal.chat.rooms[ChatWorld.room]?.tick($0)
            } == .read)
    }

    @Test func `a message that is refused stays, with the reason`() throws {
        var world = ChatWorld()
        world.signIn()
        world.send("hello")
        let message = try #require(world.sent.first)
        world.take(.sent(message, .failure(ChatRefusal(code: "muted", message: "you are muted"))))
        #expect(world.shows("not sent: you are muted"))
        #expect(world.shows("✗"))
    }

    @Test func `S4 who is typing stands below, never oneself`() {
        var world = ChatWorld()
        world.signIn()
        let start = "{\"type\":\"typing\",\"room\":\"\(ChatWorld.room)\",\"users\":"
        let all = [ChatWorld.bo, ChatWorld.cy, ChatWorld.me].map { ChatWorld.user($0) }
        world.event("\(start)[\(all.joined(separator: ","))]}")
        #expect(world.shows("bo and cy are typing"))
        world.event("\(start)[]}")
        #expect(!world.shows("typing"))
    }

    @Test(arguments: [
        (["A"], "A is typing"), (["A", "B"], "A and B are typing"),
        (["A", "B", "C"], "A, B and 1 other are typing"),
        (["A", "B", "C", "D", "E"], "A, B and 3 others are typing"), ([], ""),
    ])
    func `the typing line names two and counts the rest`(names: [String], expected: String) {
        #expect(Phrases.typing(names) == expected)
    }

    @Test func `S1 members stand with their presence, who is there first`() {
        var world = ChatWorld(columns: 120)
        world.signIn()
        world.answer(
            .members(ChatWorld.room),
            """
            {"members":[{"id":"\(ChatWorld.bo.id)","name":"bo","role":"owner","status":"offline"},
            {"id":"\(ChatWorld.me.id)","name":"ana","role":"member","status":"online"}],"total":2,"online":1}
            """)
        #expect(world.lines[1].contains("● ana"))
        #expect(world.lines[2].contains("○ bo owner"))
        #expect(world.lines[0].contains("1 of 2 online"))
        world.event(
            """
            {"type":"presence","room":"\(ChatWorld.room)","user":\(ChatWorld.user(ChatWorld.bo)),
            "status":"away"}
            """)
        #expect(world.shows("◐ bo owner"))
        #expect(world.lines[0].contains("2 of 2 online"))
    }

    @Test func `S1 of who has gone it says when they were last seen`() {
        var world = ChatWorld(columns: 160)
        world.signIn()
        world.answer(
            .members(ChatWorld.room),
            """
            {"members":[{"id":"\(ChatWorld.bo.id)","name":"bo","role":"owner","status":"offline",
            "last_seen":"2026-11-21T17:05:06.789Z"},
            {"id":"\(ChatWorld.me.id)","name":"ana","role":"member","status":"online"}],"total":2,"online":1}
            """)
        #expect(world.lines[2].contains("○ bo owner  21 Nov 17:05"))
        world.event(
            """
            {"type":"presence","room":"\(ChatWorld.room)","user":\(ChatWorld.user(ChatWorld.bo)),
            "status":"online"}
            """)
        #expect(world.shows("● bo owner") && !world.shows("17:05"))
        world.event(
            """
            {"type":"presence","room":"\(ChatWorld.room)","user":\(ChatWorld.user(ChatWorld.bo)),
            "status":"offline","last_seen":"2026-11-22T08:01:00.000Z"}
            """)
        #expect(world.shows("○ bo owner  22 Nov 08:01"))
    }

    @Test func `C9 the header says how one stands with the server`() {
        var world = ChatWorld()
        world.take(.state(.connecting))
        #expect(world.lines[0].contains("connecting"))
        world.signIn()
        #expect(world.lines[0].contains("● online"))
        world.take(.state(.waiting(retryMilliseconds: 2_500)))
        #expect(world.lines[0].contains("offline, again in 3 s"))
        world.send("later")
        #expect(world.shows("later"))
        world.take(.state(.online(ChatWorld.me)))
        #expect(world.lines[0].contains("● online"))
    }

    @Test(arguments: [(1, 1), (2, 2), (10, 3), (20, 4), (63, 8), (64, 24), (99, 24), (200, 60)])
    func `a screen of any size is drawn and nothing stands outside`(columns: Int, rows: Int) {
        var world = ChatWorld(columns: columns, rows: rows)
        #expect(world.terminal.screen.rows == rows)
        world.signIn(topic: "a long topic about everything", tea: (3, 2))
        for seq in 4...30 {
            world.hear(seq, from: ChatWorld.bo, "漢字 🙂 " + String(repeating: "wide ", count: seq))
        }
        world.press(.text("a long line 漢字 that goes on and on and on, and then some"), .pageUp)
        for line in world.terminal.screen.lines { #expect(TextWidth.cells(line) <= columns) }
        world.terminal.resize(columns: rows, rows: columns)
        #expect(world.terminal.screen.rows == columns)
    }

    @Test func `replies, reactions, pins, files and deleted messages are shown as such`() {
        var world = ChatWorld()
        world.signIn()
        world.history(ChatWorld.message(1, ChatWorld.bo, "tea?"))
        world.hear(4, from: ChatWorld.cy, "yes", more: ",\"reply_to\":1")
        world.event(
            """
            {"type":"reaction","room":"\(ChatWorld.room)","seq":5,"from":\(ChatWorld.user(ChatWorld.cy)),
            "target":1,"emoji":"👍","op":"add"}
            """)
        world.event(
            """
            {"type":"pinned","room":"\(ChatWorld.room)","seq":6,"from":\(ChatWorld.user(ChatWorld.cy)),
            "target":1,"pinned":true}
            """)
        world.hear(
            7, from: ChatWorld.bo, "",
            more: """
                ,"attachments":[{"id":"f_1","name":"cat.png","bytes":48213,"media_type":"image/png"}]
                """)
        #expect(world.shows("↪ bo: tea?"))
        #expect(world.shows("👍 1"))
        #expect(world.shows("★ #1"))
        #expect(world.shows("▣ cat.png, 48.2 kB, image/png  /save 7"))
        world.event(
            """
            {"type":"deleted","room":"\(ChatWorld.room)","seq":8,"from":\(ChatWorld.user(ChatWorld.bo)),
            "target":1}
            """)
        #expect(world.shows("this message was deleted"))
        #expect(!world.shows("👍"))
        #expect(world.shows("↪ bo: deleted"))
    }

    @Test func `S8 a user has the colour and the initials that other clients give`() {
        #expect(Avatar.initials("Ana Lund") == "AL")
        #expect(Avatar.initials("bo") == "B")
        #expect(Avatar.initials("  ") == "?")
        // FNV-1a over the identity's text, as docs/protocol.md says.
        let hash = "u_0000000000001".utf8.reduce(UInt32(2_166_136_261)) {
            ($0 ^ UInt32($1)) &* 16_777_619
        }
        #expect(ChatWorld.me.id.description == "u_0000000000001")
        #expect(Avatar.colour(ChatWorld.me.id) == Avatar.colours[Int(hash % 12)])
    }
}
