// SPDX-License-Identifier: MIT

/// Why a certificate cannot be used, and what to do about it.
public enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No certificate was given.
    case noCertificate
    /// A file cannot be read.
    case unreadable(path: String, reason: String)
    /// A file holds no certificate in PEM form.
    case notACertificate(path: String)
    /// A file holds no private key in PEM form.
    case notAKey(path: String)
    /// The key is protected by a pass phrase.
    case keyIsEncrypted(path: String)
    /// The key does not belong to the certificate.
    case wrongKey(certificate: String, key: String)
    /// The certificate or a part of its chain is too weak.
    case tooWeak(path: String, reason: String)
    /// OpenSSL could not be set up.
    case library(String)

    /// What went wrong and what to do.
    public var description: String {
        switch self {
        case .noCertificate: "TLS needs a certificate and its key: none was given"
        case .unreadable(let path, let reason):
            "\(path) cannot be read (\(reason)): check the path and who may read the file"
        case .notACertificate(let path):
            "\(path) holds no certificate: a PEM file is needed, with a BEGIN CERTIFICATE line"
        case .notAKey(let path):
            "\(path) holds no private key: a PEM file is needed, with a BEGIN PRIVATE KEY line"
        case .keyIsEncrypted(let path):
            "\(path) is protected by a pass phrase: store the key without (openssl pkey -in … -out …)"
        case .wrongKey(let certificate, let key):
            "\(key) is not the key of \(certificate): give the two files that were made together"
        case .tooWeak(let path, let reason):
            "\(path) is too weak (\(reason)): use RSA with 2048 bits or more, or ECDSA, and SHA-256"
        case .library(let reason): "OpenSSL cannot be set up: \(reason)"
        }
    }
}

/// Something about a certificate that works and should not stay.
public enum TLSWarning: Sendable, Equatable, CustomStringConvertible {
    /// It has ended: clients will refuse it.
    case expired(path: String)
    /// It is not valid yet: clients will refuse it, or the clock is wrong.
    case notYetValid(path: String)
    /// It ends soon.
    case expiresSoon(path: String, days: Int)

    /// What it is and what to do.
    public var description: String {
        switch self {
        case .expired(let path): "\(path) has expired: clients refuse it; renew it and reload"
        case .notYetValid(let path): "\(path) is not valid yet: is the clock right?"
        case .expiresSoon(let path, let days):
            "\(path) expires in \(days) days: renew it and reload"
        }
    }
}
