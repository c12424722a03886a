// SPDX-License-Identifier: MIT

import CSodium

/// SHA-256, piece by piece.
struct SHA256 {
    private var state = crypto_hash_sha256_state()

    init() {
        _ = unsafe crypto_hash_sha256_init(&state)
    }

    mutating func add(_ bytes: [UInt8]) {
        _ = unsafe crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
    }

    /// The hash in hexadecimal digits. Call it once.
    mutating func hexDigest() -> String {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        _ = unsafe crypto_hash_sha256_final(&state, &digest)
        return Hex.encode(digest)
    }

    static func hex(of bytes: [UInt8]) -> String {
        var hash = SHA256()
        hash.add(bytes)
        return hash.hexDigest()
    }
}

/// HMAC with SHA-256.
enum MessageAuthentication {
    static let keyBytes = 32

    static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = crypto_auth_hmacsha256_state()
        var code = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        _ = unsafe crypto_auth_hmacsha256_init(&state, key, key.count)
        _ = unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        _ = unsafe crypto_auth_hmacsha256_final(&state, &code)
        return code
    }

    /// Compares in a time that does not tell where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe sodium_memcmp(left, right, left.count) == 0
    }
}

/// Hexadecimal digits in lower case.
enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` unless all are pairs of digits in lower case.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Self.digits.firstIndex(of: $0) }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place], let low = digits[place + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
