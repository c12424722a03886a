// SPDX-License-Identifier: MIT

import ChatAuth

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file with the secrets of access tokens. Only its owner may read it, and nothing of it is ever printed.
enum TokenSecret {
    /// The keys of a file; it is made if it is not there.
    ///
    /// - Parameter file: its path; empty for a secret that is gone with the process.
    static func keys(file: String) throws -> TokenKeys {
        if file.isEmpty { return try TokenKeys(signing: .hs256(secret: TokenKey.randomSecret())) }
        let lines = try secrets(in: file)
        let keys = try lines.map { line throws(AuthConfigurationError) in
            try TokenKey.hs256(secret: Array(line.utf8))
        }
        guard let first = keys.first else {
            throw Settings.Problem(text: "\(file) is empty: remove it, or put a secret into it")
        }
        return try TokenKeys(signing: first, verifying: Array(keys.dropFirst()))
    }

    private static func secrets(in file: String) throws(Settings.Problem) -> [Substring] {
        try makeIfMissing(file)
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw problem(file, "cannot be read") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw problem(file, "cannot be read") }
        guard status.st_mode & 0o077 == 0 else {
            throw Settings.Problem(text: "\(file) can be read by others: chmod 600 \(file)")
        }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0, count < bytes.count else { throw problem(file, "cannot be read") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
            .split(whereSeparator: \.isNewline)
    }

    private static func makeIfMissing(_ file: String) throws(Settings.Problem) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            if errno == EEXIST { return }
            throw problem(file, "cannot be made")
        }
        defer { close(descriptor) }
        let digits = TokenKey.randomSecret().map { byte in
            let text = String(byte, radix: 16)
            return text.count < 2 ? "0" + text : text
        }
        let line = Array((digits.joined() + "\n").utf8)
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            unlink(file)
            throw problem(file, "cannot be written")
        }
    }

    private static func problem(_ file: String, _ what: String) -> Settings.Problem {
        Settings.Problem(text: "\(file) \(what): \(String(cString: strerror(errno)))")
    }
}
