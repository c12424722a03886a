// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import Testing

@testable import ChatTerminal

/// What can be typed.
struct CommandTests {
    private static let commands: [(String, String)] = [
        ("/join tea house", #"{"type":"room.join","room":"tea house"}"#),
        ("/join #tea", #"{"type":"room.join","room":"tea"}"#),
        ("/create tea", #"{"type":"room.create","name":"tea","private":false}"#),
        ("/create -p tea", #"{"type":"room.create","name":"tea","private":true}"#),
        ("/code abc", #"{"type":"room.join","code":"abc"}"#),
        ("/list", #"{"type":"room.list","limit":100}"#),
        ("/search two eggs", #"{"type":"search","text":"two eggs"}"#),
        ("/away", #"{"type":"presence.set","status":"away"}"#),
        ("/back", #"{"type":"presence.set","status":"online"}"#),
        ("/lastseen hide", #"{"type":"profile.update","hides_last_seen":true}"#),
        ("/lastseen show", #"{"type":"profile.update","hides_last_seen":false}"#),
        ("/nick Ana Lund", #"{"type":"profile.update","display_name":"Ana Lund"}"#),
        ("/invites", #"{"type":"room.invitations","limit":100}"#),
        ("/leave", #"{"type":"room.leave","room":"R"}"#),
        ("/edit 3 new text", #"{"type":"edit","room":"R","target":3,"text":"new text"}"#),
        ("/delete #3", #"{"type":"delete","room":"R","target":3}"#),
        ("/react . 👍", #"{"type":"react","room":"R","target":2,"emoji":"👍"}"#),
        ("/pin 2", #"{"type":"pin","room":"R","target":2}"#),
        ("/readers .", #"{"type":"readers","room":"R","seq":3}"#),
        ("/around 2", #"{"type":"history","room":"R","around":2,"limit":7}"#),
        ("/topic leaves", #"{"type":"room.update","room":"R","description":"leaves"}"#),
        ("/kick bo", #"{"type":"member.kick","room":"R","user":"U"}"#),
        ("/invite @BO", #"{"type":"room.invite","room":"R","user":"U"}"#),
        ("/msg bo hello", #"{"type":"dm.open","user":"U"}"#),
    ]

    private func world() -> ChatWorld {
        var world = ChatWorld()
        world.signIn()
        world.history(
            ChatWorld.message(2, ChatWorld.bo, "two"), ChatWorld.message(3, ChatWorld.me, "three"))
        world.effects = []
        return world
    }

    @Test(arguments: commands)
    func `a command asks the server for what it says`(line: String, expected: String) throws {
        var world = world()
        world.send(line)
        let command = try #require(world.calls.first)
        let text = expected.replacing("\"R\"", with: "\"\(ChatWorld.room)\"")
            .replacing("\"U\"", with: "\"\(ChatWorld.bo.id)\"")
        #expect(String(decoding: command.encoded, as: UTF8.self) == text)
    }

    @Test func `lines are sent, slashes doubled go as one, and commands are not said`() {
        var world = world()
        world.send("hello")
        world.send("//etc is a folder")
        world.send("/reply 2 sure")
        world.send("   ")
        #expect(world.sent.map(\.text) == ["hello", "/etc is a folder", "sure"])
        #expect(world.sent.last?.replyTo == 2)
        #expect(Set(world.sent.map(\.clientID)).count == 3)
    }

    @Test(arguments: [
        "/nosuch", "/join", "/reply", "/reply x y", "/reply 2", "/edit 3", "/react 2",
        "/bell maybe", "/lastseen never",
        "/msg bo", "/save", "/send", "/delete 0", "/create",
    ])
    func `what is not a command is answered with how it goes, and nothing is sent`(line: String) {
        var world = world()
        world.send(line)
        #expect(world.effects.count { if case .print = $0 { false } else { true } } == 0)
        #expect(world.printed.first?.hasPrefix("* ") == true)
        #expect(world.terminal.chat.hasFailed)
    }

    @Test func `the help names every command`() {
        var world = ChatWorld(columns: 90, rows: 60)
        world.signIn()
        world.send("/help")
        for entry in CommandEntry.all { #expect(world.shows("\(entry.usage)  ")) }
    }

    @Test func `somebody is found among the members of the rooms`() throws {
        var world = world()
        world.send("/invite Cy")
        #expect(world.calls.first?["type"]?.string == "room.members")
        let purpose = world.effects.compactMap { effect -> Purpose? in
            if case .call(_, let purpose, _) = effect { purpose } else { nil }
        }.first
        world.answer(
            try #require(purpose), "{\"members\":[\(ChatWorld.user(ChatWorld.cy))]}")
        #expect(world.calls.last?["type"]?.string == "room.invite")
        #expect(world.calls.last?["user"]?.string == ChatWorld.cy.id.description)
        world.effects = []
        world.send("/kick nobody")
        world.answer(
            .find(name: "nobody", command: ["type": "member.kick"], rest: []), "{\"members\":[]}")
        #expect(world.shows("nobody called nobody"))
    }

    @Test func `every reader is told with the time that is known`() {
        var world = world()
        let readers = [
            ChatWorld.user(ChatWorld.bo).dropLast() + #","at":"2026-01-02T03:04:05.678Z"}"#,
            ChatWorld.user(ChatWorld.cy),
        ]
        world.answer(
            .readers(3), "{\"status\":\"read\",\"readers\":[\(readers.joined(separator: ","))]}")
        #expect(world.shows("message 3 is read, read by bo (2026-01-02 03:04), cy"))
    }

    @Test func `a file goes up with its progress, then as a message; another is saved`() throws {
        var world = world()
        world.send("/send \"/tmp/my cat.png\" look at this")
        guard case .upload(let transfer, let path, _) = world.effects.last else {
            Issue.record("\(world.effects)")
            return
        }
        #expect(path == "/tmp/my cat.png")
        world.take(
            .progress(
                transfer: transfer, ChatProgress(id: "f_1", bytes: 500_000, totalBytes: 1_000_000)))
        #expect(world.shows("↑ my cat.png █████░░░░░ 50 % of 1.0 MB"))
        let file = try #require(
            ChatFile(
                ChatWorld.json(
                    #"{"id":"f_1","name":"my cat.png","bytes":9,"media_type":"image/png"}"#)))
        world.take(.uploaded(transfer: transfer, .success(file)))
        #expect(world.sent.last?.text == "look at this")
        #expect(world.sent.last?.files == [file])
        world.hear(
            9, from: ChatWorld.bo, "",
            more: #","attachments":[{"id":"f_2","name":"a","bytes":9,"media_type":"x/y"}]"#)
        world.send("/save . /tmp/here")
        guard case .download(let number, let wanted, _, let target) = world.effects.last else {
            Issue.record("\(world.effects)")
            return
        }
        #expect((wanted.id, target) == ("f_2", "/tmp/here"))
        world.take(.saved(transfer: number, .success("/tmp/here")))
        #expect(world.shows("↓ a is saved as /tmp/here"))
        #expect(!world.terminal.chat.hasFailed)
    }

    @Test func `a pipe gets lines, and the exit code says what went wrong`() {
        var world = ChatWorld(isFullScreen: false)
        world.signIn()
        world.hear(4, from: ChatWorld.bo, "two\nlines", more: ",\"reply_to\":2")
        #expect(world.printed == ["* you are in general", "03:04 [4] bo: (to [2]) two\n    lines"])
        // Nothing is asked for that nobody looks at.
        #expect(!world.calls.contains { $0["type"]?.string == "history" })
        world.send("/quit")
        #expect(world.exitCode == 0)
        world.effects = []
        world.refuse(.done(""), "you may not")
        world.send("/quit")
        #expect(world.exitCode == 1)
    }

    @Test func `a room that was wished for and is not to be had ends a pipe, not a screen`() {
        for isFullScreen in [true, false] {
            var world = ChatWorld(isFullScreen: isFullScreen, room: "secret")
            world.signIn()
            #expect(world.calls.last?["room"]?.string == "secret")
            world.refuse(.enter(saying: nil), "no such room")
            #expect(world.exitCode == (isFullScreen ? nil : 1))
            #expect(world.terminal.chat.isReady == isFullScreen)
        }
    }
}
