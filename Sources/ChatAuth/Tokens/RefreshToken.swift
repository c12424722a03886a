// SPDX-License-Identifier: MIT

package import ChatCore
import ChatSodium

/// A refresh token: `rt_`, the device's digits, what all tokens of the family have in common, and its own secret. The
/// store has hashes of both only.
package struct RefreshToken: Sendable, Equatable {
    /// Which device.
    package let device: DeviceID
    /// 16 random bytes: whoever has them has had a token of this family.
    package let family: [UInt8]
    /// 32 bytes: the token's own.
    package let secret: [UInt8]

    private static let (familyBytes, secretBytes) = (16, 32)

    /// The first token of a new family.
    package init(device: DeviceID) {
        self.init(
            device: device, family: Sodium.randomBytes(Self.familyBytes),
            secret: Sodium.randomBytes(Self.secretBytes))
    }

    private init(device: DeviceID, family: [UInt8], secret: [UInt8]) {
        self.device = device
        self.family = family
        self.secret = secret
    }

    /// Reads a token; `nil` if it is none.
    package init?(_ text: String) {
        guard text.utf8.count <= 128, text.hasPrefix("rt_") else { return nil }
        let parts = text.dropFirst(3).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let device = DeviceID("d_" + parts[0]),
            let family = Sodium.bytes(base64: parts[1]), family.count == Self.familyBytes,
            let secret = Sodium.bytes(base64: parts[2]), secret.count == Self.secretBytes
        else { return nil }
        self.init(device: device, family: family, secret: secret)
    }

    /// What the client keeps.
    package var text: String {
        "rt_\(device.description.dropFirst(2)).\(Sodium.base64(family)).\(Sodium.base64(secret))"
    }

    /// The next token of the family. It follows from this one and the server's key alone, so that whoever has lost
    /// the answer gets the same one again.
    package func next(key: [UInt8]) -> RefreshToken {
        let message = Array("next \(device) ".utf8) + family + secret
        return RefreshToken(
            device: device, family: family, secret: Sodium.hmacSHA256(message, key: key))
    }

    /// The hash of ``family``.
    package var familyHash: String { Sodium.base64(Sodium.sha256(family)) }

    /// The hash of ``secret``.
    package var secretHash: String { Sodium.base64(Sodium.sha256(secret)) }
}

/// What a refresh token that somebody presents means. Pure.
package enum RefreshVerdict: Sendable, Equatable {
    /// The valid one: it is replaced.
    case rotate
    /// The one before it, a moment after it was replaced: the same answer once more.
    case repeated
    /// The valid one of its family, but nobody has used it for too long.
    case expired
    /// It was replaced long ago: somebody has a copy. The whole family is void.
    case reused
    /// No token of the family at all.
    case unknown

    /// Judges a token.
    ///
    /// - Parameters:
    ///   - device: its device as stored.
    ///   - graceSeconds: how long the token before gets the same answer again.
    package init(
        _ token: RefreshToken, of device: DeviceRecord, now: Timestamp, graceSeconds: Int64
    ) {
        func isSame(_ left: String, _ right: String) -> Bool {
            Sodium.areEqual(Array(left.utf8), Array(right.utf8))
        }
        let hash = token.secretHash
        let age = now.milliseconds - device.rotatedAt.milliseconds
        if !isSame(token.familyHash, device.familyHash) {
            self = .unknown
        } else if isSame(hash, device.currentHash) {
            self = now < device.expires ? .rotate : .expired
        } else if isSame(hash, device.previousHash), age <= graceSeconds * 1_000 {
            self = now < device.expires ? .repeated : .expired
        } else {
            self = .reused
        }
    }
}
