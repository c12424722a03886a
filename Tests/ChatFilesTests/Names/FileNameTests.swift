// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatFiles

struct FileNameTests {
    static let examples: [(sent: String, shown: String)] = [
        ("cat.png", "cat.png"),
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("a/b/", "b"),
        ("a:b", "a_b"),
        (#"C:\x"#, "x"),
        (#"C:\Users\ana\..\report.pdf"#, "report.pdf"),
        (#"..\..\boot.ini"#, "boot.ini"),
        ("", "file"),
        ("   ", "file"),
        (".", "file"),
        ("..", "file"),
        ("...", "file"),
        ("/", "file"),
        ("\0", "file"),
        ("a\0b.txt", "ab.txt"),
        ("line\nfeed\r.txt", "line feed .txt"),
        ("\u{1B}[31mred.txt", "[31mred.txt"),
        ("🦜.png", "🦜.png"),
        ("👩‍💻.png", "👩‍💻.png"),
        ("e\u{301}.txt", "e\u{301}.txt"),
        ("invoice\u{202E}gpj.exe", "invoicegpj.exe"),
        ("\u{2066}a\u{2069}\u{200B}\u{FEFF}.txt", "a.txt"),
        ("\u{200D}\u{200D}", "file"),
        ("name.txt.", "name.txt"),
        ("name.txt. . ", "name.txt"),
        (" .hidden", "hidden"),
        ("a\u{3000}b\u{2028}c.txt", "a\u{3000}b c.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.log", "_com1.log"),
        ("console.log", "console.log"),
        ("com10.log", "com10.log"),
        (#"<img src=x onerror="alert(1)">.png"#, "_img src=x onerror=_alert(1)__.png"),
        ("\u{10FFFF}\u{E000}x", "x"),
        ("a|b?c*d", "a_b_c_d"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
    ]

    @Test(arguments: examples)
    func `F5: a hostile name becomes one that can be shown and saved`(
        example: (sent: String, shown: String)
    ) {
        #expect(FileName.clean(example.sent) == example.shown)
    }

    static let hostile: [String] =
        examples.map(\.sent) + [
            String(repeating: "a", count: 255) + ".png", String(repeating: "ü", count: 300),
            String(repeating: "🦜", count: 64) + ".jpeg", String(repeating: ".", count: 5_000),
            String(repeating: "\u{301}", count: 400),
            "x" + String(repeating: "\u{301}", count: 400),
            "a." + String(repeating: "b", count: 400), String(repeating: "/", count: 400) + "y",
            String(repeating: "a", count: 250) + ". . .....",
            "con" + String(repeating: "x", count: 300),
            "nul." + String(repeating: "x", count: 300), String(repeating: "👩‍💻", count: 60) + ".png",
        ]

    @Test(arguments: hostile)
    func `F5: every name is clean, short enough and stays as it is when it is cleaned again`(
        name: String
    ) {
        let clean = FileName.clean(name)
        #expect(DisplayName.clean(clean) == clean)
        #expect((1...255).contains(clean.utf8.count))
        #expect(FileName.clean(clean) == clean)
        #expect(!clean.contains("/") && !clean.contains("\\") && !clean.hasPrefix("."))
    }

    @Test func `F5: a name of 255 bytes is whole, of one more it keeps its extension`() {
        let whole = String(repeating: "a", count: 251) + ".png"
        #expect(FileName.clean(whole) == whole)
        let long = FileName.clean("a" + whole)
        #expect(long == whole)
        #expect(FileName.clean(String(repeating: "🦜", count: 64)).utf8.count == 252)
    }

    @Test func `random bytes are never a name that breaks the rules`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let clean = FileName.clean(String(decoding: bytes, as: UTF8.self))
            #expect(DisplayName.clean(clean) == clean && clean.utf8.count <= 255, "\(bytes)")
        }
    }

    @Test func `an id is random, has a fixed alphabet and is read back`() throws {
        let ids = (0..<1_000).map { _ in FileID() }
        #expect(Set(ids).count == 1_000)
        for id in ids { #expect(FileID(id.description) == id) }
        let text = ids[0].description
        for wrong in [
            "", "f_", "../" + text, text + "0", text.uppercased(), "r" + text.dropFirst(),
            String(text.dropLast()) + "/", String(text.dropLast()) + "u", text + "\0",
        ] {
            #expect(FileID(wrong) == nil, "\(wrong)")
        }
    }
}
