// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The calls of the system that a ``DiskFileStore`` makes. Each blocks; nothing here decides anything.
package struct DiskCalls: Sendable {
    /// Writes at an offset; returns how many bytes, or minus the system's number of the error. A test puts a full disk
    /// here.
    package var write: @Sendable (Int32, [UInt8], Int, Int64) -> Int = {
        descriptor, bytes, from, offset in
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe pwrite(
                descriptor, buffer.baseAddress?.advanced(by: from), buffer.count - from,
                off_t(offset))
        }
        return count < 0 ? -Int(errno) : count
    }

    package init() {}

    // MARK: Bytes

    /// Writes all of `bytes` at `offset`, or leaves the file as long as it was.
    func append(_ bytes: [UInt8], at offset: Int64, to path: String) throws(FileError) {
        let descriptor = try open(path, O_WRONLY | O_CREAT)
        defer { close(descriptor) }
        try writeAll(bytes, at: offset, descriptor)
    }

    private func writeAll(
        _ bytes: [UInt8], at offset: Int64, _ descriptor: Int32
    ) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = write(descriptor, bytes, written, offset + Int64(written))
            if count == -Int(EINTR) { continue }
            guard count > 0 else {
                // What was half written would count after a restart.
                _ = ftruncate(descriptor, off_t(offset))
                throw Self.error(Int32(-count), "write")
            }
            written += count
        }
    }

    /// At most `count` bytes from `offset` on.
    func read(_ path: String, from offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress?.advanced(by: filled), count - filled,
                    off_t(offset) + off_t(filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        if failure != 0 { throw Self.error(failure, "read") }
        return bytes
    }

    /// A file that appears under its name when it is complete and safe, or not at all.
    func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
        let temporary = path + ".part"
        do throws(FileError) {
            let descriptor = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
            defer { close(descriptor) }
            try writeAll(bytes, at: 0, descriptor)
            if fsync(descriptor) != 0 { throw Self.error(errno, "fsync") }
        } catch {
            _ = try? remove(temporary)
            throw error
        }
        if unsafe rename(temporary, path) != 0 { throw Self.error(errno, "rename") }
    }

    // MARK: Names

    func makeDirectory(_ path: String) throws(FileError) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Self.error(errno, "mkdir \(path)")
        }
    }

    /// Removes a name; returns whether there was one.
    @discardableResult
    func remove(_ path: String) throws(FileError) -> Bool {
        if unsafe unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw Self.error(errno, "unlink") }
        return false
    }

    /// Gives a file a second name; returns whether the name was free.
    func link(_ path: String, as other: String) throws(FileError) -> Bool {
        #if canImport(Darwin)
            let result = unsafe Darwin.link(path, other)
        #elseif canImport(Musl)
            let result = unsafe Musl.link(path, other)
        #else
            let result = unsafe Glibc.link(path, other)
        #endif
        if result == 0 { return true }
        guard errno == EEXIST else { throw Self.error(errno, "link") }
        return false
    }

    /// Makes names and bytes survive a loss of power.
    func sync(_ path: String) throws(FileError) {
        let descriptor = try open(path, O_RDONLY)
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw Self.error(errno, "fsync") }
    }

    /// What there is about a file.
    struct Facts {
        var byteCount: Int64
        var linkCount: Int
        var changedAt: Timestamp
    }

    /// `nil` if there is none.
    func facts(_ path: String) throws(FileError) -> Facts? {
        var result = stat()
        guard unsafe lstat(path, &result) == 0 else {
            if errno == ENOENT { return nil }
            throw Self.error(errno, "stat")
        }
        #if canImport(Darwin)
            let time = result.st_mtimespec
        #else
            let time = result.st_mtim
        #endif
        return Facts(
            byteCount: Int64(result.st_size), linkCount: Int(result.st_nlink),
            changedAt: Timestamp(
                milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000))
    }

    /// The names in a directory, in no order.
    func names(in path: String) throws(FileError) -> [String] {
        do throws(OwnFiles.Failure) {
            return try OwnFiles.names(in: path)
        } catch {
            throw Self.error(error.code, error.call)
        }
    }

    /// Keeps other processes out as long as the descriptor is open.
    func lock(_ path: String) throws(FileError) -> Int32 {
        do throws(OwnFiles.Failure) {
            return try OwnFiles.openLocked(path, O_RDWR | O_CREAT)
        } catch {
            throw error.isInUse ? .inUse : Self.error(error.code, error.call)
        }
    }

    func close(_ descriptor: Int32) { OwnFiles.close(descriptor) }

    private func open(_ path: String, _ flags: Int32) throws(FileError) -> Int32 {
        do throws(OwnFiles.Failure) {
            return try OwnFiles.open(path, flags)
        } catch {
            throw Self.error(error.code, error.call)
        }
    }

    private static func error(_ code: Int32, _ call: String) -> FileError {
        switch code {
        case ENOENT: .notFound
        case ENOSPC, EDQUOT: .full
        default: .failed("\(call): error \(code)")
        }
    }
}
