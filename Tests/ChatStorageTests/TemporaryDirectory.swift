// SPDX-License-Identifier: MIT

import Foundation

/// A directory that is removed with its last reference.
final class TemporaryDirectory: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("chat-storage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path }

    func file(_ name: String) -> String { url.appendingPathComponent(name).path }

    /// Copies the database as a killed process leaves it: the file and its write-ahead log.
    func copyDatabase(_ name: String, to copy: String) throws {
        for suffix in ["", "-wal"] {
            let (from, to) = (file(name + suffix), file(copy + suffix))
            try FileManager.default.copyItem(atPath: from, toPath: to)
        }
    }
}
