// SPDX-License-Identifier: MIT

import Glibc

/// What was acknowledged, on disk, so that a run that was killed can be continued and checked.
///
/// Lines of three words: `A seq client-id` for an acknowledged message, `T token name` for a
/// sign-in.
struct ResumeLog {
    private(set) var acknowledged: [String: Int] = [:]
    private(set) var tokens: [String: String] = [:]
    private var descriptor: Int32 = -1
    private var unwritten: [UInt8] = []

    init(path: String?) throws(Options.Problem) {
        guard let path else { return }
        let bytes = Files.read(path) ?? []
        // A line without its end was being written when the run was killed: it does not count.
        let whole = bytes[..<((bytes.lastIndex(of: 0x0A) ?? -1) + 1)]
        for line in whole.split(separator: 0x0A) {
            let words = line.split(separator: 0x20, maxSplits: 2)
                .map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3 else { continue }
            if words[0] == "T" {
                tokens[words[2]] = words[1]
            } else {
                acknowledged[words[2]] = Int(words[1])
            }
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Options.Problem(text: "cannot write \(path)") }
        if whole.count < bytes.count { ftruncate(descriptor, whole.count) }
    }

    mutating func acknowledge(_ clientID: String, seq: Int) {
        guard descriptor >= 0 else { return }
        unwritten += Array("A \(seq) \(clientID)\n".utf8)
    }

    mutating func signIn(_ name: String, token: String) {
        guard tokens[name] != token else { return }
        tokens[name] = token
        guard descriptor >= 0 else { return }
        unwritten += Array("T \(token) \(name)\n".utf8)
    }

    /// Hands what was noted to the kernel, which keeps it when this process is killed.
    mutating func flush() {
        guard !unwritten.isEmpty else { return }
        let count = unwritten.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 { unwritten.removeFirst(count) }
    }
}
