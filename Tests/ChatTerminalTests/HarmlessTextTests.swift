// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTerminal

struct HarmlessTextTests {
    @Test(arguments: [
        ("\u{1B}[2J\u{1B}]0;owned\u{7}", "�[2J�]0;owned�"), ("a\rb\r\nc", "a\nb\nc"),
        ("\u{9B}31m", "�31m"), ("\u{202E}gpj.exe", "�gpj.exe"), ("a\u{2066}b\u{2069}", "a�b�"),
        ("\u{0}\u{8}\u{7F}", "���"), ("\u{FEFF}\u{200B}x", "��x"), ("a\u{2028}b", "a\nb"),
        ("👨‍👩‍👧 ok\tok", "👨‍👩‍👧 ok\tok"), ("مرحبا שלום", "مرحبا שלום"),
    ])
    func `what a terminal would obey becomes a sign, the rest stays`(
        text: String, expected: String
    ) {
        #expect(HarmlessText.lines(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test func `a name is one line`() {
        #expect(HarmlessText.line("ana\n12:00 [3] bo: hi\t!") == "ana 12:00 [3] bo: hi !")
    }

    @Test func `no control character gets from a message, a name or a topic onto the screen`() {
        let hostile = String(String.UnicodeScalarView((0..<0xA0).compactMap(Unicode.Scalar.init)))
        var world = ChatWorld()
        world.signIn(room: "general", topic: hostile)
        world.hear(4, from: ChatWorld.bo, hostile, name: "bo" + hostile)
        world.send("/who")
        let update = Renderer.update(from: nil, to: world.terminal.screen, depth: .true24)
        // The renderer's own sequences begin with ESC [; nothing else is below the blank.
        let pieces = update.components(separatedBy: "\u{1B}[")
        for scalar in pieces.joined().unicodeScalars {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
        for line in world.printed {
            for scalar in line.unicodeScalars where scalar != "\n" && scalar != "\t" {
                #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
            }
        }
    }
}

extension String {
    /// The parts between a separator.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var (parts, rest) = ([String](), self[...])
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
