// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatAuth

@Suite struct `The rules of accounts` {
    static let rules = AccountRules(options: AccountOptions())

    static func fields(_ request: RegistrationRequest) -> [String] {
        do throws(WireError) {
            _ = try rules.check(request)
            return []
        } catch {
            return error.code == .invalidField ? error.details.map(\.field) : ["?"]
        }
    }

    static func fields(
        username: String = "ana", password: String = "12345678", email: String? = nil,
        displayName: String? = nil
    ) -> [String] {
        fields(
            RegistrationRequest(
                username: username, password: password, email: email, displayName: displayName))
    }

    @Test func `report every broken rule at once, by field`() {
        let all = Self.fields(
            username: "a", password: "short", email: "nobody", displayName: "a\u{7}b")
        #expect(all == ["username", "password", "email", "display_name"])
        #expect(
            Self.fields(RegistrationRequest(username: "", password: "")) == [
                "username", "password",
            ])
    }

    @Test func `let names have 3 to 50 visible characters`() {
        for name in ["ana", "  ana ", String(repeating: "ä", count: 50), "Ana Lund", "дом"] {
            #expect(Self.fields(username: name) == [], "\(name)")
        }
        for name in [
            "an", " an ", "", "   ", String(repeating: "a", count: 51), "a\nb", "ana@home",
            "a\u{202E}na", "u_0000000000001",
        ] {
            #expect(Self.fields(username: name) == ["username"], "\(name)")
        }
    }

    @Test func `let passwords have 8 to 128 characters of any kind`() {
        for password in ["12345678", "        ", String(repeating: "🐝", count: 128)] {
            #expect(Self.fields(password: password) == [], "\(password)")
        }
        for password in ["1234567", "", String(repeating: "a", count: 129)] {
            #expect(Self.fields(password: password) == ["password"], "\(password)")
        }
    }

    @Test func `bound passwords in bytes too`() {
        let heavy = "12345678" + String(repeating: "\u{301}", count: 600)
        #expect(Self.fields(password: heavy) == ["password"])
    }

    @Test func `let display names have up to 100 visible characters`() {
        for name in ["", "A", String(repeating: "a", count: 100)] {
            #expect(Self.fields(displayName: name) == [])
        }
        for name in [String(repeating: "a", count: 101), "a\tb", "\u{202E}"] {
            #expect(Self.fields(displayName: name) == ["display_name"])
        }
    }

    @Test(arguments: [
        "ana@example.org", "a@b.co", "Ana.Lund+chat@mail.example.org", "x_y-z@ex-ample.org",
        "änna@bücher.example", " ana@example.org ", "",
    ]) func `take what can be an e-mail address`(email: String) {
        #expect(Self.fields(email: email) == [])
    }

    @Test(arguments: [
        "ana", "@example.org", "ana@", "ana@localhost", "a@b@c.org", "a na@example.org",
        "ana@example..org", ".ana@example.org", "ana.@example.org", "a..b@example.org",
        "ana@-example.org", "ana@example.org-", "ana@127.0.0.1", "ana@exa_mple.org",
        "ana\n@example.org", "<ana@example.org>", "ana@example.org\0",
        "\(String(repeating: "a", count: 65))@example.org",
        "a@\(String(repeating: "a.", count: 130))org",
    ]) func `refuse what is no e-mail address`(email: String) {
        #expect(Self.fields(email: email) == ["email"])
    }

    @Test func `cut the name of a client off`() {
        #expect(Self.rules.client(String(repeating: "é", count: 80)).utf8.count == 100)
        #expect(Self.rules.client("a\u{7}") == "")
        #expect(Self.rules.client(nil) == "")
    }
}
