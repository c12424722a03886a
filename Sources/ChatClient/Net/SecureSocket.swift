// SPDX-License-Identifier: MIT

import COpenSSL
import Glibc

/// What a client trusts: made once, for all connections.
@safe
package final class Trust {
    fileprivate let context: OpaquePointer
    /// Whether anybody is taken for the server; for development only.
    let isInsecure: Bool

    /// Trusts the system's authorities, or those in a PEM file.
    ///
    /// - Throws: `bad_authorities` if there are none in that file.
    package init(authorities: String?, isInsecure: Bool) throws(ChatRefusal) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw ChatRefusal(code: "tls_unavailable", message: "OpenSSL cannot be set up")
        }
        unsafe self.context = context
        self.isInsecure = isInsecure
        unsafe chat_ssl_ctx_min_version(context, TLS1_2_VERSION)
        unsafe chat_ssl_ctx_mode(
            context, Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER) | Int(SSL_MODE_ENABLE_PARTIAL_WRITE))
        if let authorities {
            guard unsafe SSL_CTX_load_verify_locations(context, authorities, nil) == 1 else {
                throw ChatRefusal(
                    code: "bad_authorities",
                    message: "\(authorities): no certificates can be read there")
            }
        } else {
            _ = unsafe SSL_CTX_set_default_verify_paths(context)
        }
        unsafe SSL_CTX_set_verify(context, isInsecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
    }

    deinit { unsafe SSL_CTX_free(context) }
}

/// TLS over a non-blocking socket, with the manners of `recv` and `send`.
@safe
final class SecureSocket {
    private let ssl: OpaquePointer
    private let trust: Trust
    /// Whether nothing can be written before something is read: hands are being shaken.
    private(set) var waitsForInput = false
    /// Why the server was not trusted.
    private(set) var refusal: String?

    init?(_ descriptor: Int32, host: String, _ trust: Trust) {
        guard let ssl = unsafe SSL_new(trust.context) else { return nil }
        unsafe self.ssl = ssl
        self.trust = trust
        _ = unsafe SSL_set_fd(ssl, descriptor)
        unsafe SSL_set_connect_state(ssl)
        // A number is compared with the addresses in the certificate, a name with its names.
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) != 1 {
            _ = unsafe SSL_set1_host(ssl, host)
            _ = unsafe chat_ssl_set_host(ssl, host)
        }
    }

    deinit { unsafe SSL_free(ssl) }

    /// Like `recv`.
    func read(into space: UnsafeMutableRawBufferPointer) -> Int {
        ERR_clear_error()
        return outcome(unsafe SSL_read(ssl, space.baseAddress, Int32(clamping: space.count)))
    }

    /// Like `send`.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        ERR_clear_error()
        return outcome(unsafe SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count)))
    }

    /// Says that nothing more will be sent.
    func finish() {
        if unsafe SSL_is_init_finished(ssl) == 1 { _ = unsafe SSL_shutdown(ssl) }
    }

    private func outcome(_ result: Int32) -> Int {
        waitsForInput = false
        if result > 0 { return Int(result) }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            waitsForInput = unsafe SSL_is_init_finished(ssl) == 0
            errno = EAGAIN
        case SSL_ERROR_WANT_WRITE: errno = EAGAIN
        case SSL_ERROR_ZERO_RETURN: return 0
        default:
            let verdict = unsafe SSL_get_verify_result(ssl)
            if !trust.isInsecure, verdict != Int(X509_V_OK) {
                refusal = unsafe String(cString: X509_verify_cert_error_string(verdict))
            }
            errno = EPROTO
        }
        return -1
    }
}
