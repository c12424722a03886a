// SPDX-License-Identifier: MIT

import COpenSSL
import ChatCore
import ChatPlatform
import ChatTesting
import Foundation
import Testing

@testable import ChatTLS

@Suite(.timeLimit(.minutes(15)))
struct CertificateTests {
    private func problem(_ chain: String, _ key: String) -> TLSError? {
        do throws(TLSError) {
            _ = try TLSServer(TLSConfiguration(certificate: chain, key: key))
            return nil
        } catch {
            return error
        }
    }

    @Test func `what is wrong with the files is said by its name`() throws {
        let (one, other) = (try TestCertificate(), try TestCertificate())
        let rsa = try TestCertificate(kind: .rsa(bits: 2_048))
        let empty = one.path("empty.pem")
        try Data().write(to: URL(filePath: empty))
        let missing = one.path("missing.pem")
        #expect(problem(one.chainPath, one.keyPath) == nil)
        #expect(problem(rsa.chainPath, rsa.keyPath) == nil)
        for key in [other.keyPath, rsa.keyPath] {
            #expect(
                problem(one.chainPath, key) == .wrongKey(certificate: one.chainPath, key: key))
        }
        let reason = "No such file or directory"
        #expect(problem(missing, one.keyPath) == .unreadable(path: missing, reason: reason))
        #expect(problem(one.chainPath, missing) == .unreadable(path: missing, reason: reason))
        #expect(problem(empty, one.keyPath) == .notACertificate(path: empty))
        #expect(problem(one.keyPath, one.keyPath) == .notACertificate(path: one.keyPath))
        #expect(problem(one.chainPath, empty) == .notAKey(path: empty))
        #expect(problem(one.chainPath, one.chainPath) == .notAKey(path: one.chainPath))
        let locked = try TestCertificate(passPhrase: "secret")
        #expect(problem(locked.chainPath, locked.keyPath) == .keyIsEncrypted(path: locked.keyPath))
        let weak = try TestCertificate(kind: .rsa(bits: 1_024))
        guard case .tooWeak(weak.chainPath, _)? = problem(weak.chainPath, weak.keyPath) else {
            Issue.record("\(String(describing: problem(weak.chainPath, weak.keyPath)))")
            return
        }
        #expect(throws: TLSError.noCertificate) {
            try TLSServer(TLSConfiguration(certificates: []))
        }
    }

    @Test func `a certificate that has ended, has not begun or ends soon is warned of`() throws {
        func warnings(_ from: Int, _ until: Int) throws -> [TLSWarning] {
            let certificate = try TestCertificate(from: from, until: until)
            let path = certificate.chainPath
            let server = try TLSServer(
                TLSConfiguration(certificate: path, key: certificate.keyPath))
            return server.warnings.map {
                switch $0 {
                case .expired: .expired(path: "")
                case .notYetValid: .notYetValid(path: "")
                case .expiresSoon(_, let days): .expiresSoon(path: "", days: days)
                }
            }
        }
        let day = 86_400
        #expect(try warnings(-2 * day, -day) == [.expired(path: "")])
        #expect(try warnings(day, 2 * day) == [.notYetValid(path: "")])
        #expect(try warnings(-day, 5 * day + 100) == [.expiresSoon(path: "", days: 5)])
        #expect(try warnings(-day, 15 * day) == [])
    }

    @Test func `the name that a client asks for picks the certificate`() async throws {
        let first = try TestCertificate(["first.example"])
        let wild = try TestCertificate(["*.wild.example"])
        let listed = try TestCertificate(["listed.example"])
        let configuration = TLSConfiguration(certificates: [
            .init(chainPath: first.chainPath, keyPath: first.keyPath),
            .init(chainPath: wild.chainPath, keyPath: wild.keyPath),
            .init(
                chainPath: listed.chainPath, keyPath: listed.keyPath, hosts: ["Alias.example"]),
        ])
        let chat = try await SecureChat(certificate: first, configuration: configuration)
        for (host, name) in [
            ("first.example", "first.example"), ("a.wild.example", "*.wild.example"),
            ("FIRST.example", "first.example"), ("alias.example", "listed.example"),
            ("unknown.example", "first.example"), ("", "first.example"),
            ("a.b.wild.example", "first.example"), ("listed.example", "first.example"),
        ] {
            for version in [TLS1_2_VERSION, TLS1_3_VERSION] {
                var options = TLSClient.Options()
                options.host = host
                options.maximumVersion = version
                let client = try await TLSClient.connect(port: chat.tcp, options)
                #expect(await client.peerName == name, "\(host)")
            }
        }
        await chat.stop()
    }

    @Test func `a reload serves the new certificate and leaves connections alone`() async throws {
        let chat = try await SecureChat(certificate: TestCertificate(["localhost", "old"]))
        let before = try await chat.client()
        try await before.hello("ana")
        let new = try TestCertificate(["new.example"])
        try chat.certificate.replace(by: new)
        try chat.tls.reload()
        let after = try await TLSClient.connect(port: chat.tcp)
        #expect(await before.peerName == "localhost")
        #expect(await after.peerName == "new.example")
        try await before.send(Array("{\"type\":\"ping\",\"id\":7}\n".utf8))
        #expect(try await before.next { $0["id"].integer == 7 }["type"] == "ok")
        await chat.stop()
    }

    @Test func `a reload of files that cannot be used keeps the old certificate`() async throws {
        let chat = try await SecureChat()
        let other = try TestCertificate(["other.example"])
        let key = chat.certificate.keyPath
        try Data(contentsOf: URL(filePath: other.keyPath))
            .write(to: URL(filePath: key), options: .atomic)
        #expect(throws: TLSError.wrongKey(certificate: chat.certificate.chainPath, key: key)) {
            try chat.tls.reload()
        }
        try FileManager.default.removeItem(atPath: key)
        #expect(throws: TLSError.unreadable(path: key, reason: "No such file or directory")) {
            try chat.tls.reload()
        }
        _ = try await chat.client().hello("ana")
        await chat.stop()
    }
}

@Suite(.timeLimit(.minutes(15)))
struct ResumptionTests {
    /// A session that the server has given out, after an exchange.
    private func session(
        _ chat: SecureChat, _ options: TLSClient.Options
    ) async throws -> (TLSClient.Session, wasResumed: Bool) {
        let client = try await TLSClient.connect(port: chat.tcp, options)
        try await client.hello("guest-\(UInt32.random(in: 0...UInt32.max))")
        // OpenSSL resumes no session that ended without a word.
        try await client.finishWriting()
        let result = (try #require(await client.session), await client.isResumed)
        client.close()
        return result
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a client that comes back resumes its session`(_ version: Int32) async throws {
        let chat = try await SecureChat()
        var options = chat.trusting
        options.maximumVersion = version
        let first = try await session(chat, options)
        #expect(!first.wasResumed)
        options.resumes = first.0
        #expect(try await session(chat, options).wasResumed)
        // With new certificates nobody goes on with what was agreed on before.
        try chat.tls.reload()
        #expect(try await !session(chat, options).wasResumed)
        await chat.stop()
    }

    @Test func `sessions are not resumed if that is off`() async throws {
        let certificate = try TestCertificate()
        var configuration = TLSConfiguration(
            certificate: certificate.chainPath, key: certificate.keyPath)
        configuration.sessionSeconds = 0
        let chat = try await SecureChat(certificate: certificate, configuration: configuration)
        for version in [TLS1_2_VERSION, TLS1_3_VERSION] {
            var options = chat.trusting
            options.maximumVersion = version
            options.resumes = try await session(chat, options).0
            #expect(try await !session(chat, options).wasResumed)
        }
        await chat.stop()
    }

    @Test func `the keys of tickets are replaced, and forgotten after twice their time`() throws {
        let clock = VirtualClock()
        let counter = Counter()
        var keys = TicketKeys(lifetimeSeconds: 10, now: clock.now()) { count in
            [UInt8](repeating: counter.next(), count: count)
        }
        let start = clock.now()
        func at(_ milliseconds: Int64) -> ChatInstant {
            start.advanced(byMilliseconds: milliseconds)
        }
        let first = keys.sealing(now: start).name
        #expect(keys.sealing(now: at(9_999)).name == first)
        #expect(keys.opening(first, now: at(9_999))?.isOld == false)
        let second = keys.sealing(now: at(10_000)).name
        #expect(second != first)
        #expect(keys.opening(first, now: at(19_999))?.isOld == true)
        #expect(keys.opening(second, now: at(19_999))?.isOld == false)
        #expect(keys.opening(first, now: at(20_000)) == nil)
        #expect(keys.opening(second, now: at(20_000))?.isOld == true)
        // After a long silence nothing old is left.
        #expect(keys.opening(second, now: at(60_000)) == nil)
        #expect(keys.opening([UInt8](repeating: 9, count: 16), now: at(60_000)) == nil)
    }
}

/// Numbers that never come twice.
private final class Counter: Sendable {
    private let value = Lock<UInt8>(0)

    func next() -> UInt8 {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
