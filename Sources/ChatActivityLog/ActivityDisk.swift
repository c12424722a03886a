// SPDX-License-Identifier: MIT

import ChatPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The calls of the system that a ``FileActivityLog`` makes. Each blocks; nothing here decides anything.
package struct ActivityDisk: Sendable {
    /// Writes the rest of `bytes` from a place on; returns how many, or minus the system's number of the error. A test
    /// puts a full or a stuck disk here.
    package var write: @Sendable (_ descriptor: Int32, _ bytes: [UInt8], _ from: Int) -> Int = {
        descriptor, bytes, from in
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Self.write(
                descriptor, buffer.baseAddress?.advanced(by: from), buffer.count - from)
        }
        return count < 0 ? -Int(errno) : count
    }

    package init() {}

    /// What tells a file from every other one, and how long it is.
    struct Facts: Equatable {
        var device: UInt64
        var number: UInt64
        var byteCount: Int64

        func isSameFile(as other: Facts) -> Bool {
            device == other.device && number == other.number
        }
    }

    func makeDirectory(_ path: String) throws(ActivityLogProblem) {
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.problem("mkdir", errno) }
    }

    /// Opens a file for lines at its end, and keeps other processes out of it.
    func open(_ path: String) throws(ActivityLogProblem) -> Int32 {
        do throws(OwnFiles.Failure) {
            return try OwnFiles.openLocked(path, O_RDWR | O_CREAT | O_APPEND)
        } catch {
            throw error.isInUse ? .inUse : Self.problem(error.call, error.code)
        }
    }

    func close(_ descriptor: Int32) { OwnFiles.close(descriptor) }

    /// Makes what was written survive a loss of power.
    func sync(_ descriptor: Int32) { _ = fsync(descriptor) }

    /// Cuts a file; returns whether that was possible.
    func truncate(_ descriptor: Int32, to byteCount: Int64) -> Bool {
        ftruncate(descriptor, off_t(byteCount)) == 0
    }

    func facts(_ descriptor: Int32) throws(ActivityLogProblem) -> Facts {
        var result = stat()
        guard unsafe fstat(descriptor, &result) == 0 else { throw Self.problem("fstat", errno) }
        return Self.facts(result)
    }

    /// `nil` if there is none.
    func facts(at path: String) -> Facts? {
        var result = stat()
        return unsafe lstat(path, &result) == 0 ? Self.facts(result) : nil
    }

    private static func facts(_ result: stat) -> Facts {
        Facts(
            device: UInt64(truncatingIfNeeded: result.st_dev),
            number: UInt64(truncatingIfNeeded: result.st_ino), byteCount: Int64(result.st_size))
    }

    /// The last byte before `end`.
    func byte(before end: Int64, of descriptor: Int32) -> UInt8? {
        var byte: UInt8 = 0
        let count = unsafe pread(descriptor, &byte, 1, off_t(end - 1))
        return count == 1 ? byte : nil
    }

    func remove(_ path: String) throws(ActivityLogProblem) {
        if unsafe unlink(path) != 0, errno != ENOENT { throw Self.problem("unlink", errno) }
    }

    /// The names in a directory, in no order.
    func names(in path: String) throws(ActivityLogProblem) -> [String] {
        do throws(OwnFiles.Failure) {
            return try OwnFiles.names(in: path)
        } catch {
            throw Self.problem(error.call, error.code)
        }
    }

    /// What a call says that a signal has cut short.
    static let interrupted = Int(EINTR)

    static func problem(_ call: String, _ code: Int32) -> ActivityLogProblem {
        code == ENOSPC || code == EDQUOT ? .diskFull : .failed(call: call, code: code)
    }

    private static func write(
        _ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int
    ) -> Int {
        #if canImport(Darwin)
            unsafe Darwin.write(descriptor, bytes, count)
        #elseif canImport(Musl)
            unsafe Musl.write(descriptor, bytes, count)
        #else
            unsafe Glibc.write(descriptor, bytes, count)
        #endif
    }
}
