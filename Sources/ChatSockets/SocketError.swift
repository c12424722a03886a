// SPDX-License-Identifier: MIT

import Glibc

/// A system call that failed.
package struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The C function.
    package let call: String
    /// Its `errno`.
    package let code: Int32

    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The call and the system's words for the error.
    package var description: String {
        var text = [CChar](repeating: 0, count: 128)
        unsafe text.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            _ = unsafe strerror_r(code, base, buffer.count)
        }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(call): \(String(decoding: bytes, as: UTF8.self)) (\(code))"
    }

    /// What to do about it, to be appended to ``description``.
    var advice: String {
        call.hasPrefix("io_uring") ? "; use the reactor epoll or auto instead of io_uring" : ""
    }

    /// Whether the process or the system has no descriptor or memory left for another connection.
    package var isExhaustion: Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}
