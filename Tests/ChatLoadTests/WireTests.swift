// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

struct PayloadTests {
    @Test(arguments: [0, 1, 0x0123_4567, 0x89AB_CDEF, UInt32.max])
    func `numbers come back from their eight characters`(_ number: UInt32) {
        let word = Payload.encode(number)
        #expect(Payload.decode(word) == number)
        for shift in stride(from: 0, to: 64, by: 8) {
            // "@" to "O": no quote, no backslash, no control character.
            #expect((0x40...0x4F).contains(word >> UInt64(shift) & 0xFF))
        }
    }

    @Test func `a payload has its mark, time, sender and number`() {
        var bytes = Payload.blank(size: 50)
        #expect(bytes.count == 50)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            Payload.write(stamp: 0x0102_0304_0506_0708, sender: 77, number: 99, to: base)
            #expect(Payload.word(base, at: 0) == Payload.mark)
            #expect(Payload.decode(Payload.word(base, at: 8)) == 0x0506_0708)
            #expect(Payload.decode(Payload.word(base, at: 16)) == 0x0102_0304)
            #expect(Payload.decode(Payload.word(base, at: 24)) == 77)
            #expect(Payload.decode(Payload.word(base, at: 32)) == 99)
        }
        #expect(Array(bytes.prefix(8)) == Payload.markBytes)
        #expect(bytes.suffix(10).allSatisfy { $0 == UInt8(ascii: "x") })
    }
}

struct DecimalDigitsTests {
    @Test(
        arguments: [
            ("7", 7), ("0", 0), ("12,", 12), ("1234567,", 1_234_567), ("12345678,", 12_345_678),
            ("99999999}", 99_999_999), ("123456789,\"", 123_456_789),
            ("1234567890123}", 1_234_567_890_123),
            ("5,99999999", 5), ("42\u{E9}\u{E9}\u{E9}\u{E9}", 42), ("3/:;<=>?@", 3),
            (",12345678", 0),
        ] as [(String, UInt64)])
    func `digits are read up to what is none`(_ text: String, _ value: UInt64) {
        let bytes = Array(text.utf8)
        let found = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { DecimalDigits.value($0, count: buffer.count) }
        }
        #expect(found == value)
    }
}

struct MessageTemplateTests {
    @Test func `the places of a message's payload and client id are where it has them`() throws {
        let template = Dialect.chat.template(room: "tea", payloadSize: 41, hasClientID: true)
        let text = String(decoding: template.bytes, as: UTF8.self)
        let id = try #require(template.clientIDOffset)
        #expect(
            text == #"{"type":"send","id":9,"room":"tea","client_id":""#
                + String(repeating: "@", count: 24) + #"","text":"~load01~"#
                + String(repeating: "x", count: 33) + #""}"#)
        #expect(Array(template.bytes[id...].prefix(24)) == Array(repeating: 0x40, count: 24))
        #expect(Array(template.bytes[template.payloadOffset...].prefix(8)) == Payload.markBytes)
    }

    @Test(arguments: [
        (Dialect.redis, "*3\r\n$7\r\nPUBLISH\r\n$1\r\nr\r\n$40\r\n"), (.nats, "PUB r 40\r\n"),
        (.irc, "PRIVMSG #r :"), (.raw, ""),
    ])
    func `other protocols have their own words before it`(_ dialect: Dialect, _ head: String) {
        let template = dialect.template(room: "r", payloadSize: 40, hasClientID: false)
        #expect(template.payloadOffset == head.utf8.count)
        #expect(template.clientIDOffset == nil)
        #expect(String(decoding: template.bytes, as: UTF8.self).hasPrefix(head + "~load01~"))
    }
}

struct JSONSliceTests {
    private func look<Result>(
        _ text: String, _ body: (JSONSlice) throws -> Result
    ) rethrows
        -> Result
    {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { buffer in
            // Never empty here, so there is an address.
            try body(JSONSlice(start: buffer.baseAddress.unsafelyUnwrapped, count: buffer.count))
        }
    }

    @Test func `members are found past strings, brackets and space`() {
        let text =
            #" { "a" : {"type":"inner","x":[1,{"b":2}]}, "s":"q\"},{\\", "type":"ok","id": 12 }"#
        look(text) { json in
            #expect(json["type"]?.content?.text == "ok")
            #expect(json["type"]?.isString("ok") == true)
            #expect(json["type"]?.isString("o") == false)
            #expect(json["id"]?.number == 12)
            #expect(json["a"]?["type"]?.text == #""inner""#)
            #expect(json["s"]?.content?.text == #"q\"},{\\"#)
            #expect(json["b"] == nil)
            #expect(json["s"]?.number == nil)
        }
    }

    @Test func `elements of an array are looked into`() {
        look(#"{"rooms":[{"id":"r_1","head":5},{"id":"r_2","head":0}],"none":[]}"#) { json in
            let rooms = json["rooms"]?.elements ?? []
            #expect(rooms.map { $0["head"]?.number } == [5, 0])
            #expect(rooms.first?["id"]?.content?.hash != rooms.last?["id"]?.content?.hash)
            #expect(json["none"]?.elements.isEmpty == true)
        }
    }

    @Test(arguments: [
        "{", "{\"a\"", "{\"a\":", "{\"a\":\"", "[1", "x", "{\"a\":\"\\", "{]}", "{,}",
    ])
    func `what is not JSON is as if it were not there`(_ text: String) {
        look(text) { json in
            #expect(json["b"] == nil)
            #expect(json["a"]?.number == nil)
        }
    }
}

struct WebSocketClientTests {
    private func upgrade(_ text: String) -> WebSocketClient.Upgrade {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer {
            WebSocketClient.upgrade($0.baseAddress.unsafelyUnwrapped, count: $0.count)
        }
    }

    private let answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    @Test func `an upgrade is done at the blank line and not before`() {
        #expect(upgrade(answer + "more") == .done(bytes: answer.utf8.count))
        #expect(upgrade(String(answer.dropLast())) == .incomplete)
    }

    @Test func `another status or another key is a refusal that says why`() {
        #expect(upgrade("HTTP/1.1 404 Not Found\r\n\r\n") == .refused("HTTP/1.1 404 Not Found"))
        let wrong = answer.replacing("s3pP", with: "xxxx")
        #expect(upgrade(wrong) == .refused("HTTP/1.1 101 Switching Protocols"))
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 300, 65_535, 65_536])
    func `a frame is masked as RFC 6455 says`(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var frame = [UInt8](repeating: 0, count: count + WebSocketClient.overhead)
        let header = frame.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return 0 }
            let header = WebSocketClient.writeHeader(
                opcode: 1, count: count, key: 0x4433_2211, to: base)
            for (index, byte) in payload.enumerated() { base[header + index] = byte }
            WebSocketClient.mask(base + header, count: count, key: 0x4433_2211)
            return header
        }
        #expect(frame[0] == 0x81)
        #expect(frame[1] & 0x80 != 0)
        let lengthBytes = count < 126 ? 0 : count < 65_536 ? 2 : 8
        #expect(header == 2 + lengthBytes + 4)
        let length = frame[2..<2 + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
        #expect(lengthBytes == 0 ? Int(frame[1] & 127) == count : length == count)
        let key: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        #expect(Array(frame[header - 4..<header]) == key)
        let unmasked = frame[header..<header + count].enumerated().map { $1 ^ key[$0 % 4] }
        #expect(unmasked == payload)
    }
}

struct DialectTests {
    @Test(arguments: [
        ":a.example 433 * load1 :Nickname already in use\r", "ERROR :Closing connection\r",
    ])
    func `a line of an IRC server that will not have us is a refusal`(_ line: String) {
        #expect(Dialect.irc.refuses(line))
    }

    @Test(arguments: [
        ":a.example 251 load1 :There are 433 users and 0 services on 1 servers\r",
        ":load433 PRIVMSG #r : 433 \r",
    ])
    func `a number further on in a line refuses nothing`(_ line: String) {
        #expect(!Dialect.irc.refuses(line))
    }

    @Test func `an error of Redis or NATS is a refusal`() {
        #expect(Dialect.redis.refuses("-ERR unknown command\r"))
        #expect(Dialect.nats.refuses("-ERR 'Unknown Protocol Operation'\r"))
        #expect(!Dialect.nats.refuses("+OK\r"))
    }
}
