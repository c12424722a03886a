// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// Encrypts the connections of transports with TLS 1.2 and 1.3: hand it to their configuration.
///
/// ```swift
/// var configuration = WebSocketTransport.Configuration()
/// configuration.security = try TLSServer(TLSConfiguration(certificate: "chain.pem", key: "key.pem"))
/// ```
public final class TLSServer: TransportSecurity {
    private let configuration: Lock<TLSConfiguration>
    private let credentials: Lock<Credentials>
    private let clock: any ChatClock

    /// Reads certificates and keys.
    ///
    /// - Parameter configuration: which, and how they are used.
    /// - Throws: ``TLSError`` if a file cannot be used.
    public convenience init(_ configuration: TLSConfiguration) throws(TLSError) {
        try self.init(configuration, clock: SystemClock())
    }

    init(_ configuration: TLSConfiguration, clock: any ChatClock) throws(TLSError) {
        credentials = Lock(try Credentials(configuration, clock: clock))
        self.configuration = Lock(configuration)
        self.clock = clock
    }

    /// What should be done about the certificates, if anything.
    public var warnings: [TLSWarning] {
        credentials.withLock { $0 }.contexts.flatMap(\.warnings)
    }

    /// Reads the files again, for connections from now on; those that are there are not touched, and sessions that
    /// were begun before cannot be resumed.
    ///
    /// - Throws: ``TLSError`` if a file cannot be used; then everything stays as it was.
    public func reload() throws(TLSError) {
        try reload(configuration.withLock { $0 })
    }

    /// Reads the files of another configuration, like ``reload()``.
    public func reload(_ configuration: TLSConfiguration) throws(TLSError) {
        let fresh = try Credentials(configuration, clock: clock)
        self.configuration.withLock { $0 = configuration }
        credentials.withLock { $0 = fresh }
    }

    /// Makes the server's side of a connection.
    public func makeChannel(applicationProtocols: [String]) -> (any SecureChannel)? {
        TLSChannel(
            credentials.withLock { $0 },
            applicationProtocols: applicationProtocols.map { Array($0.utf8) })
    }
}

/// The certificates of one moment, and the keys of the tickets that were given out with them.
final class Credentials: Sendable {
    let contexts: [CertificateContext]
    let first: CertificateContext
    let ticketKeys: SharedTicketKeys

    init(_ configuration: TLSConfiguration, clock: any ChatClock) throws(TLSError) {
        var contexts: [CertificateContext] = []
        for certificate in configuration.certificates {
            contexts.append(try CertificateContext(certificate, configuration))
        }
        guard let first = contexts.first else { throw .noCertificate }
        self.contexts = contexts
        self.first = first
        ticketKeys = SharedTicketKeys(
            lifetimeSeconds: max(1, configuration.sessionSeconds), clock: clock)
    }

    /// The first certificate for `host`; the first of all if there is none.
    func context(for host: String) -> CertificateContext {
        contexts.first { $0.serves(host) } ?? first
    }
}
