// SPDX-License-Identifier: MIT

import ChatCore
import ChatSodium

/// What an access token says. No personal data: who it is stands there as an id.
package struct TokenClaims: Sendable, Equatable {
    /// `sub`.
    package var subject: String
    /// `iss`.
    package var issuer: String
    /// `aud`: one of them must be the reader.
    package var audience: [String]
    /// `iat`, in seconds since 1970.
    package var issuedAt: Int64
    /// `nbf`, in seconds since 1970; `nil` if it is valid from the beginning.
    package var notBefore: Int64?
    /// `exp`, in seconds since 1970.
    package var expires: Int64
    /// `jti`; `nil` if it has none.
    package var id: String?
    /// `sid`: the device; `nil` if it has none.
    package var device: String?
    /// `name` or `preferred_username`, which others' tokens may have; ours never do.
    package var name: String?

    /// Makes claims.
    package init(
        subject: String, issuer: String, audience: [String], issuedAt: Int64,
        notBefore: Int64? = nil, expires: Int64, id: String? = nil, device: String? = nil,
        name: String? = nil
    ) {
        self.subject = subject
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.expires = expires
        self.id = id
        self.device = device
        self.name = name
    }

    /// The token, signed.
    package func signed(by key: TokenKey) -> String {
        var header = JSONWriter()
        header.beginObject()
        header.key("alg")
        header.string(key.algorithm.rawValue)
        header.key("typ")
        header.string("JWT")
        header.key("kid")
        header.string(key.id)
        header.endObject()
        let message = "\(Sodium.base64(header.bytes)).\(Sodium.base64(json))"
        return "\(message).\(Sodium.base64(key.sign(Array(message.utf8))))"
    }

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        func member(_ key: StaticString, _ text: String?, _ writer: inout JSONWriter) {
            guard let text else { return }
            writer.key(key)
            writer.string(text)
        }
        func member(_ key: StaticString, _ number: Int64?, _ writer: inout JSONWriter) {
            guard let number else { return }
            writer.key(key)
            writer.number(Int(number))
        }
        member("iss", issuer, &writer)
        member("sub", subject, &writer)
        if audience.count == 1 {
            member("aud", audience[0], &writer)
        } else {
            writer.key("aud")
            writer.beginArray()
            for text in audience { writer.string(text) }
            writer.endArray()
        }
        member("iat", issuedAt, &writer)
        member("nbf", notBefore, &writer)
        member("exp", expires, &writer)
        member("jti", id, &writer)
        member("sid", device, &writer)
        member("name", name, &writer)
        writer.endObject()
        return writer.bytes
    }
}
