// SPDX-License-Identifier: MIT

import COpenSSL
import Foundation

/// A certificate that was made for a test, signed by itself, with its key, as PEM files in a folder of their own.
final class TestCertificate {
    /// What kind of key it has.
    enum Kind {
        case ecdsa
        case rsa(bits: UInt32)
    }

    struct Failure: Error {}

    let chainPath: String
    let keyPath: String
    private let folder: URL

    /// Makes one.
    ///
    /// - Parameters:
    ///   - hosts: the names it is for.
    ///   - from: when it begins, in seconds from now.
    ///   - until: when it ends.
    ///   - passPhrase: what the key is protected by.
    init(
        _ hosts: [String] = ["localhost"], kind: Kind = .ecdsa, from: Int = -3_600,
        until: Int = 30 * 86_400, passPhrase: String? = nil
    ) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        chainPath = folder.appending(path: "chain.pem").path
        keyPath = folder.appending(path: "key.pem").path
        try write(hosts, kind, from: from, until: until, passPhrase)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A path in its folder.
    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Puts another one in place of this, under the same paths.
    func replace(by other: TestCertificate) throws {
        for (old, new) in [(chainPath, other.chainPath), (keyPath, other.keyPath)] {
            try Data(contentsOf: URL(filePath: new)).write(to: URL(filePath: old), options: .atomic)
        }
    }

    private func write(
        _ hosts: [String], _ kind: Kind, from: Int, until: Int, _ passPhrase: String?
    ) throws {
        let key =
            switch kind {
            case .ecdsa: chat_ec_key("P-256")
            case .rsa(let bits): chat_rsa_key(bits)
            }
        guard let key, let certificate = X509_new() else { throw Failure() }
        defer {
            EVP_PKEY_free(key)
            X509_free(certificate)
        }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set_uint64(
            X509_get_serialNumber(certificate), UInt64.random(in: 1...(1 << 60)))
        X509_gmtime_adj(X509_getm_notBefore(certificate), from)
        X509_gmtime_adj(X509_getm_notAfter(certificate), until)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, hosts[0], -1, -1, 0)
        X509_set_issuer_name(certificate, name)
        let names = hosts.map { "DNS:\($0)" }.joined(separator: ",")
        for (identifier, value) in [
            (NID_subject_alt_name, names), (NID_basic_constraints, "CA:TRUE"),
        ] {
            guard let entry = X509V3_EXT_conf_nid(nil, nil, identifier, value) else {
                throw Failure()
            }
            X509_add_ext(certificate, entry, -1)
            X509_EXTENSION_free(entry)
        }
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw Failure() }
        guard let file = BIO_new_file(chainPath, "w"), PEM_write_bio_X509(file, certificate) == 1
        else {
            throw Failure()
        }
        BIO_free(file)
        guard let file = BIO_new_file(keyPath, "w") else { throw Failure() }
        let cipher = passPhrase == nil ? nil : EVP_aes_256_cbc()
        guard
            PEM_write_bio_PKCS8PrivateKey(
                file, key, cipher, passPhrase, Int32(passPhrase?.utf8.count ?? 0), nil, nil) == 1
        else { throw Failure() }
        BIO_free(file)
    }
}
