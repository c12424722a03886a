// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

/// RFC 8259 by example: as the value of a key that no command knows, and as whole messages.
@Suite struct JSONGrammarTests {
    static let values: [String] = [
        // Numbers.
        "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "0.0", "0.5", "-0.5", "1.25",
        "0e0", "1e5", "1E5", "1e+5", "1e-5", "1.5e10", "-1.5E-10", "1e999", "0e-999",
        // Literals.
        "true", "false", "null",
        // Strings.
        #""""#, #""a""#, #""é""#, #""😀""#, "\"\u{7F}\"", "\"\u{2028}\"", #""/""#, #""\"""#,
        #""\\""#,
        #""\/""#, #""\b\f\n\r\t""#, #""\u0000""#, #""\u00e9""#, #""\u00E9""#, #""\uFFFF""#,
        #""\ud83d\ude00""#, #""[""#, #""{}""#, #""//""#,
        // Half pairs are in the grammar; they are no text, but nobody reads an unknown key.
        #""\ud800""#, #""\ude00""#, #""\ude00\ud83d""#,
        // Arrays and objects.
        "[]", "[1]", "[1,2]", "[[]]", #"["a",null,true,{}]"#, "{}", #"{"a":1}"#, #"{"":0}"#,
        #"{"a":1,"b":[{}]}"#, #"{"a":1,"a":2}"#, #"{"\"":1}"#,
    ]

    static let faults: [String] = [
        "",
        // Numbers.
        "01", "-01", "00", "-", "+1", "--1", "1.", "-1.", ".5", "-.5", "1..2", "1.e5", "1e", "1E",
        "1e+", "1e-", "1e1.5", "e5", "0x10", "1_000", "1 2", "1,", "Infinity", "-Infinity", "NaN",
        "٣", "1a", "1e5e5", "1.5.5",
        // Literals.
        "True", "TRUE", "tru", "truee", "nul", "nulll", "fals", "None", "undefined", "t", "n",
        // Strings.
        "\"", "\"a", "'a'", "a", "\"\n\"", "\"\t\"", "\"\0\"", "\"\u{1F}\"", #""\""#, #""\a""#,
        #""\x41""#, #""\v""#, #""\0""#, #""\'""#, #""\U0041""#, #""\u""#, #""\u0""#, #""\u00""#,
        #""\u004""#, #""\u00g0""#, #""\u 041""#, #""\u+041""#, #""\u-041""#, #""a"b""#, #""a" "b""#,
        "\"\\\n\"", "“a”", #""\ud800\u""#,
        // Arrays.
        "[", "]", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "(1)",
        "[01]", "[\"a]", "[[]", "[]]",
        // Objects.
        "{", "}", "{]", #"{"a"}"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1,}"#, #"{,}"#, #"{,"a":1}"#,
        #"{"a":1,,"b":2}"#, #"{"a" 1}"#, #"{"a"=1}"#, #"{"a"::1}"#, #"{a:1}"#, #"{'a':1}"#,
        #"{1:1}"#, #"{null:1}"#, #"{"a":1 "b":2}"#, #"{"a":1;"b":2}"#, #"{"a":1}}"#, #"{{}}"#,
        #"{[]:1}"#, #"{"a:1}"#, #"{"\x":1}"#, "{\"\n\":1}",
        // What other formats allow.
        "/**/1", "1//", "#1", "\u{A0}1", "\u{FEFF}1", "\u{B}1", "\u{C}1", "\u{85}1", "1\u{0}",
    ]

    @Test(arguments: values)
    func `what is JSON is accepted`(value: String) {
        #expect(command(#"{"x":\#(value),"type":"ping"}"#) == .ping)
        #expect(command(#"{"type":"ping","x":\#(value)}"#) == .ping)
        #expect(command(#"{"type":"ping","x":[\#(value)]}"#) == .ping)
        #expect(command(#"{"type":"ping","x":{"y":\#(value)}}"#) == .ping)
    }

    @Test(arguments: faults)
    func `what is no JSON is refused`(value: String) {
        // As the last element of an array an empty value would be an empty array.
        let texts = [
            #"{"x":\#(value),"type":"ping"}"#, #"{"type":"ping","x":\#(value)}"#,
            #"{"type":"ping","x":[0,\#(value)]}"#, #"{"type":"ping","x":{"y":\#(value)}}"#,
        ]
        for text in texts { #expect(refusal(text) == "bad_json", "\(text)") }
    }

    @Test func `every byte below a blank must be escaped in a string`() {
        for byte in 0...0x20 as ClosedRange<UInt8> {
            let start = Array(#"{"type":"ping","x":"a"#.utf8)
            let decoded = decode(start + [byte] + Array(#"b"}"#.utf8))
            if byte == 0x20 {
                #expect(decoded.result == .success(.ping))
            } else {
                #expect(throws: WireError.self, "\(byte)") { try decoded.result.get() }
            }
        }
    }

    @Test func `exactly four bytes are white space`() {
        for byte in 0...0x7F as ClosedRange<UInt8> {
            let isSpace = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
            for (start, end) in [("", #"{"type":"ping"}"#), (#"{"type":"ping"}"#, "")] {
                let decoded = decode(Array(start.utf8) + [byte] + Array(end.utf8))
                #expect((decoded.result == .success(.ping)) == isSpace, "\(byte)")
            }
        }
    }

    // MARK: Whole messages

    @Test(arguments: [
        "", " ", "null", "true", "1", #""ping""#, "[]", #"[{"type":"ping"}]"#, "{", "}", "{}}",
        #"{"type":"ping"}{"type":"ping"}"#, #"{"type":"ping"} x"#, #"{"type":"ping"},"#,
        #"{"type":"ping"}]"#, #"{"type":"ping"}1"#, #"{"type":"ping"}null"#, #"{"type":"ping""#,
        #"{"type":"ping",}"#, #"{"type":"ping",,"x":1}"#, #"{,"type":"ping"}"#, #"{"type"}"#,
        #"{"type":}"#, #"{"type" "ping"}"#, #"{type:"ping"}"#, #"{'type':'ping'}"#,
        #"{"type":"ping" "x":1}"#, "{\"type\":\"ping\"}\0", "\u{FEFF}{\"type\":\"ping\"}",
        #"{"type":"ping"}//"#, #"{"type":'ping'}"#, "ping", "GET / HTTP/1.1",
    ])
    func `what is no single object is refused`(text: String) {
        #expect(refusal(text) == "bad_json")
        #expect(decode(text).id == nil)
    }

    @Test(arguments: Examples.all)
    func `no beginning of a command is a command`(text: String, command: Command) {
        let bytes = Array(text.utf8)
        for length in bytes.indices {
            #expect(throws: WireError.self, "\(length) bytes") {
                try decode(Array(bytes.prefix(length))).result.get()
            }
        }
    }

    /// The text with `space` before and after every token.
    static func spaced(_ text: String, _ space: String) -> String {
        var result = space
        var isInString = false
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isInString {
                result.unicodeScalars.append(scalar)
                if isEscaped {
                    isEscaped = false
                } else if scalar == "\\" {
                    isEscaped = true
                } else if scalar == "\"" {
                    isInString = false
                    result += space
                }
            } else if scalar == "\"" {
                isInString = true
                result += space + "\""
            } else if "{}[]:,".unicodeScalars.contains(scalar) {
                result += space
                result.unicodeScalars.append(scalar)
                result += space
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result + space
    }

    @Test(arguments: [" ", "\t", "\n", "\r", " \r\n\t "])
    func `white space may stand between all tokens`(space: String) {
        for (text, expected) in Examples.all {
            #expect(command(Self.spaced(text, space)) == expected, "\(text)")
        }
        for value in Self.values {
            let text = #"{"x":\#(value),"type":"ping","y":[\#(value),{"z":\#(value)}]}"#
            #expect(command(Self.spaced(text, space)) == .ping, "\(value)")
        }
    }

    @Test func `white space may stand inside no token`() {
        for value in ["tr ue", "1 0", "1 .5", "1. 5", "1 e5", "- 1", #""\ n""#, #""\u00 41""#] {
            #expect(refusal(#"{"type":"ping","x":\#(value)}"#) == "bad_json", "\(value)")
        }
    }
}
