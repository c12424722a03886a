// SPDX-License-Identifier: MIT

import COpenSSL
import ChatCore

/// The server's side of one connection: an `SSL` between two pieces of memory.
///
/// OpenSSL reads from what the caller has just received and writes to what the caller is about to send
/// (``ChannelCallbacks``), so that nothing is buffered between the two but unfinished records.
@safe
final class TLSChannel: SecureChannel {
    let credentials: Credentials
    let applicationProtocols: [[UInt8]]
    private var ssl: OpaquePointer
    /// What the peer has sent and OpenSSL has not read; only during a call.
    var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// What OpenSSL wants to send; only during a call.
    var output: [UInt8] = []

    init?(_ credentials: Credentials, applicationProtocols: [[UInt8]]) {
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(credentials.first.context) else { return nil }
        guard let bio = unsafe ChannelCallbacks.makeBIO() else {
            unsafe SSL_free(ssl)
            return nil
        }
        self.credentials = credentials
        self.applicationProtocols = applicationProtocols
        unsafe self.ssl = ssl
        // Not counted: the SSL does not outlive this object.
        let me = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe BIO_set_data(bio, me)
        unsafe SSL_set_ex_data(ssl, 0, me)
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe SSL_set_accept_state(ssl)
    }

    deinit { unsafe SSL_free(ssl) }

    func open(
        _ sealed: Span<UInt8>, into plain: inout MutableSpan<UInt8>, replies: inout [UInt8]
    ) -> SecureProgress {
        swap(&output, &replies)
        defer { swap(&output, &replies) }
        return unsafe sealed.withUnsafeBytes { bytes in
            unsafe input = bytes
            defer { unsafe input = UnsafeRawBufferPointer(start: nil, count: 0) }
            return unsafe plain.withUnsafeMutableBytes { unsafe read(into: $0) }
        }
    }

    private func read(into plain: UnsafeMutableRawBufferPointer) -> SecureProgress {
        var count = 0
        while true {
            ERR_clear_error()
            guard let base = plain.baseAddress, count < plain.count else {
                return failed(.violation("no room for what was received"))
            }
            let room = Int32(clamping: plain.count - count)
            let result = unsafe SSL_read(ssl, base + count, room)
            if result > 0 {
                count += Int(result)
                continue
            }
            switch unsafe SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ:
                let isOpen = unsafe SSL_is_init_finished(ssl) == 1
                return SecureProgress(plainBytes: count, state: isOpen ? .open : .handshaking)
            case SSL_ERROR_ZERO_RETURN:
                return SecureProgress(plainBytes: count, state: .finished)
            default:
                let error = OpenSSLError.take()
                return failed(error.isPlainHTTP ? .plainHTTP : .violation(error.text))
            }
        }
    }

    private func failed(_ failure: SecureFailure) -> SecureProgress {
        SecureProgress(plainBytes: 0, state: .failed(failure))
    }

    func seal(_ bytes: Span<UInt8>, into sealed: inout [UInt8]) -> Bool {
        swap(&output, &sealed)
        defer { swap(&output, &sealed) }
        return unsafe bytes.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                ERR_clear_error()
                let count = Int32(clamping: bytes.count - start)
                let written = unsafe SSL_write(
                    ssl, bytes.baseAddress.map { unsafe $0 + start }, count)
                // Writing never blocks: the records go to memory.
                guard written > 0 else { return false }
                start += Int(written)
            }
            return true
        }
    }

    func finish(into sealed: inout [UInt8]) {
        guard unsafe SSL_is_init_finished(ssl) == 1 else { return }
        swap(&output, &sealed)
        defer { swap(&output, &sealed) }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(ssl)
    }
}
