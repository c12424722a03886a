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
        guard call.hasPrefix("io_uring") else { return "" }
        let cause =
            switch code {
            case EPERM, EACCES: "a container or kernel.io_uring_disabled forbids it here"
            case ENOSYS, EINVAL: "it needs Linux 6.1 or later, also to build, and may be forbidden"
            case ENOMEM: "more memory must be allowed to be locked (ulimit -l)"
            default: "it cannot be used here"
            }
        return "; \(cause): use --reactor auto or epoll"
    }

    /// Whether the process or the system has no descriptor or memory left for another connection.
    package var isExhaustion: Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}
