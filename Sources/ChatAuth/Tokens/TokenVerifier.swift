// SPDX-License-Identifier: MIT

package import ChatCore
import ChatSodium

/// Checks access tokens: strict, and without I/O or a clock.
///
/// The algorithm is the key's, never the token's; nothing of the claims is looked at before the signature is right.
package struct TokenVerifier: Sendable {
    /// The longest token that is looked at, in bytes.
    package static let maximumBytes = 8_192

    private let keys: [String: TokenKey]
    private let issuer: String
    private let audience: String
    private let skewSeconds: Int64
    /// Claims that must be there besides `iss`, `aud`, `sub` and `exp`.
    private let required: [String]

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - keys: by their ids.
    ///   - issuer: what `iss` must be.
    ///   - audience: what `aud` must be or have.
    ///   - skewSeconds: how far the issuer's clock may differ.
    ///   - required: claims that must be there besides `iss`, `aud`, `sub` and `exp`.
    package init(
        keys: [String: TokenKey], issuer: String, audience: String, skewSeconds: Int64,
        required: [String] = ["iat", "jti", "sid"]
    ) {
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
        self.skewSeconds = skewSeconds
        self.required = required
    }

    /// Checks a token.
    ///
    /// - Complexity: O(bytes), at most ``maximumBytes``.
    package func verify(_ token: String, now: Timestamp) throws(TokenRefusal) -> TokenClaims {
        guard token.utf8.count <= Self.maximumBytes else { throw .tooLarge }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        guard let headerBytes = Sodium.bytes(base64: parts[0]),
            let claimBytes = Sodium.bytes(base64: parts[1]),
            let signature = Sodium.bytes(base64: parts[2])
        else { throw .badBase64 }
        let key = try key(of: try object(headerBytes))
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        guard key.isSignature(signature, of: message) else { throw .forged }
        let claims = try claims(try object(claimBytes))
        try check(claims, now: now)
        return claims
    }

    private func object(_ bytes: [UInt8]) throws(TokenRefusal) -> JSONObject {
        do throws(JSONObject.Fault) {
            return try JSONObject(bytes.span)
        } catch {
            if case .duplicate(let name) = error { throw .duplicateMember(name) }
            throw .badJSON
        }
    }

    private func key(of header: JSONObject) throws(TokenRefusal) -> TokenKey {
        if header["crit"] != nil { throw .criticalExtension }
        guard let algorithm = header.string("alg") else { throw .wrongAlgorithm }
        // Whatever its case: nobody means anything else by it.
        if algorithm.lowercased() == "none" { throw .algorithmNone }
        let key: TokenKey
        switch header["kid"] {
        case .string(let id)?:
            guard let found = keys[id] else { throw .unknownKey }
            key = found
        case nil:
            // Without a name it must be the only key.
            guard keys.count == 1, let only = keys.values.first else { throw .unknownKey }
            key = only
        default: throw .unknownKey
        }
        guard algorithm == key.algorithm.rawValue else { throw .wrongAlgorithm }
        return key
    }

    private func claims(_ object: JSONObject) throws(TokenRefusal) -> TokenClaims {
        for name in ["iss", "aud", "sub", "exp"] + required where object[name] == nil {
            throw .missingClaim(name)
        }
        let audience: [String]
        switch object["aud"] {
        case .string(let one)?: audience = [one]
        case .strings(let several)?: audience = several
        default: throw .invalidClaim("aud")
        }
        guard let subject = try string("sub", object), !subject.isEmpty,
            subject.utf8.count <= 255
        else { throw .invalidClaim("sub") }
        guard let expires = try integer("exp", object) else { throw .missingClaim("exp") }
        return TokenClaims(
            subject: subject, issuer: try string("iss", object) ?? "", audience: audience,
            issuedAt: try integer("iat", object) ?? 0, notBefore: try integer("nbf", object),
            expires: expires, id: try string("jti", object), device: try string("sid", object),
            name: object.string("name") ?? object.string("preferred_username"))
    }

    private func string(_ name: String, _ object: JSONObject) throws(TokenRefusal) -> String? {
        switch object[name] {
        case nil: return nil
        case .string(let text)?: return text
        default: throw .invalidClaim(name)
        }
    }

    /// A time. Years beyond 9999 are no times: sums with them might overflow.
    private func integer(_ name: String, _ object: JSONObject) throws(TokenRefusal) -> Int64? {
        switch object[name] {
        case nil: return nil
        case .integer(let number)? where (0...253_402_300_799).contains(number): return number
        default: throw .invalidClaim(name)
        }
    }

    private func check(_ claims: TokenClaims, now: Timestamp) throws(TokenRefusal) {
        let second = now.milliseconds / 1_000
        guard claims.issuer == issuer else { throw .foreignIssuer }
        guard claims.audience.contains(audience) else { throw .foreignAudience }
        let start = max(claims.notBefore ?? 0, claims.issuedAt)
        guard start <= second + skewSeconds else { throw .notYetValid }
        guard second < claims.expires + skewSeconds else { throw .expired }
    }
}
