// SPDX-License-Identifier: MIT

import ChatSodium

/// How access tokens are signed.
public enum TokenAlgorithm: String, Sendable, CaseIterable {
    /// HMAC-SHA-256: whoever can check a token can make one.
    case hs256 = "HS256"
    /// Ed25519: others can check tokens and cannot make them.
    case edDSA = "EdDSA"
}

/// A key that checks access tokens, and perhaps signs them.
public struct TokenKey: Sendable, Equatable, CustomStringConvertible {
    enum Material: Sendable, Equatable {
        case secret([UInt8])
        case pair(publicKey: [UInt8], secretKey: [UInt8])
        case publicKey([UInt8])
    }

    /// Its name in the header of tokens (`kid`).
    public let id: String
    let material: Material

    private init(id: String, _ material: Material) throws(AuthConfigurationError) {
        guard (1...64).contains(id.utf8.count) else {
            throw AuthConfigurationError(.badKey, "the id of a key has 1 to 64 bytes")
        }
        self.id = id
        self.material = material
    }

    /// A secret for HS256.
    ///
    /// - Parameters:
    ///   - id: its name; `nil` for one that follows from the secret and does not show it.
    ///   - secret: 32 random bytes or more.
    /// - Throws: ``AuthConfigurationError/Code/shortSecret`` for fewer than 32 bytes.
    public static func hs256(
        id: String? = nil, secret: [UInt8]
    ) throws(AuthConfigurationError) -> TokenKey {
        guard secret.count >= 32 else {
            throw AuthConfigurationError(
                .shortSecret,
                "the secret of tokens has \(secret.count) bytes, 32 are needed: "
                    + "make one with openssl rand -base64 48")
        }
        let digest = Sodium.hmacSHA256(Array("chat-engine key id".utf8), key: secret)
        return try TokenKey(id: id ?? Sodium.base64(Array(digest.prefix(6))), .secret(secret))
    }

    /// A key pair for EdDSA.
    ///
    /// - Parameter seed: its 32 secret bytes.
    /// - Throws: ``AuthConfigurationError/Code/badKey``.
    public static func edDSA(
        id: String, seed: [UInt8]
    ) throws(AuthConfigurationError) -> TokenKey {
        guard seed.count == Sodium.seedBytes else {
            throw AuthConfigurationError(
                .badKey, "the seed of an Ed25519 key has \(Sodium.seedBytes) bytes")
        }
        let pair = Sodium.keyPair(seed: seed)
        return try TokenKey(
            id: id, .pair(publicKey: pair.publicKey, secretKey: pair.secretKey))
    }

    /// The public key of somebody who signs with EdDSA.
    ///
    /// - Throws: ``AuthConfigurationError/Code/badKey``.
    public static func edDSA(
        id: String, publicKey: [UInt8]
    ) throws(AuthConfigurationError) -> TokenKey {
        guard publicKey.count == 32 else {
            throw AuthConfigurationError(.badKey, "an Ed25519 public key has 32 bytes")
        }
        return try TokenKey(id: id, .publicKey(publicKey))
    }

    /// A new secret for HS256.
    ///
    /// - Throws: ``AuthConfigurationError/Code/badKey`` for an id that cannot be.
    public static func random(id: String) throws(AuthConfigurationError) -> TokenKey {
        try hs256(id: id, secret: randomSecret())
    }

    /// Random bytes for a secret or a seed.
    public static func randomSecret() -> [UInt8] { Sodium.randomBytes(32) }

    /// Which algorithm it is for.
    public var algorithm: TokenAlgorithm {
        switch material {
        case .secret: .hs256
        case .pair, .publicKey: .edDSA
        }
    }

    /// The public key of an EdDSA key, to give to others.
    public var publicKey: [UInt8]? {
        switch material {
        case .secret: nil
        case .pair(let publicKey, _), .publicKey(let publicKey): publicKey
        }
    }

    /// Whether it can sign.
    public var canSign: Bool {
        if case .publicKey = material { return false }
        return true
    }

    /// Its id and algorithm, never the key.
    public var description: String { "\(id) (\(algorithm.rawValue))" }

    /// The signature of a message; empty with a public key.
    func sign(_ message: [UInt8]) -> [UInt8] {
        switch material {
        case .secret(let secret): Sodium.hmacSHA256(message, key: secret)
        case .pair(_, let secretKey): Sodium.sign(message, secretKey: secretKey)
        case .publicKey: []
        }
    }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch material {
        case .secret(let secret):
            Sodium.areEqual(signature, Sodium.hmacSHA256(message, key: secret))
        case .pair(let publicKey, _), .publicKey(let publicKey):
            Sodium.isSignature(signature, of: message, publicKey: publicKey)
        }
    }
}

/// The keys of a server: one signs, all of them check. To change the key, add the new one as the one that signs and
/// keep the old one until its last token has expired.
public struct TokenKeys: Sendable, Equatable {
    /// The key of new tokens.
    public let signing: TokenKey
    /// The keys by their ids, ``signing`` among them.
    let byID: [String: TokenKey]

    /// Makes a set of keys.
    ///
    /// - Parameters:
    ///   - signing: the key of new tokens.
    ///   - verifying: older keys, and keys of others, whose tokens are accepted too.
    /// - Throws: ``AuthConfigurationError/Code/badKey`` if `signing` cannot sign,
    ///   ``AuthConfigurationError/Code/doubleKeyID``.
    public init(
        signing: TokenKey, verifying: [TokenKey] = []
    ) throws(AuthConfigurationError) {
        guard signing.canSign else {
            throw AuthConfigurationError(.badKey, "a public key cannot sign: give its seed")
        }
        self.signing = signing
        byID = try Self.index([signing] + verifying)
    }

    static func index(_ keys: [TokenKey]) throws(AuthConfigurationError) -> [String: TokenKey] {
        var byID: [String: TokenKey] = [:]
        for key in keys {
            guard byID.updateValue(key, forKey: key.id) == nil else {
                throw AuthConfigurationError(
                    .doubleKeyID, "two keys have the id \(key.id): each needs its own")
            }
        }
        return byID
    }
}
