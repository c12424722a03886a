// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

@testable import ChatCore

/// Damaged commands: the decoder and Foundation must agree on what is JSON.
///
/// Intended differences, all of which the two functions below or the mutations account for:
/// - a text that is no object is no command;
/// - the decoder has a limit of nesting;
/// - half a surrogate pair is in the grammar, and only an error where the text is wanted;
/// - a number beyond the range of Double is a number (nobody reads it as one);
/// - Foundation takes other encodings and a byte order mark: no mutation writes a NUL or a BOM;
/// - Foundation on Linux takes a comma before the end of an object;
/// - both take the last of repeated keys.
@Suite struct JSONDifferentialTests {
    static let seeds =
        Examples.texts + [
            #"{"id":"a\u0041\n","type":"send","room":"d\u00e9n","text":"\ud83d\ude00 \"x\"\\\/"}"#,
            #"{"type":"ping","x":[1,-2.5e+3,0.25E-7,true,false,null,{"a":{},"b":[]}],"id":17}"#,
            " {\t\"type\" :\n\"ping\" , \"id\": -1 }\r\n",
        ]

    /// Bytes that matter in JSON, and a few that do not.
    static let alphabet =
        Array(#"{}[]:,"\/0123456789+-.eEtrufalsn xbd"#.utf8) + [0x09, 0x0A, 0x1F, 0xC3, 0xA9]

    static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: bytes.remove(at: place)
        case 1: bytes.insert(byte, at: place)
        case 2: bytes[place] = byte
        case 3: bytes.insert(bytes[place], at: place)
        case 4: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &generator))
        case 5:
            let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
            let target = Int.random(in: 0...bytes.count, using: &generator)
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: target)
        default:
            let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
            bytes.removeSubrange(place..<end)
        }
        if bytes.isEmpty { bytes = [byte] }
    }

    static func foundationAccepts(_ bytes: [UInt8]) -> Bool {
        let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        return value is [String: Any]
    }

    static func isJSON(_ result: Result<Command, WireError>) -> Bool {
        guard case .failure(let error) = result else { return true }
        return error.code != .badJSON && error.code != .badUTF8
    }

    /// Whether Foundation may refuse what the decoder takes: half pairs, huge numbers.
    static func isExpectedDifference(_ text: String) -> Bool {
        let lower = text.lowercased()
        let hasSurrogate = ["8", "9", "a", "b", "c", "d", "e", "f"].contains {
            lower.contains("\\ud" + $0)
        }
        let hasHugeNumber = lower.firstMatch(of: /[0-9]e\+?[0-9]{3}/) != nil
        return hasSurrogate || hasHugeNumber
    }

    /// Whether Foundation takes what no JSON is; the test kit's reader must agree that it is none.
    static func isFoundationFault(_ text: String) -> Bool {
        text.firstMatch(of: /,[ \t\r\n]*}/) != nil && JSONValue(parsing: text) == nil
    }

    @Test(arguments: 1...24 as ClosedRange<UInt64>)
    func `damaged commands are JSON for both or for neither`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var accepted = 0
        var refused = 0
        for round in 0..<310 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                Self.mutate(&bytes, using: &generator)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let ours = Self.isJSON(decode(bytes).result)
            let theirs = Self.foundationAccepts(bytes)
            if ours { accepted += 1 } else { refused += 1 }
            if ours == theirs { continue }
            if ours ? Self.isExpectedDifference(text) : Self.isFoundationFault(text) { continue }
            Issue.record(
                "seed \(seed), round \(round): accepted \(ours), Foundation \(theirs): \(text)")
        }
        // Neither a fuzzer that breaks everything nor one that breaks nothing tests anything.
        #expect(accepted > 20, "seed \(seed)")
        #expect(refused > 20, "seed \(seed)")
    }

    @Test(arguments: 101...112 as ClosedRange<UInt64>)
    func `a damaged command that is still JSON means what its plain form means`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var compared = 0
        for round in 0..<310 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            Self.mutate(&bytes, using: &generator)
            let text = String(decoding: bytes, as: UTF8.self)
            // Read and written again by the test kit: keys sorted, no escapes, no repeated keys.
            guard let value = JSONValue(utf8: bytes), case .object = value else { continue }
            // -0 and 1e2 change their form; a position list changes its order.
            let isStable = !text.contains("-0") && !text.contains("resume")
            guard isStable else { continue }
            compared += 1
            let plain = value.description
            #expect(
                decode(bytes).result == decode(plain).result,
                "seed \(seed), round \(round): \(text), plain \(plain)")
        }
        #expect(compared > 50, "seed \(seed)")
    }

    @Test func `whole examples are JSON for both`() {
        for text in Self.seeds {
            #expect(Self.isJSON(decode(text).result), "\(text)")
            #expect(Self.foundationAccepts(Array(text.utf8)), "\(text)")
            #expect(JSONValue(parsing: text) != nil, "\(text)")
        }
    }
}
