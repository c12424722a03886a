// SPDX-License-Identifier: MIT

import ChatCore
import ChatSodium
import Testing

@testable import ChatFiles

struct DownloadRuleTests {
    @Test(
        arguments: [
            (nil, .whole), ("", .whole), ("bytes=0-0", .part(0..<1)), ("bytes=0-", .part(0..<10)),
            ("bytes=9-", .part(9..<10)), ("bytes=3-5", .part(3..<6)), ("bytes=3-99", .part(3..<10)),
            ("bytes=-3", .part(7..<10)), ("bytes=-10", .part(0..<10)), ("bytes=-11", .part(0..<10)),
            ("BYTES = 1-2", .part(1..<3)), ("bytes= 1 - 2 ", .part(1..<3)),
            ("bytes=10-", .unsatisfiable), ("bytes=99-100", .unsatisfiable),
            ("bytes=-0", .unsatisfiable), ("bytes=5-4", .whole), ("bytes=-", .whole),
            ("bytes=", .whole), ("bytes", .whole), ("bytes=a-b", .whole), ("bytes=1-2-3", .whole),
            ("bytes=0-1,3-4", .whole), ("lines=0-1", .whole), ("bytes=+1-2", .whole),
            ("bytes=1-99999999999999999999", .part(1..<10)),
            ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=0-9223372036854775807", .part(0..<10)), ("bytes=٣-٤", .whole),
        ] as [(String?, ByteRange)])
    func `a range is read as RFC 9110 says`(field: String?, range: ByteRange) {
        #expect(ByteRange(field, length: 10) == range)
    }

    @Test func `a tag names the bytes`() {
        let tag = EntityTag(sha256: "ab")
        #expect(tag.description == "\"ab\"")
        for field in ["\"ab\"", "W/\"ab\"", "\"x\", \"ab\"", "*", " \"ab\" "] {
            #expect(tag.matches(ifNoneMatch: field), "\(field)")
        }
        for field in ["\"a\"", "ab", "", "\"AB\""] {
            #expect(!tag.matches(ifNoneMatch: field), "\(field)")
        }
        #expect(!tag.matches(ifNoneMatch: nil))
        #expect(tag.matches(ifRange: nil) && tag.matches(ifRange: "\"ab\""))
        for field in ["W/\"ab\"", "*", "Sat, 29 Oct 1994 19:43:31 GMT"] {
            #expect(!tag.matches(ifRange: field), "\(field)")
        }
    }

    @Test(arguments: [
        ("cat.png", true, #"inline; filename="cat.png""#),
        ("cat.png", false, #"attachment; filename="cat.png""#),
        (
            "ü €.txt", false,
            #"attachment; filename="_ _.txt"; filename*=UTF-8''%C3%BC%20%E2%82%AC.txt"#
        ),
        (
            "a\"; filename=\"evil.exe", false,
            "attachment; filename=\"a_; filename=_evil.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.exe"
        ),
        ("100%41.txt", false, #"attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt"#),
        (
            "a\r\nSet-Cookie: x", false,
            "attachment; filename=\"a__Set-Cookie: x\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x"
        ),
    ])
    func `a name cannot end the field that carries it`(name: String, isInline: Bool, value: String)
    {
        #expect(ContentDisposition.value(name: name, isInline: isInline) == value)
    }

    @Test func `a signed link works for its file, its room and its time only`() {
        let signer = LinkSigner(key: [UInt8](1...32), lifetimeSeconds: 600)
        let (file, room) = (FileID(), RoomID(rawValue: 5))
        let now = Timestamp(milliseconds: 1_000_100_000)
        let expires = signer.expiry(at: now)
        #expect(expires >= 1_000_100 + 600 && expires <= 1_000_100 + 1_200)
        let query = signer.query(file, in: room, expires: expires)
        let signature = String(query.split(separator: "=")[2])
        func accepts(
            _ expires: String, _ signature: String, _ file: FileID = file, _ room: RoomID = room,
            at seconds: Int64 = 1_000_100
        ) -> Bool {
            signer.accepts(
                expires: expires, signature: signature, of: file, in: room,
                at: Timestamp(milliseconds: seconds * 1_000))
        }
        #expect(accepts("\(expires)", signature))
        #expect(accepts("\(expires)", signature, at: expires - 1))
        #expect(!accepts("\(expires)", signature, at: expires))
        #expect(!accepts("\(expires + 600)", signature))
        #expect(!accepts("0\(expires)", signature))
        #expect(!accepts("\(expires)", signature, FileID()))
        #expect(!accepts("\(expires)", signature, file, RoomID(rawValue: 6)))
        #expect(!accepts("\(expires)", ""))
        #expect(!accepts("\(expires)", signature.uppercased()))
        #expect(!accepts("\(expires)", String(signature.dropLast(2))))
        for place in [0, 31, 63] {
            var digits = Array(signature)
            digits[place] = digits[place] == "0" ? "1" : "0"
            #expect(!accepts("\(expires)", String(digits)))
        }
        let other = LinkSigner(key: nil, lifetimeSeconds: 600)
        #expect(other.query(file, in: room, expires: expires) != query)
    }

    @Test func `the address of a link stays the same for its lifetime`() {
        let signer = LinkSigner(key: nil, lifetimeSeconds: 600)
        let first = signer.expiry(at: Timestamp(milliseconds: 600_000))
        #expect(signer.expiry(at: Timestamp(milliseconds: 1_199_999)) == first)
        #expect(signer.expiry(at: Timestamp(milliseconds: 1_200_000)) == first + 600)
    }

    @Test func `the HMAC is that of RFC 4231`() {
        let code = Sodium.hmacSHA256(
            Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(
            Hex.encode(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }
}
