// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

/// What is where in the directory of a ``DiskFileStore``, and in which order it changes.
///
///     uploads/ID        the bytes so far      uploads/ID.meta   what was declared
///     contents/SHA256   the bytes             files/ID          the same, by a second name
///     files/ID.meta     what is known of it   lock
///
/// A content goes when `contents/SHA256` is its last name. Names are ids and hashes of our making; nothing of a client's
/// text is ever part of a path. A file exists once `files/ID.meta` has its name: what comes before is done again or
/// removed by the next start, what comes after is only tidying.
struct DiskLayout: Sendable {
    let root: String
    let calls: DiskCalls
    /// How many names a content may have: file systems have a bound (65 000 and more). What comes then is stored again.
    let linksPerContent: Int
    /// Held while names of contents change: two files of one content may come and go at once. It counts the changes: a
    /// lock around nothing looks like a race to the thread sanitizer.
    let contents = Lock(UInt64(0))

    func uploadPath(_ id: FileID) -> String { "\(root)/uploads/\(id)" }
    func uploadMetaPath(_ id: FileID) -> String { "\(root)/uploads/\(id).meta" }
    func filePath(_ id: FileID) -> String { "\(root)/files/\(id)" }
    func metaPath(_ id: FileID) -> String { "\(root)/files/\(id).meta" }
    private func contentPath(_ sha256: String) -> String { "\(root)/contents/\(sha256)" }

    func makeDirectories() throws(FileError) {
        for path in [root, "\(root)/uploads", "\(root)/files", "\(root)/contents"] {
            try calls.makeDirectory(path)
        }
    }

    // MARK: Changes

    func begin(_ upload: UploadRecord) throws(FileError) {
        let id = upload.file.id
        do throws(FileError) {
            try calls.append([], at: 0, to: uploadPath(id))
            try calls.replace(uploadMetaPath(id), with: Sidecar.encode(upload))
        } catch {
            _ = try? calls.remove(uploadPath(id))
            throw error
        }
    }

    /// Makes a file of a complete upload.
    func publish(_ record: FileRecord) throws(FileError) {
        let id = record.file.id
        try calls.sync(uploadPath(id))
        try contents.withLock { changes throws(FileError) in
            changes &+= 1
            let content = contentPath(record.sha256)
            let links = try calls.facts(content)?.linkCount ?? 0
            if links == 0 { _ = try calls.link(uploadPath(id), as: content) }
            let source = links < linksPerContent ? content : uploadPath(id)
            _ = try calls.link(source, as: filePath(id))
        }
        try calls.sync("\(root)/contents")
        try calls.replace(metaPath(id), with: Sidecar.encode(record))
        try calls.sync("\(root)/files")
        // It exists. What fails now is removed by the next start.
        _ = try? cancel(id)
    }

    func cancel(_ id: FileID) throws(FileError) {
        try calls.remove(uploadMetaPath(id))
        try calls.remove(uploadPath(id))
    }

    func remove(_ record: FileRecord) throws(FileError) {
        let id = record.file.id
        try calls.remove(metaPath(id))
        try contents.withLock { changes throws(FileError) in
            changes &+= 1
            try calls.remove(filePath(id))
            try removeUnused(record.sha256)
        }
    }

    private func removeUnused(_ sha256: String) throws(FileError) {
        let content = contentPath(sha256)
        if try calls.facts(content)?.linkCount == 1 { try calls.remove(content) }
    }

    func file(_ id: FileID) throws(FileError) -> FileRecord {
        let path = metaPath(id)
        guard let facts = try calls.facts(path) else { throw .notFound }
        let bytes = try calls.read(path, from: 0, count: Int(facts.byteCount))
        guard let record = Sidecar.file(bytes), record.file.id == id else {
            throw .failed("files/\(id).meta cannot be read")
        }
        return record
    }

    // MARK: The start

    /// What is there after a start.
    struct Inventory {
        var uploads: [UploadRecord] = []
        var files: [FileRecord] = []
        /// What was removed because it was half done or broken, for the log.
        var repairs: [String] = []
    }

    /// Reads everything and removes what is of no use.
    func takeInventory() throws(FileError) -> Inventory {
        var inventory = Inventory()
        try takeFiles(&inventory)
        try takeUploads(&inventory)
        for name in try calls.names(in: "\(root)/contents")
        where try calls.facts(contentPath(name))?.linkCount == 1 {
            try calls.remove(contentPath(name))
            inventory.repairs.append("contents/\(name): no file has it")
        }
        return inventory
    }

    private func takeFiles(_ inventory: inout Inventory) throws(FileError) {
        let names = try calls.names(in: "\(root)/files")
        let all = Set(names)
        for name in names {
            guard name.hasSuffix(".meta") else {
                if all.contains(name + ".meta") { continue }
                try calls.remove("\(root)/files/\(name)")
                inventory.repairs.append("files/\(name): never finished")
                continue
            }
            guard let id = FileID(String(name.dropLast(5))), let record = try? file(id),
                try calls.facts(filePath(id))?.byteCount == record.file.byteCount
            else {
                // Kept for whoever repairs it; nobody can get it.
                inventory.repairs.append("files/\(name): its bytes are missing or it is broken")
                continue
            }
            inventory.files.append(record)
        }
    }

    private func takeUploads(_ inventory: inout Inventory) throws(FileError) {
        let files = Set(inventory.files.map(\.file.id))
        let names = try calls.names(in: "\(root)/uploads")
        let all = Set(names)
        for name in names {
            if let id = FileID(name), all.contains(name + ".meta") {
                if let upload = try upload(id), !files.contains(id) {
                    inventory.uploads.append(upload)
                } else {
                    try cancel(id)
                    inventory.repairs.append("uploads/\(name): finished or broken")
                }
            } else if !name.hasSuffix(".meta") || !all.contains(String(name.dropLast(5))) {
                try calls.remove("\(root)/uploads/\(name)")
                inventory.repairs.append("uploads/\(name): never begun")
            }
        }
    }

    private func upload(_ id: FileID) throws(FileError) -> UploadRecord? {
        guard let data = try calls.facts(uploadPath(id)),
            let meta = try calls.facts(uploadMetaPath(id))
        else { return nil }
        let bytes = try calls.read(uploadMetaPath(id), from: 0, count: Int(meta.byteCount))
        let record = Sidecar.upload(
            bytes, offset: data.byteCount, touchedAt: max(data.changedAt, meta.changedAt))
        guard let record, record.file.id == id, record.offset <= record.file.byteCount else {
            return nil
        }
        return record
    }
}
