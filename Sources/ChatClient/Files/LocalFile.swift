// SPDX-License-Identifier: MIT

import ChatPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file of this machine that is being sent or saved, on a thread of its own: a slow disk holds up nobody else.
actor LocalFile {
    private nonisolated let thread = BlockingThread()
    private nonisolated let path: String
    private let descriptor: Int32
    private static let pieceBytes = 65_536

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    /// Opens a file to be sent.
    ///
    /// - Throws: `file_unreadable` if it is none, or may not be read.
    init(reading path: String) throws(ChatRefusal) {
        self.path = path
        // A pipe without a writer must not hold anybody up.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.refusal("file_unreadable", path) }
    }

    /// Opens a file to be saved, where an earlier attempt may have left something.
    ///
    /// - Throws: `file_unwritable` if it cannot be made.
    init(writing path: String) throws(ChatRefusal) {
        self.path = path
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        descriptor = unsafe open(path, flags, 0o644)
        guard descriptor >= 0 else { throw Self.refusal("file_unwritable", path) }
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
        thread.stop()
    }

    /// How long it is.
    ///
    /// - Throws: `file_unreadable` if it is no file but a folder or a device.
    func bytes() throws(ChatRefusal) -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Self.refusal("file_unreadable", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ChatRefusal(code: "file_unreadable", message: "\(path) is no file")
        }
        return Int64(status.st_size)
    }

    /// SHA-256 of its first bytes, read in pieces.
    ///
    /// - Throws: `file_unreadable`; `cancelled` with the task.
    func digest(of count: Int64) throws(ChatRefusal) -> String {
        var digest = FileDigest()
        var offset: Int64 = 0
        while offset < count {
            if Task.isCancelled { throw .cancelled }
            let piece = try read(
                at: offset, bytes: Int(min(Int64(Self.pieceBytes), count - offset)))
            digest.add(piece)
            offset += Int64(piece.count)
        }
        return digest.finish()
    }

    /// The bytes at a place, as many as were asked for.
    ///
    /// - Throws: `file_unreadable`, also if it has become shorter.
    func read(at offset: Int64, bytes count: Int) throws(ChatRefusal) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let rest = count - filled
            let got = unsafe bytes.withUnsafeMutableBytes { raw in
                unsafe pread(
                    descriptor, raw.baseAddress.map { unsafe $0 + filled }, rest,
                    off_t(offset) + off_t(filled))
            }
            if got == 0 {
                throw ChatRefusal(
                    code: "file_unreadable", message: "\(path) has become shorter meanwhile")
            }
            if got > 0 {
                filled += got
            } else if errno != EINTR {
                throw Self.refusal("file_unreadable", path)
            }
        }
        return bytes
    }

    /// Puts bytes at a place.
    ///
    /// - Throws: `file_unwritable`.
    func write(_ bytes: [UInt8], at offset: Int64) throws(ChatRefusal) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe pwrite(
                    descriptor, raw.baseAddress.map { unsafe $0 + written }, raw.count - written,
                    off_t(offset) + off_t(written))
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw Self.refusal("file_unwritable", path)
            }
        }
    }

    /// Forgets everything behind the first bytes.
    func cut(to bytes: Int64) throws(ChatRefusal) {
        if ftruncate(descriptor, off_t(bytes)) != 0 { throw Self.refusal("file_unwritable", path) }
    }

    /// Gives a complete file its name.
    ///
    /// - Throws: `file_exists` if another one has got it; `file_unwritable`.
    func publish(_ file: NewFile) throws(ChatRefusal) {
        do throws(NewFile.Failure) {
            try file.publish()
        } catch {
            throw Self.refusal(error, file.path)
        }
    }

    static func refusal(_ failure: NewFile.Failure, _ path: String) -> ChatRefusal {
        switch failure {
        case .exists: ChatRefusal(code: "file_exists", message: "\(path) exists already")
        case .system(let number): refusal("file_unwritable", path, number)
        }
    }

    private static func refusal(
        _ code: String, _ path: String, _ number: Int32 = errno
    ) -> ChatRefusal {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "\(number)"
        return ChatRefusal(code: code, message: "\(path): \(reason)")
    }
}
