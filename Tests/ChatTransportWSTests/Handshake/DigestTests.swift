// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTransportWS

struct DigestTests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1_000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
        (
            String(
                repeating: "0123456701234567012345670123456701234567012345670123456701234567",
                count: 10),
            "dea356a2cddd90c7a7ecedc5ebb563934f460452"
        ),
    ])
    func `SHA-1 matches RFC 3174`(message: String, digest: String) {
        let hex = SHA1.digest(Array(message.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        #expect(hex.joined() == digest)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 matches RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm=v", "Zg==Zg==", "Zm9\n", "Zm9-",
    ])
    func `broken base64 is refused`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test func `base64 round trips every byte`() {
        let bytes = (0...255).map { UInt8($0) }
        for count in 250...256 {
            let part = Array(bytes.prefix(count))
            #expect(Base64.decode(Base64.encode(part).utf8) == part)
        }
    }

    @Test func `the accept value is RFC 6455's`() {
        #expect(
            UpgradeRequest.accept(key: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )
    }
}
