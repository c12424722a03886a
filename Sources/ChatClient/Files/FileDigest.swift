// SPDX-License-Identifier: MIT

import COpenSSL

/// SHA-256 of bytes that come in pieces.
@safe
package struct FileDigest: ~Copyable {
    private let context: OpaquePointer

    /// Makes the digest of nothing.
    package init() {
        guard let context = unsafe EVP_MD_CTX_new(),
            unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { preconditionFailure("OpenSSL has no SHA-256") }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Takes more bytes.
    package mutating func add(_ bytes: [UInt8]) {
        _ = unsafe EVP_DigestUpdate(context, bytes, bytes.count)
    }

    /// The digest of what came, in hexadecimal digits. The end: nothing may be added any more.
    package consuming func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe EVP_DigestFinal_ex(context, &digest, nil)
        var text = ""
        for byte in digest {
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return text
    }
}
