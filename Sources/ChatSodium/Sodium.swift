// SPDX-License-Identifier: MIT

import CSodium

/// Every call of libsodium. Nothing here decides anything.
package enum Sodium {
    /// Whether the library is ready: it must be asked before anything else is called.
    package static let isReady: Bool = sodium_init() >= 0

    /// Random bytes for keys and tokens.
    package static func randomBytes(_ count: Int) -> [UInt8] {
        precondition(isReady, "libsodium cannot be started")
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&bytes, count)
        return bytes
    }

    /// A random number, never 0.
    package static func randomNumber() -> UInt64 {
        let number = randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return number == 0 ? 1 : number
    }

    // MARK: Hashes and signatures

    /// HMAC-SHA-256 under a key of any length.
    package static func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(isReady, "libsodium cannot be started")
        var state = crypto_auth_hmacsha256_state()
        var result = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
        unsafe crypto_auth_hmacsha256_init(&state, key, key.count)
        unsafe crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        unsafe crypto_auth_hmacsha256_final(&state, &result)
        return result
    }

    /// SHA-256: for secrets that are random, never for passwords.
    package static func sha256(_ message: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        unsafe crypto_hash_sha256(&result, message, UInt64(message.count))
        return result
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe sodium_memcmp(left, right, left.count) == 0
    }

    /// How long the seed of an Ed25519 key is.
    package static let seedBytes = Int(crypto_sign_SEEDBYTES)

    /// The public and the secret key of a seed of ``seedBytes``.
    package static func keyPair(seed: [UInt8]) -> (publicKey: [UInt8], secretKey: [UInt8]) {
        precondition(isReady && seed.count == seedBytes, "a seed has \(seedBytes) bytes")
        var publicKey = [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES))
        var secretKey = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
        unsafe crypto_sign_seed_keypair(&publicKey, &secretKey, seed)
        return (publicKey, secretKey)
    }

    /// The Ed25519 signature of a message.
    package static func sign(_ message: [UInt8], secretKey: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
        unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secretKey)
        return signature
    }

    /// Whether an Ed25519 signature is right.
    package static func isSignature(
        _ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]
    ) -> Bool {
        precondition(isReady, "libsodium cannot be started")
        guard signature.count == Int(crypto_sign_BYTES),
            publicKey.count == Int(crypto_sign_PUBLICKEYBYTES)
        else { return false }
        return unsafe crypto_sign_verify_detached(
            signature, message, UInt64(message.count), publicKey) == 0
    }

    // MARK: Base 64 for URLs, without padding

    /// The text of some bytes.
    package static func base64(_ bytes: [UInt8]) -> String {
        let variant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)
        let length = sodium_base64_encoded_len(bytes.count, variant)
        var text = [CChar](repeating: 0, count: length)
        unsafe _ = sodium_bin2base64(&text, length, bytes, bytes.count, variant)
        // The last byte is the terminating zero.
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The bytes of a text; `nil` if it is not the one way to write them.
    package static func bytes(base64 text: Substring) -> [UInt8]? {
        let source = Array(text.utf8)
        if source.isEmpty { return [] }
        var bytes = [UInt8](repeating: 0, count: source.count)
        var count = 0
        let result = unsafe source.withUnsafeBytes { source in
            unsafe sodium_base642bin(
                &bytes, bytes.count, source.bindMemory(to: CChar.self).baseAddress, source.count,
                nil, &count, nil, Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        }
        guard result == 0 else { return nil }
        return Array(bytes.prefix(count))
    }

    // MARK: Passwords

    /// The least memory and the fewest passes that libsodium computes with.
    package static let leastMemoryKiB = Int(crypto_pwhash_argon2id_MEMLIMIT_MIN) / 1_024

    /// The Argon2id hash of a password with a new salt, as a PHC string; `nil` if there is no memory for it.
    package static func passwordHash(_ password: String, memoryKiB: Int, passes: Int) -> String? {
        precondition(isReady, "libsodium cannot be started")
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let bytes = Array(password.utf8).map { CChar(bitPattern: $0) }
        let result = unsafe crypto_pwhash_str_alg(
            &text, bytes, UInt64(bytes.count), UInt64(passes), memoryKiB * 1_024,
            crypto_pwhash_alg_argon2id13())
        guard result == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a password has that hash.
    package static func isPassword(_ password: String, hash: String) -> Bool {
        precondition(isReady, "libsodium cannot be started")
        guard let stored = fixed(hash) else { return false }
        let bytes = Array(password.utf8).map { CChar(bitPattern: $0) }
        return unsafe crypto_pwhash_str_verify(stored, bytes, UInt64(bytes.count)) == 0
    }

    /// Whether a hash was made with other parameters than these.
    package static func needsRehash(_ hash: String, memoryKiB: Int, passes: Int) -> Bool {
        guard let stored = fixed(hash) else { return true }
        return unsafe crypto_pwhash_str_needs_rehash(stored, UInt64(passes), memoryKiB * 1_024) != 0
    }

    /// The hash in the fixed length that libsodium reads.
    private static func fixed(_ hash: String) -> [CChar]? {
        let length = Int(crypto_pwhash_STRBYTES)
        guard hash.utf8.count < length, !hash.utf8.contains(0) else { return nil }
        var text = hash.utf8.map { CChar(bitPattern: $0) }
        text.append(contentsOf: repeatElement(0, count: length - text.count))
        return text
    }
}
