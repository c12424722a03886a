// SPDX-License-Identifier: MIT

import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What looks like a Postgres server without TLS that lets nobody in.
final class RefusingServer: Sendable {
    struct Failure: Error {}

    private let listener: Int32
    private let port: UInt16

    /// Listens.
    ///
    /// - Parameters:
    ///   - code: the SQLSTATE of every refusal.
    ///   - text: what it says, in whatever language.
    init(code: String, text: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard result else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
        var fields: [UInt8] = []
        for (key, value) in [("S", "FATAL"), ("V", "FATAL"), ("C", code), ("M", text)] {
            fields += Array(key.utf8) + Array(value.utf8) + [0]
        }
        let answer = [UInt8(ascii: "E"), 0, 0, 0, UInt8(fields.count + 5)] + fields + [0]
        Thread.detachNewThread { Self.serve(listener, answer) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var conninfo: String { "host=127.0.0.1 port=\(port) user=chat dbname=chat" }

    private static func serve(_ listener: Int32, _ answer: [UInt8]) {
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 { break }
            var request = [UInt8](repeating: 0, count: 1_024)
            // The question whether there is TLS has eight bytes, a start has more.
            if read(connection, &request, request.count) == 8 {
                _ = write(connection, "N", 1)
                if read(connection, &request, request.count) > 0 {
                    _ = write(connection, answer, answer.count)
                }
            } else {
                _ = write(connection, answer, answer.count)
            }
            close(connection)
        }
        close(listener)
    }
}
