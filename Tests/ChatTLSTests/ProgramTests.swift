// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The server's and the client's programs with TLS.
@Suite(.timeLimit(.minutes(15)))
struct ProgramTests {
    /// A program that is running, with its output so far.
    private final class Program {
        let process = Process()
        private let output = Pipe()
        private let input = Pipe()

        init(_ name: String, _ arguments: [String]) throws {
            process.executableURL = URL(filePath: CommandLine.arguments[0])
                .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name)
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = output
            process.standardInput = input
            try process.run()
        }

        /// Reads its output until a line holds `text`.
        func line(with text: String) throws -> String {
            var line: [UInt8] = []
            while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
                if byte != 0x0A {
                    line.append(byte)
                    continue
                }
                let whole = String(decoding: line, as: UTF8.self)
                if whole.contains(text) { return whole }
                line = []
            }
            Issue.record("it ended without: \(text)")
            return ""
        }

        /// Ends its input, and waits for its end.
        func finish(_ text: String = "") throws -> (status: Int32, output: String) {
            try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
            try input.fileHandleForWriting.close()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: data, as: UTF8.self))
        }
    }

    private func server(_ certificate: TestCertificate) throws -> (Program, port: String) {
        let server = try Program(
            "chat-server",
            [
                "--ws-port", "0", "--tcp-port", "0", "--store", "memory", "--tls-cert",
                certificate.chainPath, "--tls-key", certificate.keyPath,
            ])
        let endpoint = try server.line(with: "tls://")
        return (server, endpoint.split(separator: ":").last.map(String.init) ?? "")
    }

    private func chat(
        _ port: String, _ options: String...
    ) throws -> (status: Int32, output: String) {
        try Program(
            "chat-cli", ["--name", "ana", "--plain", "--port", port, "--tls"] + options
        ).finish("hello over TLS\n")
    }

    @Test func `a client talks to the server whose name and authority it knows`() throws {
        let certificate = try TestCertificate(["localhost"])
        let (server, port) = try server(certificate)
        let known = try chat(port, "--host", "localhost", "--ca", certificate.chainPath)
        #expect(known.status == 0, "\(known.output)")
        // The right authority and another name; the right name and no authority.
        let numbered = try chat(port, "--host", "127.0.0.1", "--ca", certificate.chainPath)
        #expect(numbered.status == 1 && numbered.output.contains("IP address mismatch"))
        let unknown = try chat(port, "--host", "localhost")
        #expect(unknown.status == 1 && unknown.output.contains("self-signed certificate"))
        let careless = try chat(port, "--host", "127.0.0.1", "--insecure")
        #expect(careless.status == 0 && careless.output.contains("--insecure"))
        server.process.terminate()
        #expect(try server.finish().status == 0)
    }

    @Test func `SIGHUP reads the certificate again, and keeps it if the new one is broken`() throws
    {
        let certificate = try TestCertificate(["localhost"])
        let (server, port) = try server(certificate)
        let new = try TestCertificate(["localhost"])
        try certificate.replace(by: new)
        kill(server.process.processIdentifier, SIGHUP)
        _ = try server.line(with: "certificates_reloaded")
        #expect(try chat(port, "--host", "localhost", "--ca", new.chainPath).status == 0)
        try Data("nothing".utf8).write(to: URL(filePath: certificate.keyPath))
        kill(server.process.processIdentifier, SIGHUP)
        let line = try server.line(with: "certificates_kept")
        #expect(line.contains("holds no private key"))
        #expect(try chat(port, "--host", "localhost", "--ca", new.chainPath).status == 0)
        server.process.terminate()
        #expect(try server.finish().status == 0)
    }

    @Test func `a server does not start with a key that is not the certificate's`() throws {
        let (one, other) = (try TestCertificate(), try TestCertificate())
        let server = try Program(
            "chat-server",
            [
                "--ws-port", "0", "--tcp-port", "0", "--store", "memory", "--tls-cert",
                one.chainPath,
                "--tls-key", other.keyPath,
            ])
        let (status, output) = try server.finish()
        #expect(status == 1)
        #expect(output.contains("\(other.keyPath) is not the key of \(one.chainPath)"))
        let lonely = try Program("chat-server", ["--tls-cert", one.chainPath])
        #expect(try lonely.finish().status == 2)
    }
}
