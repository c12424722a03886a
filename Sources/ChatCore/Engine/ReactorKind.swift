// SPDX-License-Identifier: MIT

/// How the reactors of an engine's transports talk to the kernel (Linux).
public enum ReactorKind: String, Sendable, CaseIterable {
    /// `io_uring` where the kernel allows it, `epoll` where not.
    case auto
    /// `epoll` and a system call per read and write: there on every Linux.
    case epoll
    /// `io_uring`: the kernel reads and accepts ahead, and a turn's writes are one system call.
    ///
    /// Needs Linux 6.1. Containers often forbid it; then a transport fails to start.
    case ioUring = "io_uring"
}
