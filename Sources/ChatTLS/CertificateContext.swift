// SPDX-License-Identifier: MIT

import COpenSSL
import ChatCore
import ChatPlatform
import Glibc

/// One certificate with its key, ready to be used: an `SSL_CTX`.
///
/// Connections hold a reference of their own, so that it may be let go while they live.
@safe
final class CertificateContext: @unchecked Sendable {
    // Unchecked because OpenSSL's contexts are safe for several threads once they are set up, and
    // none changes after init.

    /// TLS 1.2: forward secrecy and AEAD only, as Mozilla's "intermediate" list has it, without finite-field DH.
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
        + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    /// The key agreements, best first; the hybrid against quantum computers where OpenSSL (3.5) has it.
    private static let groups = ["X25519MLKEM768:X25519:P-256:P-384", "X25519:P-256:P-384"]

    let context: OpaquePointer
    let warnings: [TLSWarning]
    private let hosts: [String]

    /// Reads the files and checks that they belong together.
    init(
        _ certificate: TLSConfiguration.Certificate, _ configuration: TLSConfiguration
    ) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
            throw .library(OpenSSLError.take().text)
        }
        do throws(TLSError) {
            unsafe try Self.setUp(context, configuration)
            unsafe try Self.loadChain(certificate.chainPath, into: context)
            unsafe try Self.loadKey(certificate, into: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe self.context = context
        hosts = certificate.hosts.map { $0.lowercased() }
        warnings = unsafe Self.warnings(
            certificate.chainPath, context, warningDays: configuration.warningDays)
    }

    deinit { unsafe SSL_CTX_free(context) }

    private static func setUp(
        _ context: OpaquePointer, _ configuration: TLSConfiguration
    ) throws(TLSError) {
        ERR_clear_error()
        let minimum = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        unsafe SSL_CTX_set_security_level(context, 2)
        _ = unsafe SSL_CTX_set_options(context, chat_ssl_server_options())
        let isSetUp =
            unsafe chat_ssl_ctx_min_version(context, minimum) == 1
            && SSL_CTX_set_cipher_list(context, ciphers) == 1
            && groups.contains { unsafe chat_ssl_ctx_groups(context, $0) == 1 }
        guard isSetUp else { throw .library(OpenSSLError.take().text) }
        // Buffers of 16 KiB each way are held only while a record is under way.
        unsafe chat_ssl_ctx_mode(
            context, Int(SSL_MODE_RELEASE_BUFFERS) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        // Sessions live in tickets that clients keep; the server remembers none.
        unsafe chat_ssl_ctx_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        _ = unsafe SSL_CTX_set_timeout(context, max(1, Int(configuration.sessionSeconds)))
        let name: [UInt8] = Array("chat".utf8)
        _ = unsafe SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
        if configuration.sessionSeconds <= 0 {
            _ = unsafe SSL_CTX_set_options(context, UInt64(1) << 14)  // SSL_OP_NO_TICKET
            _ = unsafe SSL_CTX_set_num_tickets(context, 0)
        }
        unsafe ChannelCallbacks.install(on: context)
    }

    private static func loadChain(
        _ path: String, into context: OpaquePointer
    ) throws(TLSError) {
        try checkReadable(path)
        ERR_clear_error()
        if unsafe SSL_CTX_use_certificate_chain_file(context, path) == 1 { return }
        let error = OpenSSLError.take()
        if error.isTooWeak { throw .tooWeak(path: path, reason: error.text) }
        throw .notACertificate(path: path)
    }

    private static func loadKey(
        _ certificate: TLSConfiguration.Certificate, into context: OpaquePointer
    ) throws(TLSError) {
        let path = certificate.keyPath
        try checkReadable(path)
        ERR_clear_error()
        // Without an answer to the question for a pass phrase, a server would wait at the terminal.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in -1 }
        if unsafe SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        {
            return
        }
        let error = OpenSSLError.take()
        if error.isMismatch {
            throw .wrongKey(certificate: certificate.chainPath, key: path)
        }
        if error.isPassPhrase { throw .keyIsEncrypted(path: path) }
        throw .notAKey(path: path)
    }

    private static func checkReadable(_ path: String) throws(TLSError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw .unreadable(path: path, reason: unsafe String(cString: strerror(code)))
        }
        close(descriptor)
    }

    private static func warnings(
        _ path: String, _ context: OpaquePointer, warningDays: Int
    ) -> [TLSWarning] {
        guard let certificate = unsafe SSL_CTX_get0_certificate(context) else { return [] }
        var (days, seconds): (Int32, Int32) = (0, 0)
        // From now (nil) to the date.
        guard
            unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notBefore(certificate)) == 1,
            days <= 0, seconds <= 0
        else { return [.notYetValid(path: path)] }
        guard
            unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1,
            days >= 0, seconds >= 0
        else { return [.expired(path: path)] }
        return Int(days) < warningDays ? [.expiresSoon(path: path, days: Int(days))] : []
    }

    /// Whether it is for `host`.
    func serves(_ host: String) -> Bool {
        if !hosts.isEmpty { return hosts.contains(host.lowercased()) }
        guard let certificate = unsafe SSL_CTX_get0_certificate(context) else { return false }
        return unsafe X509_check_host(certificate, host, host.utf8.count, 0, nil) == 1
    }
}

/// What OpenSSL left in the calling thread's queue of errors.
struct OpenSSLError {
    let text: String
    private let library: Int32
    private let reason: Int32

    /// Takes the oldest error, mostly the cause, and forgets the others.
    static func take() -> OpenSSLError {
        let code = ERR_get_error()
        ERR_clear_error()
        let text = unsafe ERR_reason_error_string(code)
        return OpenSSLError(
            text: unsafe text.map { unsafe String(cString: $0) } ?? "error \(code)",
            library: Int32(truncatingIfNeeded: code >> 23 & 0xFF),
            reason: chat_error_reason(code))
    }

    var isMismatch: Bool {
        // The latter if it is a key of another kind.
        (library == ERR_LIB_X509
            && [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH].contains(reason))
            || (library == ERR_LIB_SSL && reason == SSL_R_NO_CERTIFICATE_ASSIGNED)
    }

    var isTooWeak: Bool {
        library == ERR_LIB_SSL
            && [SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK]
                .contains(reason)
    }

    var isPassPhrase: Bool {
        (library == ERR_LIB_PEM && [PEM_R_BAD_PASSWORD_READ, PEM_R_BAD_DECRYPT].contains(reason))
            || (library == ERR_LIB_CRYPTO)
            || (library == ERR_LIB_EVP && reason == EVP_R_BAD_DECRYPT)
    }

    var isPlainHTTP: Bool {
        library == ERR_LIB_SSL && [SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST].contains(reason)
    }
}
