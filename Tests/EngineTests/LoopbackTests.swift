// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// The test kit itself: if it lies, every other test of the engine does.
@Suite struct LoopbackTests {
    @Test func `a guest says hello, posts, and sees the answer before the event`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.connect()
        let hello = ana.ask("hello", ["name": "ana"])
        #expect(hello.type == "ok")
        #expect(hello["user"]["name"] == "ana")
        let sent = ana.ask("send", ["room": "general", "client_id": "k1", "text": "hi"])
        #expect(sent.seq == 2)
        let types = ana.messages.map(\.type)
        #expect(types.suffix(2) == ["ok", "message"])
    }

    @Test func `a message may come in pieces, and several in one piece`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        ana.write(Array(#"{"type":"pi"#.utf8))
        world.settle()
        #expect(ana.takeNew().filter { $0["id"] == 9 }.isEmpty)
        ana.write(Array("ng\",\"id\":9}\n{\"type\":\"ping\",\"id\":10}\n".utf8))
        world.settle()
        #expect(ana.takeNew().map { $0["id"] } == [9, 10])
    }

    @Test func `a line over the limit is answered and ends the connection`() async throws {
        let world = try await LoopbackWorld { $0.limits.frameBytes = 100 }
        let ana = world.connect()
        ana.write(Array(repeating: 0x20, count: 101))
        world.settle()
        #expect(ana.messages.first?.code == "too_large")
        #expect(ana.closeCode == .protocolError)
    }

    @Test func `time passes only when it is told to, and what is due happens on the way`()
        async throws
    {
        let world = try await LoopbackWorld()
        let mute = world.connect()
        world.advance(milliseconds: 9_999)
        #expect(mute.isConnected)
        world.advance(milliseconds: 1)
        #expect(mute.closeCode == .helloTimeout)
        #expect(mute.messages.last?["reconnect"] == true)
    }

    @Test func `a client that stops reading gets the rest when it reads again`() async throws {
        let world = try await LoopbackWorld(shards: 3)
        let ana = world.guest("ana")
        let bo = world.guest("bo")
        bo.stopReading(afterBytes: 10)
        let sent = ana.ask("send", ["room": "general", "client_id": "1", "text": "hello bo"])
        #expect(bo.events("message").isEmpty)
        bo.startReading()
        world.settle()
        #expect(bo.events("message").map(\.seq) == [sent.seq])
    }

    @Test func `after a restart the rooms are there and the connections are not`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        ana.ask("send", ["room": "general", "client_id": "1", "text": "before"])
        ana.cut()
        try await world.restart()
        let bo = world.guest("bo")
        let page = bo.ask("history", ["room": "general"])
        #expect(page["messages"].elements.map { $0["text"] } == ["before"])
    }

    @Test func `the JSON reader of the test kit takes JSON and nothing else`() {
        #expect(
            JSONValue(parsing: #" {"a":[1,-2.5,true,null,"\u00e9\ud83d\ude42\n"]} "#)
                == ["a": [1, .number(-2.5), true, nil, "é🙂\n"]])
        for text in [
            "", "{", "[1,]", "01", "1.", "\"\u{1}\"", "nul", "{\"a\"}", "1 2", "\"\\ud800\"",
        ] {
            #expect(JSONValue(parsing: text) == nil, "\(text)")
        }
    }
}
