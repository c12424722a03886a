// SPDX-License-Identifier: MIT

import ChatActivityLog
import ChatFiles

/// What was set about files of messages.
struct FileSettings {
    /// Where they are kept; `nil`: clients send none.
    var directory: String?
    var options = FileOptions()

    init() {}

    /// Reads the options.
    init(
        _ values: [String: String], store: Settings.Store
    ) throws(Settings.Problem) {
        func bytes(_ flag: String) throws(Settings.Problem) -> Int64 {
            let text = values[flag] ?? ""
            guard let number = Int64(text), number >= 1 else {
                throw Settings.Problem(text: "\(flag) \(text): give a number of bytes, at least 1")
            }
            return number
        }
        options.fileBytes = try bytes("--file-bytes")
        options.quotaBytes = try bytes("--file-quota")
        options.allowedTypes = (values["--file-types"] ?? "").split(separator: ",").map {
            String($0)
        }
        let areTypes = options.allowedTypes.allSatisfy { $0.split(separator: "/").count == 2 }
        guard areTypes, !options.allowedTypes.isEmpty else {
            throw Settings.Problem(
                text: "--file-types: give media types like image/png, image/* or */*, with commas")
        }
        switch (values["--files"] ?? "", store) {
        case ("off", _), ("auto", .memory), ("auto", .postgres): break
        case ("auto", .sqlite(let path)): directory = path + ".files"
        case ("", _): throw Settings.Problem(text: "--files: give a directory, auto or off")
        case (let path, _): directory = path
        }
    }

    /// Opens the store.
    func makeService(
        _ log: Log, _ activity: FileActivityLog?
    ) async throws -> FileService? {
        guard let directory else { return nil }
        let store = DiskFileStore(directory: directory)
        let service = FileService(store: store, options: options, activityLog: activity)
        do {
            try await service.open()
        } catch {
            throw Settings.Problem(
                text: "--files \(directory) cannot be used: \(error); "
                    + "give another directory, or --files off")
        }
        for repair in store.repairs { log.write(.warning, "file store", ["repaired": repair]) }
        return service
    }
}
