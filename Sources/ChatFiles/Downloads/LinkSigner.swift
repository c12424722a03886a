// SPDX-License-Identifier: MIT

package import ChatCore
import ChatSodium

/// Signs addresses of files, so that an `<img>`, which cannot send a token, may get one for a short time.
package struct LinkSigner: Sendable {
    private static let keyBytes = 32

    private let key: [UInt8]
    private let lifetimeSeconds: Int64

    /// Makes a signer.
    ///
    /// - Parameters:
    ///   - key: 32 bytes that nobody else knows; `nil` for new ones, so that links end with the process.
    ///   - lifetimeSeconds: the least that a link works; at most twice that.
    package init(key: [UInt8]?, lifetimeSeconds: Int) {
        self.key = key ?? Sodium.randomBytes(Self.keyBytes)
        self.lifetimeSeconds = Int64(max(1, lifetimeSeconds))
    }

    /// When a link made now ends, in seconds since 1970.
    ///
    /// Whole multiples of the lifetime: the address stays the same for a while, and the browser's cache works.
    package func expiry(at now: Timestamp) -> Int64 {
        (now.milliseconds / 1_000 / lifetimeSeconds + 2) * lifetimeSeconds
    }

    /// The query of a link.
    package func query(_ file: FileID, in room: RoomID, expires: Int64) -> String {
        "expires=\(expires)&signature=\(Hex.encode(code(file, room, expires)))"
    }

    /// Whether the values of a query are what ``query(_:in:expires:)`` made, and not over.
    package func accepts(
        expires: String, signature: String, of file: FileID, in room: RoomID, at now: Timestamp
    ) -> Bool {
        guard let time = Int64(expires), String(time) == expires,
            let claimed = Hex.decode(signature),
            // First the signature, so that the answer's time says nothing of a forged one.
            Sodium.areEqual(claimed, code(file, room, time))
        else { return false }
        return time > now.milliseconds / 1_000
    }

    private func code(_ file: FileID, _ room: RoomID, _ expires: Int64) -> [UInt8] {
        // The parts have fixed alphabets without line feeds: no two say the same.
        Sodium.hmacSHA256(
            Array("chat file link 1\n\(room)\n\(file)\n\(expires)".utf8), key: key)
    }
}
