// SPDX-License-Identifier: MIT

import Foundation

/// The repository that the tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Folders that builds and test runs make; git ignores them.
    private static let passedOver: Set<String> = [
        ".git", ".build", ".build-tsan", ".venv", ".swiftpm", "test-output", "data", "__pycache__",
        ".hypothesis", ".schemathesis",
    ]

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The lines of a file.
    static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The paths of all files of `folder`, in order; all of the repository's for "".
    static func files(in folder: String = "") throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: folder).path)
        return try names.filter { !passedOver.contains($0) }.sorted().flatMap { name in
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            let values = try root.appending(path: path).resourceValues(forKeys: [.isDirectoryKey])
            return values.isDirectory == true ? try files(in: path) : [path]
        }
    }

    /// The paths of the Swift files of `folders`, in order.
    static func swiftFiles(in folders: String...) throws -> [String] {
        try folders.flatMap { try files(in: $0) }.filter { $0.hasSuffix(".swift") }
    }
}

/// A table of a Markdown document.
struct MarkdownTable {
    /// Without its heading, each as its cells without the code marks around them.
    let rows: [[String]]

    /// Reads the first table below the heading `section`.
    init(in document: String, below section: String) throws {
        let lines = try Repository.lines(document)
        guard let heading = lines.firstIndex(where: { $0 == section }) else {
            throw Missing(text: "\(document) has no heading \(section)")
        }
        let table = lines[heading...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        rows = table.dropFirst(2).map { line in
            line.split(separator: "|").map { cell in
                cell.trimmingCharacters(in: .whitespaces)
                    .trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            }
        }
    }

    struct Missing: Error {
        let text: String
    }
}
