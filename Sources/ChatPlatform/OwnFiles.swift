// SPDX-License-Identifier: MIT

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that are this process's alone: readable by its user only, and not by way of a link that somebody put there.
///
/// Each call blocks.
package enum OwnFiles {
    /// A call of the system that failed.
    package struct Failure: Error, Sendable, Equatable {
        /// Its name.
        package var call: String
        /// `errno`.
        package var code: Int32
        /// Whether another process has the file.
        package var isInUse: Bool { call == "flock" && code == EWOULDBLOCK }
    }

    /// Opens a file.
    ///
    /// - Parameter flags: those of open(2); no link is followed and no child inherits it in any case.
    package static func open(_ path: String, _ flags: Int32) throws(Failure) -> Int32 {
        let flags = flags | O_CLOEXEC | O_NOFOLLOW
        #if canImport(Darwin)
            let descriptor = unsafe Darwin.open(path, flags, 0o600)
        #elseif canImport(Musl)
            let descriptor = unsafe Musl.open(path, flags, 0o600)
        #else
            let descriptor = unsafe Glibc.open(path, flags, 0o600)
        #endif
        guard descriptor >= 0 else { throw Failure(call: "open", code: errno) }
        return descriptor
    }

    /// Opens a file and keeps other processes out of it as long as it is open.
    package static func openLocked(_ path: String, _ flags: Int32) throws(Failure) -> Int32 {
        let descriptor = try open(path, flags)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
        let code = errno
        close(descriptor)
        throw Failure(call: "flock", code: code)
    }

    /// Closes a file.
    package static func close(_ descriptor: Int32) {
        #if canImport(Darwin)
            _ = Darwin.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Glibc.close(descriptor)
        #endif
    }

    /// The names in a directory, in no order.
    package static func names(in path: String) throws(Failure) -> [String] {
        guard let directory = unsafe opendir(path) else {
            throw Failure(call: "opendir", code: errno)
        }
        defer { unsafe _ = closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
