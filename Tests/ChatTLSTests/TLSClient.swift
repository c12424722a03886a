// SPDX-License-Identifier: MIT

import COpenSSL
import ChatPlatform
import ChatTesting

/// The client's side of TLS over a ``RawClient``, so that a test can say how the bytes go out.
actor TLSClient: ByteClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How it shakes hands.
    struct Options: Sendable {
        /// The file of what it trusts; `nil` trusts anybody.
        var trusted: String?
        var host = "localhost"
        var protocols: [String] = []
        var maximumVersion = TLS1_3_VERSION
        var minimumVersion = TLS1_2_VERSION
        /// Sends handshakes in pieces of so many bytes.
        var pieceBytes = Int.max
        /// What OpenSSL calls its security level; 0 allows what is broken.
        var securityLevel: Int32 = 2
        /// What to go on with.
        var resumes: Session?
    }

    /// What a later connection can go on with.
    final class Session: @unchecked Sendable {
        // Unchecked because OpenSSL counts references to a session and never changes it.
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { SSL_SESSION_free(pointer) }
    }

    nonisolated let raw: RawClient
    private let handles: Handles
    private let ssl: OpaquePointer
    private let inbound: OpaquePointer
    private let outbound: OpaquePointer
    private let pieceBytes: Int
    private var buffered: [UInt8] = []
    private var isAtEnd = false
    private let trusts: Bool

    /// Connects; ``shakeHands()`` comes next.
    init(port: Int, _ options: Options = Options(), receiveBufferBytes: Int32? = nil) throws {
        raw = try RawClient(port: port, receiveBufferBytes: receiveBufferBytes)
        guard let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context),
            let inbound = BIO_new(BIO_s_mem()), let outbound = BIO_new(BIO_s_mem())
        else { throw Failure(description: "OpenSSL cannot be set up") }
        (handles, self.ssl) = (Handles(context, ssl), ssl)
        (self.inbound, self.outbound) = (inbound, outbound)
        pieceBytes = options.pieceBytes
        trusts = options.trusted != nil
        if let trusted = options.trusted {
            SSL_CTX_load_verify_locations(context, trusted, nil)
            // The store of the context is that of its connections.
            SSL_set_verify(ssl, SSL_VERIFY_PEER, nil)
            SSL_set1_host(ssl, options.host)
        }
        SSL_set_security_level(ssl, options.securityLevel)
        if options.securityLevel == 0 { SSL_set_cipher_list(ssl, "ALL:@SECLEVEL=0") }
        chat_ssl_versions(ssl, options.minimumVersion, options.maximumVersion)
        if !options.host.isEmpty { chat_ssl_set_host(ssl, options.host) }
        let protocols = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !protocols.isEmpty { SSL_set_alpn_protos(ssl, protocols, UInt32(protocols.count)) }
        if let session = options.resumes { SSL_set_session(ssl, session.pointer) }
        SSL_set_bio(ssl, inbound, outbound)
        SSL_set_connect_state(ssl)
    }

    /// Frees what OpenSSL has made.
    private final class Handles: @unchecked Sendable {
        // Unchecked because it only frees.
        let (context, ssl): (OpaquePointer, OpaquePointer)

        init(_ context: OpaquePointer, _ ssl: OpaquePointer) {
            (self.context, self.ssl) = (context, ssl)
        }

        deinit {
            SSL_free(ssl)
            SSL_CTX_free(context)
        }
    }

    /// Connects and shakes hands.
    static func connect(
        port: Int, _ options: Options = Options(), receiveBufferBytes: Int32? = nil
    ) async throws -> TLSClient {
        let client = try TLSClient(port: port, options, receiveBufferBytes: receiveBufferBytes)
        try await client.shakeHands()
        return client
    }

    /// Shakes hands.
    func shakeHands() async throws {
        while true {
            let went = outcome(of: { SSL_do_handshake(ssl) })
            try await flush()
            switch went {
            case .done: return
            case .wantsMore: try await fill()
            case .ended: throw Failure(description: "the peer has ended the handshake")
            case .failed(let failure): throw failure
            }
        }
    }

    /// How a call of OpenSSL went.
    private enum Outcome {
        case done(Int32)
        case wantsMore
        case ended
        case failed(Failure)
    }

    /// Calls OpenSSL and asks at once how it went: its errors are kept per thread, and after an `await` this is another
    /// one, with the errors of somebody else.
    private func outcome(of call: () -> Int32) -> Outcome {
        ERR_clear_error()
        let result = call()
        if result > 0 { return .done(result) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsMore
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            let code = ERR_get_error()
            let reason = ERR_reason_error_string(code).map(String.init(cString:))
            return .failed(Failure(description: reason ?? "\(code)"))
        }
    }

    /// The first message of a client.
    static var clientHello: [UInt8] {
        let context = SSL_CTX_new(TLS_client_method())
        let ssl = SSL_new(context)
        let outbound = BIO_new(BIO_s_mem())
        SSL_set_bio(ssl, BIO_new(BIO_s_mem()), outbound)
        SSL_set_connect_state(ssl)
        SSL_do_handshake(ssl)
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = BIO_read(outbound, &bytes, Int32(bytes.count))
        SSL_free(ssl)
        SSL_CTX_free(context)
        return Array(bytes.prefix(Int(count)))
    }

    // MARK: What was agreed on

    var version: String { String(cString: SSL_get_version(ssl)) }

    var cipher: String { String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) }

    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &bytes, &count)
        guard let bytes, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// The name in the peer's certificate.
    var peerName: String {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { return "" }
        defer { X509_free(certificate) }
        var name = [CChar](repeating: 0, count: 128)
        X509_NAME_get_text_by_NID(
            X509_get_subject_name(certificate), NID_commonName, &name, Int32(name.count))
        return String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What a later connection can go on with; with TLS 1.3 only after something was read.
    var session: Session? { SSL_get1_session(ssl).map(Session.init) }

    /// Asks for new keys, and for an answer with new keys.
    func updateKeys() { SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) }

    /// Asks for a new handshake (TLS 1.2); whether OpenSSL lets us.
    func renegotiate() async throws {
        SSL_renegotiate(ssl)
        _ = SSL_do_handshake(ssl)
        try await flush()
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) async throws {
        switch outcome(of: { SSL_write(ssl, bytes, Int32(bytes.count)) }) {
        case .done(Int32(bytes.count)): try await flush()
        case .failed(let failure): throw failure
        default: throw Failure(description: "OpenSSL has not taken all bytes")
        }
    }

    func read(_ count: Int) async throws -> [UInt8] {
        while buffered.count < count { try await receive() }
        defer { buffered.removeFirst(count) }
        return Array(buffered.prefix(count))
    }

    func readLine() async throws -> String? {
        while true {
            if let end = buffered.firstIndex(of: 0x0A) {
                defer { buffered.removeFirst(end + 1) }
                return String(decoding: buffered[..<end], as: UTF8.self)
            }
            if isAtEnd { return nil }
            do { try await receive() } catch is EndOfStream { return nil }
        }
    }

    /// Everything until the peer's close_notify.
    func readToEnd() async throws -> [UInt8] {
        do {
            while true { try await receive() }
        } catch is EndOfStream {
            return buffered
        }
    }

    /// Says that nothing more will be sent, in the way of TLS.
    func finishWriting() async throws {
        SSL_shutdown(ssl)
        try await flush()
    }

    nonisolated func close() { raw.close() }

    struct EndOfStream: Error {}

    private func receive() async throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let went = outcome(of: { SSL_read(ssl, &chunk, Int32(chunk.count)) })
            try await flush()
            switch went {
            case .done(let count):
                buffered += chunk.prefix(Int(count))
                return
            case .wantsMore: try await fill()
            case .ended:
                isAtEnd = true
                throw EndOfStream()
            case .failed(let failure): throw failure
            }
        }
    }

    private func fill() async throws {
        let bytes = try await raw.readSome()
        guard !bytes.isEmpty else { throw Failure(description: "the peer has cut the connection") }
        BIO_write(inbound, bytes, Int32(bytes.count))
    }

    private func flush() async throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = BIO_read(outbound, &chunk, Int32(chunk.count)), count > 0 {
            var rest = chunk.prefix(Int(count))
            while !rest.isEmpty {
                try await raw.send(Array(rest.prefix(pieceBytes)))
                rest = rest.dropFirst(pieceBytes)
            }
        }
    }
}
