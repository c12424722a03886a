// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

@Suite struct ByteWriterTests {
    /// Every byte that is special in a string, and its neighbours that are not.
    static let bytes: [UInt8] = [0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F]

    @Test(arguments: bytes)
    func `a special byte is found wherever it stands in a word`(byte: UInt8) throws {
        for length in 0...24 {
            for place in 0...length {
                for filler in [UInt8(ascii: "x"), 0x21, 0x5D, 0x7F] {
                    var text = [UInt8](repeating: filler, count: length)
                    text.insert(byte, at: place)
                    let sample = String(decoding: text, as: UTF8.self)
                    var writer = JSONWriter(capacity: 1)
                    writer.string(sample)
                    #expect(JSONValue(utf8: writer.bytes) == .string(sample))
                    let isControl = byte < 0x20
                    let raw = decode(Array("{\"x\":\"".utf8) + text + Array("\"}".utf8))
                    let isJSON =
                        if case .failure(let error) = raw.result {
                            error.code != .badJSON
                        } else { true }
                    // A bare quote ends the string too early, a backslash must be followed by an escape.
                    #expect(isJSON == !(isControl || byte == 0x22 || byte == 0x5C), "\(text)")
                }
            }
        }
    }

    @Test func `bytes above ASCII are never special`() {
        for scalar in ["é", "\u{80}", "\u{7FF}", "日", "\u{FFFF}", "😀", "\u{10FFFF}"] {
            for length in 0...9 {
                let sample = String(repeating: "a", count: length) + scalar + scalar + "\n" + scalar
                var writer = JSONWriter(capacity: 1)
                writer.string(sample)
                #expect(JSONValue(utf8: writer.bytes) == .string(sample))
            }
        }
    }

    @Test func `numbers are written at every length`() {
        var numbers: [UInt64] = [0, .max, .max - 1]
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            numbers += [power - 1, power, power + 1]
        }
        for number in numbers {
            var writer = ByteWriter(capacity: 1)
            writer.append(decimal: number)
            #expect(String(decoding: writer.array, as: UTF8.self) == String(number))
        }
    }

    @Test func `what was written stays when the memory grows, and is gone after a reset`() {
        var writer = ByteWriter(capacity: 8)
        var expected: [UInt8] = []
        for number in 0..<100_000 {
            writer.append(UInt8(truncatingIfNeeded: number))
            expected.append(UInt8(truncatingIfNeeded: number))
        }
        #expect(writer.array == expected)
        writer.reset()
        #expect(writer.array.isEmpty)
        writer.append("next")
        #expect(writer.array == Array("next".utf8))
    }

    @Test func `times of one second and of the next have their own text`() {
        var writer = JSONWriter()
        for milliseconds: Int64 in [
            1_767_323_045_000, 1_767_323_045_007, 1_767_323_045_999, 1_767_323_046_000,
            1_767_323_045_010, -1, -1_000, -1_001, 0,
        ] {
            writer.reset()
            let time = Timestamp(milliseconds: milliseconds)
            writer.time(time)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\(time)\"")
        }
    }

    @Test(arguments: CommandKey.allCases)
    func `every key finds itself and nothing near it`(key: CommandKey) {
        let name = Array("\(key.wire)".utf8)
        #expect(CommandKey.find(name.span) == key)
        for place in name.indices {
            var other = name
            other[place] = UInt8(ascii: "~")
            #expect(CommandKey.find(other.span) == nil)
        }
        #expect(CommandKey.find(Array(name.dropLast()).span) != key)
        #expect(CommandKey.find((name + [UInt8(ascii: "s")]).span) != key)
    }

    @Test func `identities are read and written for every digit`() {
        for shift in 0..<64 {
            let room = RoomID(rawValue: 1 << UInt64(shift) | UInt64(shift))
            #expect(RoomID(room.description) == room)
            var writer = JSONWriter()
            writer.room(room)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\(room)\"")
        }
        for letter in "ilouILOUZ_-~/:{`" {
            #expect(RoomID("r_000000000000\(letter)") == nil)
        }
    }

    @Test func `an identity has digits only, wherever they stand`() {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        for valid in ["r_0000000000000", "r_fzzzzzzzzzzzz", "r_9ahjkmnptvz0g"] {
            for place in 2..<15 {
                for byte in UInt8.min...UInt8.max {
                    var text = Array(valid.utf8)
                    text[place] = byte
                    let number = Base32.decode(text.span, prefix: "r")
                    // The first digit has four bits.
                    let isDigit = digits.firstIndex(of: byte).map { place > 2 || $0 < 16 } ?? false
                    #expect((number != nil) == isDigit, "\(byte) at \(place)")
                    if let number { #expect(Array("\(RoomID(rawValue: number))".utf8) == text) }
                }
            }
        }
    }
}
