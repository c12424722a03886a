// SPDX-License-Identifier: MIT

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that appears under its name when it is complete, or never.
///
/// It is written under a temporary name in the same directory.
package struct NewFile: Sendable {
    /// Why a file could not be made.
    package enum Failure: Error, Sendable, Equatable {
        /// There is a file of that name.
        case exists
        /// The system says no; its number for that.
        case system(Int32)
    }

    /// Its name when it is complete.
    package let path: String
    /// Its name until then.
    package let temporaryPath: String

    /// Names a file.
    ///
    /// - Parameters:
    ///   - path: where it will be.
    ///   - tag: tells it from others that are being made.
    /// - Throws: ``Failure/exists`` if there is one.
    package init(path: String, tag: UInt64) throws(Failure) {
        self.path = path
        temporaryPath = "\(path).\(String(tag, radix: 36)).part"
        if unsafe access(path, F_OK) == 0 { throw .exists }
    }

    /// Writes it to the disk and gives it its name. A file that has got that name meanwhile stays as it is.
    package func publish() throws(Failure) {
        try sync(temporaryPath)
        // A link never replaces a file; to rename would. Some file systems have no links.
        if unsafe link(temporaryPath, path) == 0 {
            discard()
        } else if errno == EEXIST {
            throw .exists
        } else if unsafe rename(temporaryPath, path) != 0 {
            throw .system(errno)
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        try sync(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }

    /// Removes what there is under the temporary name.
    package func discard() { unsafe _ = unlink(temporaryPath) }

    private func sync(_ path: String) throws(Failure) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw .system(errno) }
    }
}
