// SPDX-License-Identifier: MIT

import ChatCore
import ChatSodium
import Testing

@testable import ChatAuth

/// What somebody presents, and why it is refused.
struct TokenAttack: Sendable, CustomTestStringConvertible {
    let name: String
    let token: @Sendable (TokenForge) throws -> String
    let refusal: TokenRefusal

    init(
        _ name: String, _ refusal: TokenRefusal,
        _ token: @escaping @Sendable (TokenForge) throws -> String
    ) {
        self.name = name
        self.token = token
        self.refusal = refusal
    }

    var testDescription: String { name }
}

/// Makes tokens, right ones and others.
struct TokenForge: Sendable {
    static let now = Timestamp(milliseconds: 1_800_000_000_000)
    static let second: Int64 = 1_800_000_000

    let secret: TokenKey
    let pair: TokenKey
    let old: TokenKey

    init() throws {
        secret = try .hs256(id: "s", secret: Array(repeating: 7, count: 32))
        pair = try .edDSA(id: "e", seed: Array(repeating: 8, count: 32))
        old = try .hs256(id: "old", secret: Array(repeating: 9, count: 40))
    }

    var verifier: TokenVerifier {
        get throws {
            let keys = try TokenKeys(signing: secret, verifying: [pair, old])
            return TokenVerifier(
                keys: keys.byID, issuer: "us", audience: "chat", skewSeconds: 5)
        }
    }

    static let claims = TokenClaims(
        subject: "u_0000000000001", issuer: "us", audience: ["chat"], issuedAt: second,
        notBefore: second, expires: second + 900, id: "one", device: "d_0000000000001")

    /// Any header and claims, rightly signed by a key.
    func token(_ header: String, _ claims: String, by key: TokenKey) -> String {
        let message =
            "\(Sodium.base64(Array(header.utf8))).\(Sodium.base64(Array(claims.utf8)))"
        return "\(message).\(Sodium.base64(key.sign(Array(message.utf8))))"
    }

    func token(_ claims: String) -> String {
        token(#"{"alg":"HS256","typ":"JWT","kid":"s"}"#, claims, by: secret)
    }

    /// Right claims with some of them other, added or (`nil`) missing.
    static func json(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String] = [
            "iss": #""us""#, "aud": #""chat""#, "sub": #""u_0000000000001""#,
            "iat": "\(second)", "nbf": "\(second)", "exp": "\(second + 900)", "jti": #""one""#,
            "sid": #""d_0000000000001""#,
        ]
        for (key, value) in changes { members[key] = value }
        return "{"
            + members.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }
            .joined(separator: ",") + "}"
    }

    func changed(_ changes: [String: String?]) -> String { token(Self.json(changes)) }
}

@Suite struct `A token verifier` {
    static let attacks: [TokenAttack] = [
        TokenAttack("alg none without a signature", .algorithmNone) { forge in
            let token = forge.token(
                #"{"alg":"none","kid":"s"}"#, TokenForge.json(), by: forge.secret)
            return token.split(separator: ".").prefix(2).joined(separator: ".") + "."
        },
        TokenAttack("alg nOnE with a signature", .algorithmNone) { forge in
            forge.token(#"{"alg":"nOnE","kid":"s"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("a public key taken for a secret", .wrongAlgorithm) { forge in
            let confused = try TokenKey.hs256(id: "e", secret: forge.pair.publicKey ?? [])
            return forge.token(
                #"{"alg":"HS256","kid":"e"}"#, TokenForge.json(), by: confused)
        },
        TokenAttack("EdDSA claimed for a secret", .wrongAlgorithm) { forge in
            forge.token(#"{"alg":"EdDSA","kid":"s"}"#, TokenForge.json(), by: forge.pair)
        },
        TokenAttack("an algorithm that nobody knows", .wrongAlgorithm) { forge in
            forge.token(#"{"alg":"HS512","kid":"s"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("no algorithm", .wrongAlgorithm) { forge in
            forge.token(#"{"kid":"s"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("a key that nobody has", .unknownKey) { forge in
            forge.token(#"{"alg":"HS256","kid":"x"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("no key named, of several", .unknownKey) { forge in
            forge.token(#"{"alg":"HS256"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("a critical extension", .criticalExtension) { forge in
            forge.token(
                #"{"alg":"HS256","kid":"s","crit":["x"]}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("another secret", .forged) { forge in
            let other = try TokenKey.hs256(id: "s", secret: Array(repeating: 1, count: 32))
            return forge.token(#"{"alg":"HS256","kid":"s"}"#, TokenForge.json(), by: other)
        },
        TokenAttack("another key pair", .forged) { forge in
            let other = try TokenKey.edDSA(id: "e", seed: Array(repeating: 1, count: 32))
            return forge.token(#"{"alg":"EdDSA","kid":"e"}"#, TokenForge.json(), by: other)
        },
        TokenAttack("claims exchanged", .forged) { forge in
            let parts = forge.token(TokenForge.json()).split(separator: ".")
            let others = Sodium.base64(
                Array(TokenForge.json(["sub": #""u_0000000000002""#]).utf8))
            return "\(parts[0]).\(others).\(parts[2])"
        },
        TokenAttack("a signature cut off", .forged) { forge in
            String(forge.token(TokenForge.json()).dropLast(3))
        },
        TokenAttack("no signature", .forged) { forge in
            let parts = forge.token(TokenForge.json()).split(separator: ".")
            return "\(parts[0]).\(parts[1])."
        },
        TokenAttack("nine kilobytes", .tooLarge) { _ in String(repeating: "a", count: 9_000) },
        TokenAttack("two parts", .malformed) { _ in "YQ.YQ" },
        TokenAttack("four parts", .malformed) { _ in "YQ.YQ.YQ.YQ" },
        TokenAttack("nothing", .malformed) { _ in "" },
        TokenAttack("base 64 with padding", .badBase64) { _ in "YQ==.YQ.YQ" },
        TokenAttack("base 64 that is not for URLs", .badBase64) { _ in "YQ.+/+/.YQ" },
        TokenAttack("base 64 with bits left over", .badBase64) { _ in "YR.YQ.YQ" },
        TokenAttack("a header that is no JSON", .badJSON) { _ in "YWJj.YQ.YQ" },
        TokenAttack("claims that are an array", .badJSON) { $0.token("[]") },
        TokenAttack("claims with something behind", .badJSON) {
            $0.token(TokenForge.json() + "{}")
        },
        TokenAttack("a header with alg twice", .duplicateMember("alg")) { forge in
            forge.token(
                #"{"alg":"none","alg":"HS256","kid":"s"}"#, TokenForge.json(), by: forge.secret)
        },
        TokenAttack("claims with sub twice", .duplicateMember("sub")) { forge in
            forge.token(TokenForge.json().dropLast() + #","sub":"u_0000000000002"}"#)
        },
        TokenAttack("sub twice, once escaped", .duplicateMember("sub")) { forge in
            forge.token(TokenForge.json().dropLast() + #","s\u0075b":"u_0000000000002"}"#)
        },
        TokenAttack("somebody else's issuer", .foreignIssuer) { $0.changed(["iss": #""them""#]) },
        TokenAttack("somebody else's audience", .foreignAudience) {
            $0.changed(["aud": #"["mail","web"]"#])
        },
        TokenAttack("a time to come", .notYetValid) {
            $0.changed(["nbf": "\(TokenForge.second + 6)"])
        },
        TokenAttack("issued in the future", .notYetValid) {
            $0.changed(["iat": "\(TokenForge.second + 60)"])
        },
        TokenAttack("expired", .expired) { $0.changed(["exp": "\(TokenForge.second - 5)"]) },
        TokenAttack("no expiry", .missingClaim("exp")) { $0.changed(["exp": nil]) },
        TokenAttack("no subject", .missingClaim("sub")) { $0.changed(["sub": nil]) },
        TokenAttack("no issuer", .missingClaim("iss")) { $0.changed(["iss": nil]) },
        TokenAttack("no audience", .missingClaim("aud")) { $0.changed(["aud": nil]) },
        TokenAttack("no time of issue", .missingClaim("iat")) { $0.changed(["iat": nil]) },
        TokenAttack("no id", .missingClaim("jti")) { $0.changed(["jti": nil]) },
        TokenAttack("no device", .missingClaim("sid")) { $0.changed(["sid": nil]) },
        TokenAttack("an expiry in quotes", .invalidClaim("exp")) {
            $0.changed(["exp": #""1900000000""#])
        },
        TokenAttack("an expiry beyond all years", .invalidClaim("exp")) {
            $0.changed(["exp": "999999999999999999"])
        },
        TokenAttack("a negative expiry", .invalidClaim("exp")) { $0.changed(["exp": "-1"]) },
        TokenAttack("an audience that is a number", .invalidClaim("aud")) {
            $0.changed(["aud": "1"])
        },
        TokenAttack("an empty subject", .invalidClaim("sub")) { $0.changed(["sub": #""""#]) },
    ]

    @Test(arguments: attacks) func `refuses every attack with its own reason`(
        _ attack: TokenAttack
    ) throws {
        let forge = try TokenForge()
        let (token, verifier) = (try attack.token(forge), try forge.verifier)
        #expect(throws: attack.refusal) { try verifier.verify(token, now: TokenForge.now) }
    }

    @Test func `accepts what each of its keys has signed`() throws {
        let forge = try TokenForge()
        for key in [forge.secret, forge.pair, forge.old] {
            let token = TokenForge.claims.signed(by: key)
            #expect(try forge.verifier.verify(token, now: TokenForge.now) == TokenForge.claims)
        }
    }

    @Test func `accepts one audience of several and times at their edges`() throws {
        let forge = try TokenForge()
        let token = forge.changed([
            "aud": #"["mail","chat"]"#, "exp": "\(TokenForge.second - 4)",
            "nbf": "\(TokenForge.second + 5)",
        ])
        #expect(try forge.verifier.verify(token, now: TokenForge.now).audience == ["mail", "chat"])
    }

    @Test func `needs no kid if there is one key`() throws {
        let forge = try TokenForge()
        let verifier = TokenVerifier(
            keys: ["s": forge.secret], issuer: "us", audience: "chat", skewSeconds: 5)
        let token = forge.token(#"{"alg":"HS256"}"#, TokenForge.json(), by: forge.secret)
        #expect(try verifier.verify(token, now: TokenForge.now).id == "one")
    }

    @Test func `tells expired tokens and all others apart on the wire`() {
        #expect(TokenRefusal.expired.wireError.code == .tokenExpired)
        #expect(TokenRefusal.forged.wireError.code == .invalidToken)
        #expect(TokenRefusal.forged.wireError.details == [FieldRefusal("token", "forged")])
    }

    @Test func `reads the example of RFC 7515, and so agrees with others about HS256`() throws {
        let key = try #require(
            Sodium.bytes(
                base64:
                    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
            ))
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let verifier = TokenVerifier(
            keys: ["k": try .hs256(id: "k", secret: key)], issuer: "joe", audience: "x",
            skewSeconds: 0)
        // The signature is right: only then are the claims looked at.
        #expect(throws: TokenRefusal.missingClaim("aud")) {
            try verifier.verify(token, now: TokenForge.now)
        }
    }

    @Test func `reads the example of RFC 8037, and so agrees with others about EdDSA`() throws {
        let key = try #require(
            Sodium.bytes(base64: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
        let token =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
            + ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        let verifier = TokenVerifier(
            keys: ["k": try .edDSA(id: "k", publicKey: key)], issuer: "joe", audience: "x",
            skewSeconds: 0)
        // The signature is right, and what it signs is no JSON.
        #expect(throws: TokenRefusal.badJSON) { try verifier.verify(token, now: TokenForge.now) }
    }
}
