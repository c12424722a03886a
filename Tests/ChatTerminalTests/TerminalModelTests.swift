// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

@testable import ChatTerminal

/// What keys and events do.
struct TerminalModelTests {
    @Test
    func
        `M7 what came while one was in another room is counted, shown behind a line, and read when it is seen`()
    {
        var world = ChatWorld()
        world.signIn(tea: (3, 2))
        #expect(world.shows("#tea"))
        world.hear(4, from: ChatWorld.bo, "over here", room: ChatWorld.tea)
        #expect(world.lines.contains { $0.contains("#tea") && $0.contains("3") })
        #expect(world.marks == [])
        world.effects = []
        world.press(.roomDown)
        #expect(world.marks == [4])
        #expect(world.shows("─ new ─"))
        #expect(world.shows("over here"))
        #expect(!world.lines.contains { $0.contains("#tea") && $0.contains(" 3") })
    }

    @Test func `M6 history and what comes meanwhile are each message once, in order`() {
        var world = ChatWorld()
        world.signIn(head: 3)
        world.hear(4, from: ChatWorld.bo, "four")
        world.hear(5, from: ChatWorld.bo, "five")
        world.history(
            ChatWorld.message(2, ChatWorld.bo, "two"), ChatWorld.message(3, ChatWorld.bo, "three"),
            ChatWorld.message(4, ChatWorld.bo, "four"), isEnd: false)
        let texts = world.terminal.chat.rooms[ChatWorld.room]?.items.compactMap { $0.message?.text }
        #expect(texts == ["two", "three", "four", "five"])
    }

    @Test func `what happened while an answer was on its way is not undone by it`() {
        var world = ChatWorld(columns: 120)
        world.signIn(head: 4)
        let bo = ChatWorld.user(ChatWorld.bo)
        let start = "\"room\":\"\(ChatWorld.room)\""
        world.event(
            "{\"type\":\"edited\",\(start),\"seq\":5,\"from\":\(bo),\"target\":4,\"text\":\"new\"}")
        world.event(
            "{\"type\":\"joined\",\(start),\"seq\":6,\"user\":\(bo),\"from\":\(bo)}")
        world.event(
            "{\"type\":\"presence\",\(start),\"user\":\(bo),\"status\":\"busy\"}")
        world.history(ChatWorld.message(4, ChatWorld.bo, "old"))
        #expect(world.shows("new (edited)"))
        for known in [
            "", ",{\"id\":\"\(ChatWorld.bo.id)\",\"name\":\"bo\",\"status\":\"offline\"}",
        ] {
            var other = world
            other.answer(
                .members(ChatWorld.room),
                """
                {"members":[{"id":"\(ChatWorld.me.id)","name":"ana","status":"online"}\(known)],
                "total":\(known.isEmpty ? 1 : 2),"online":1}
                """)
            #expect(other.lines[2].contains("● bo"))
            #expect(other.lines[0].contains("2 of 2 online"))
        }
    }

    @Test func `M8 looking back through the history tells nobody anything`() {
        var world = ChatWorld(rows: 10)
        world.signIn(head: 100, read: 100)
        world.history(
            ChatWorld.message(99, ChatWorld.bo, "old"), ChatWorld.message(100, ChatWorld.bo, "new"),
            isEnd: false)
        world.effects = []
        world.answer(
            .history(ChatWorld.room, isOlder: true),
            "{\"messages\":[\((1..<99).map { ChatWorld.message($0, ChatWorld.bo, "m\($0)") }.joined(separator: ","))],\"end\":true}"
        )
        for _ in 0..<200 { world.press(.pageUp) }
        #expect(world.shows("m1"))
        #expect(world.marks == [])
        #expect(world.bells == 0)
        #expect(world.sent.isEmpty)
    }

    @Test func `looking back asks for older messages until there are none`() {
        var world = ChatWorld()
        world.signIn(head: 100)
        func older() -> Int {
            world.calls.count { $0["type"]?.string == "history" && $0["before"] != nil }
        }
        world.history(ChatWorld.message(90, ChatWorld.bo, "x"), isEnd: false)
        #expect(older() == 1)
        #expect(world.calls.last?["before"]?.int == 90)
        world.answer(
            .history(ChatWorld.room, isOlder: true),
            "{\"messages\":[\(ChatWorld.message(89, ChatWorld.bo, "y"))],\"end\":true}")
        world.press(.pageUp)
        #expect(older() == 1)
    }

    @Test func `the view stays where one looks when something new comes`() {
        var world = ChatWorld(columns: 60, rows: 12)
        world.signIn(head: 3)
        world.history()
        for seq in 4...60 { world.hear(seq, from: ChatWorld.bo, "line \(seq)") }
        world.effects = []
        world.press(.pageUp)
        let before = world.lines[1..<9]
        world.hear(61, from: ChatWorld.bo, "line 61")
        #expect(world.lines[1..<9] == before)
        #expect(world.shows("newer message"))
        #expect(world.marks == [])
        world.press(.escape)
        #expect(world.shows("line 61"))
        #expect(world.marks == [61])
    }

    @Test func `scrolling up and down by the same amount leads back`() {
        var world = ChatWorld(columns: 50, rows: 14)
        world.signIn(head: 3)
        world.history()
        for seq in 4...80 {
            world.hear(
                seq, from: seq % 3 == 0 ? ChatWorld.bo : ChatWorld.cy,
                String(repeating: "word ", count: seq % 17 + 1))
        }
        var seen: [[String]] = []
        for _ in 0..<5 {
            seen.append(world.lines)
            world.press(.pageUp)
        }
        for lines in seen.reversed() {
            world.press(.pageDown)
            #expect(world.lines[1..<10] == lines[1..<10])
        }
    }

    @Test func `S9 it rings for new messages of others to the user, not for own and repeated ones`()
    {
        var world = ChatWorld()
        world.signIn()
        world.hear(4, from: ChatWorld.bo, "hello")
        #expect(world.bells == 0)
        world.hear(5, from: ChatWorld.bo, "@Ana hello")
        #expect(world.bells == 1)
        world.hear(6, from: ChatWorld.me, "@ana")
        world.hear(7, from: ChatWorld.bo, "@ana", isReplayed: true)
        world.hear(5, from: ChatWorld.bo, "@Ana hello")
        #expect(world.bells == 1)
        world.send("/bell off")
        world.hear(8, from: ChatWorld.bo, "@ana")
        #expect(world.bells == 1)
    }

    @Test func `others learn of typing, not of commands`() {
        var world = ChatWorld()
        world.signIn()
        func typing() -> Int { world.effects.count { if case .typed = $0 { true } else { false } } }
        world.press(.text("/join"), .control("u"))
        #expect(typing() == 0)
        world.press(.text("h"), .text("i"), .backspace)
        #expect(typing() == 3)
    }

    @Test func `what is typed before there is a room waits in the line`() {
        var world = ChatWorld()
        world.send("early")
        #expect(world.shows("❯ early"))
        world.signIn()
        world.press(.enter)
        #expect(world.sent.map(\.text) == ["early"])
        var other = ChatWorld()
        other.send("/quit")
        #expect(other.exitCode == 0)
    }

    @Test func `a draft waits in its room`() {
        var world = ChatWorld()
        world.signIn(tea: (0, 0))
        world.press(.text("for general"), .roomDown)
        #expect(world.terminal.editor.isEmpty)
        world.press(.text("for tea"), .alt("1"))
        #expect(world.terminal.editor.text == "for general")
        world.press(.alt("2"))
        #expect(world.terminal.editor.text == "for tea")
    }

    @Test func `Tab completes commands, names and rooms in turn`() {
        var world = ChatWorld()
        world.signIn(tea: (0, 0))
        world.answer(
            .members(ChatWorld.room),
            """
            {"members":[\(ChatWorld.user(ChatWorld.bo)),\(ChatWorld.user(ChatWorld.me)),
            {"id":"u_0000000000009","name":"Boris"}],"total":3,"online":3}
            """)
        world.press(.text("hi b"), .tab)
        #expect(world.terminal.editor.text == "hi @Boris ")
        world.press(.tab)
        #expect(world.terminal.editor.text == "hi @bo ")
        world.press(.control("u"), .text("/rep"), .tab)
        #expect(world.terminal.editor.text == "/reply ")
        world.press(.control("u"), .text("/join t"), .tab)
        #expect(world.terminal.editor.text == "/join tea")
        world.press(.control("u"), .text("zzz"), .tab)
        #expect(world.terminal.editor.text == "zzz")
    }

    @Test func `Ctrl+C empties the line, and twice leaves`() {
        var world = ChatWorld()
        world.signIn()
        world.press(.text("x"), .control("c"))
        #expect(world.exitCode == nil)
        world.press(.control("c"), .text("y"), .backspace, .control("c"))
        #expect(world.exitCode == nil)
        #expect(world.shows("once more"))
        world.press(.control("c"))
        #expect(world.exitCode == 0)
    }

    @Test func `what a room has kept is bounded, and older lines come back from the server`() {
        var world = ChatWorld()
        world.signIn(head: 3)
        world.history()
        for seq in 4...3_600 { world.hear(seq, from: ChatWorld.bo, "m") }
        let room = world.terminal.chat.rooms[ChatWorld.room]
        #expect(room?.items.count == 3_000)
        #expect(room?.hasBeginning == false)
        #expect(room?.firstSeq == 601)
    }

    @Test func `a gap is told, and what is there now is loaded`() {
        var world = ChatWorld()
        world.signIn()
        world.history(ChatWorld.message(1, ChatWorld.bo, "old"))
        world.effects = []
        world.event("{\"type\":\"gap\",\"room\":\"\(ChatWorld.room)\",\"from\":4,\"to\":90}")
        #expect(world.shows("messages are missing here"))
        #expect(world.calls.contains { $0["type"]?.string == "history" })
        #expect(!world.shows("old"))
    }
}
