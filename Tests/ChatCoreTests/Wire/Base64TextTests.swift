// SPDX-License-Identifier: MIT

import ChatCore
import Testing

struct Base64TextTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the examples of RFC 4648 go both ways`(plain: String, text: String) {
        #expect(Base64Text.encode(Array(plain.utf8)) == text)
        #expect(Base64Text.decode(text) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9_", "ü===",
        "Zg==Zg==", "Z=g=", "A===",
    ])
    func `what is not exact is refused`(text: String) {
        #expect(Base64Text.decode(text) == nil)
    }

    @Test func `all bytes of all lengths come back`() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 151) }
        for count in 0..<300 {
            let part = Array(bytes.prefix(count))
            #expect(Base64Text.decode(Base64Text.encode(part)) == part)
        }
    }
}
