// SPDX-License-Identifier: MIT

/// A file descriptor with one owner; it is closed when the owner lets go of it.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, for system calls.
    ///
    /// It must not outlive the owner.
    package let raw: Int32

    /// Takes over `raw`.
    package init(_ raw: Int32) { self.raw = raw }

    deinit { Syscalls.close(raw) }
}
