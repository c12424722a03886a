// SPDX-License-Identifier: MIT

/// How connections are encrypted.
public struct TLSConfiguration: Sendable, Equatable {
    /// A certificate with its key.
    public struct Certificate: Sendable, Equatable {
        /// A PEM file: the certificate of the server first, then those that lead to the authority.
        public var chainPath: String
        /// A PEM file with the private key, without pass phrase.
        public var keyPath: String
        /// The host names it is for; empty takes them from the certificate.
        public var hosts: [String]

        /// Names the files.
        public init(chainPath: String, keyPath: String, hosts: [String] = []) {
            self.chainPath = chainPath
            self.keyPath = keyPath
            self.hosts = hosts
        }
    }

    /// The versions of TLS that are spoken.
    public enum Version: Sendable, Equatable {
        /// TLS 1.2 (RFC 5246), with AEAD ciphers and forward secrecy only.
        case tls12
        /// TLS 1.3 (RFC 8446).
        case tls13
    }

    /// The certificates.
    ///
    /// A client that names a host gets the first one for that host; others get the first.
    public var certificates: [Certificate]
    /// The oldest version that is accepted.
    public var minimumVersion = Version.tls12
    /// How long a session can be resumed without a new key exchange, in seconds; 0 for never.
    ///
    /// The keys of tickets are replaced as often, and forgotten after twice that time.
    public var sessionSeconds: Int64 = 14_400
    /// A certificate that ends within so many days is warned of.
    public var warningDays = 14

    /// Makes a configuration of several certificates.
    public init(certificates: [Certificate]) { self.certificates = certificates }

    /// Makes a configuration of one certificate.
    ///
    /// - Parameters:
    ///   - certificate: the path of a PEM file with the chain, the server's own certificate first.
    ///   - key: the path of a PEM file with its private key.
    public init(certificate: String, key: String) {
        self.init(certificates: [Certificate(chainPath: certificate, keyPath: key)])
    }
}
