// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform
import ChatSodium

/// Files in a directory of their own, each content once. ``FileStore`` as it is shipped.
///
/// The directory must be on one file system that has hard links: their number is how many files share a content. One
/// process uses it at a time. All calls of the disk are made on threads of its own.
public final class DiskFileStore: FileStore {
    private static let sliceBytes = 1 << 20

    private struct State {
        var uploads: [FileID: UploadMachine] = [:]
        /// Files of which nobody has said that a message has them.
        var unposted: [FileID: Timestamp] = [:]
        var repairs: [String] = []
        var lock: Int32?
    }

    private let layout: DiskLayout
    private let state = Lock(State())
    private let workers: [DiskWorker]

    /// Makes a store; ``open()`` makes the directory if there is none.
    ///
    /// - Parameters:
    ///   - directory: its path, whose parent exists.
    ///   - threads: how many calls of the disk are made at once.
    public convenience init(directory: String, threads: Int = 2) {
        self.init(directory: directory, threads: threads, linksPerContent: 30_000)
    }

    package init(
        directory: String, threads: Int = 2, calls: DiskCalls = DiskCalls(),
        linksPerContent: Int
    ) {
        layout = DiskLayout(root: directory, calls: calls, linksPerContent: linksPerContent)
        workers = (0..<max(1, threads)).map { _ in DiskWorker() }
    }

    /// What ``open()`` has removed or found broken, for the log.
    public var repairs: [String] { state.withLock { $0.repairs } }

    /// See ``FileStore/open()``.
    public func open() async throws(FileError) -> [FileUsage] {
        let layout = layout
        let (lock, inventory) = try await workers[0].run { () throws(FileError) in
            try layout.makeDirectories()
            let lock = try layout.calls.lock("\(layout.root)/lock")
            do throws(FileError) {
                return (lock, try layout.takeInventory())
            } catch {
                layout.calls.close(lock)
                throw error
            }
        }
        state.withLock { state in
            state.lock = lock
            state.repairs = inventory.repairs
            for upload in inventory.uploads {
                state.uploads[upload.file.id] = UploadMachine(upload)
            }
            for file in inventory.files where !file.isPosted {
                state.unposted[file.file.id] = file.createdAt
            }
        }
        return inventory.uploads.map {
            FileUsage(owner: $0.file.owner, byteCount: $0.file.byteCount, isUpload: true)
        }
            + inventory.files.map {
                FileUsage(owner: $0.file.owner, byteCount: $0.file.byteCount, isUpload: false)
            }
    }

    /// See ``FileStore/close()``.
    public func close() async {
        for worker in workers { await worker.stop() }
        let lock = state.withLock { state -> Int32? in
            defer { state = State() }
            return state.lock
        }
        if let lock { layout.calls.close(lock) }
    }

    // MARK: Uploads

    /// See ``FileStore/begin(_:)``.
    public func begin(_ upload: UploadRecord) async throws(FileError) {
        let layout = layout
        try await worker(upload.file.id).run { () throws(FileError) in try layout.begin(upload) }
        state.withLock { $0.uploads[upload.file.id] = UploadMachine(upload) }
    }

    /// See ``FileStore/upload(_:)``.
    public func upload(_ id: FileID) async throws(FileError) -> UploadRecord {
        try machine(id).record
    }

    /// See ``FileStore/write(_:at:to:now:)``.
    public func write(
        _ bytes: [UInt8], at offset: Int64, to id: FileID, now: Timestamp
    ) async throws(FileError) -> Int64 {
        // All writes to one upload are on one thread: nothing comes between the question and the write.
        try await worker(id).run { [self] () throws(FileError) in
            try machine(id).admit(bytes.count, at: offset)
            try layout.calls.append(bytes, at: offset, to: layout.uploadPath(id))
            state.withLock { $0.uploads[id]?.wrote(bytes.count, now: now) }
        }
        return offset + Int64(bytes.count)
    }

    /// See ``FileStore/head(of:count:)``.
    public func head(of id: FileID, count: Int) async throws(FileError) -> [UInt8] {
        let layout = layout
        return try await worker(id).run { () throws(FileError) in
            try layout.calls.read(layout.uploadPath(id), from: 0, count: count)
        }
    }

    /// See ``FileStore/finish(_:mediaType:now:)``.
    public func finish(
        _ id: FileID, mediaType: String, now: Timestamp
    ) async throws(FileError) -> FileRecord {
        let machine = try state.withLock { state throws(FileError) -> UploadMachine in
            guard state.uploads[id] != nil else { throw .notFound }
            try state.uploads[id]?.beginFinish()
            guard let machine = state.uploads[id] else { throw .notFound }
            return machine
        }
        do throws(FileError) {
            let record = try await publish(machine, mediaType, now)
            state.withLock { state in
                state.uploads[id] = nil
                state.unposted[id] = now
            }
            return record
        } catch {
            if error == .wrongHash, await isCancelled(id) {
                state.withLock { $0.uploads[id] = nil }
            } else {
                state.withLock { $0.uploads[id]?.finishFailed() }
            }
            throw error
        }
    }

    private func isCancelled(_ id: FileID) async -> Bool {
        let layout = layout
        let result: Void? = try? await worker(id).run { () throws(FileError) in
            try layout.cancel(id)
        }
        return result != nil
    }

    /// Reads the bytes as they are on the disk: also those of an upload that an earlier process has begun.
    private func publish(
        _ machine: UploadMachine, _ mediaType: String, _ now: Timestamp
    ) async throws(FileError) -> FileRecord {
        let file = machine.record.file
        let (layout, worker) = (layout, worker(file.id))
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < file.byteCount {
            let place = offset
            let slice = try await worker.run { () throws(FileError) in
                try layout.calls.read(
                    layout.uploadPath(file.id), from: place, count: Self.sliceBytes)
            }
            if slice.isEmpty { throw .incomplete(offset) }
            hash.add(slice)
            offset += Int64(slice.count)
        }
        let sha256 = hash.hexDigest()
        guard machine.accepts(sha256: sha256) else { throw .wrongHash }
        let record = FileRecord(
            file: file, mediaType: mediaType, sha256: sha256, createdAt: now)
        try await worker.run { () throws(FileError) in try layout.publish(record) }
        return record
    }

    /// See ``FileStore/cancel(_:)``.
    public func cancel(_ id: FileID) async throws(FileError) -> UploadRecord? {
        try await worker(id).run { [self] () throws(FileError) in
            guard let machine = state.withLock({ $0.uploads[id] }) else { return nil }
            if machine.isFinishing { throw .busy }
            try layout.cancel(id)
            state.withLock { $0.uploads[id] = nil }
            return machine.record
        }
    }

    // MARK: Files

    /// See ``FileStore/file(_:)``.
    public func file(_ id: FileID) async throws(FileError) -> FileRecord {
        let layout = layout
        return try await worker(id).run { () throws(FileError) in try layout.file(id) }
    }

    /// See ``FileStore/read(_:from:count:)``.
    public func read(
        _ id: FileID, from offset: Int64, count: Int
    ) async throws(FileError) -> [UInt8] {
        let layout = layout
        return try await worker(id).run { () throws(FileError) in
            try layout.calls.read(layout.filePath(id), from: offset, count: count)
        }
    }

    /// See ``FileStore/setPosted(_:)``.
    public func setPosted(_ id: FileID) async throws(FileError) {
        guard state.withLock({ $0.unposted[id] != nil }) else { return }
        try await worker(id).run { [self] () throws(FileError) in
            guard var record = try found(id) else { return }
            record.isPosted = true
            try layout.calls.replace(layout.metaPath(id), with: Sidecar.encode(record))
            state.withLock { $0.unposted[id] = nil }
        }
    }

    /// See ``FileStore/remove(_:)``.
    public func remove(_ id: FileID) async throws(FileError) -> FileRecord? {
        try await worker(id).run { [self] () throws(FileError) in
            guard let record = try found(id) else { return nil }
            try layout.remove(record)
            state.withLock { $0.unposted[id] = nil }
            return record
        }
    }

    // MARK: Upkeep

    /// See ``FileStore/staleUploads(since:limit:)``.
    public func staleUploads(
        since time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileID] {
        let machines = state.withLock { Array($0.uploads.values) }
        return StaleList.uploads(machines, since: time, limit: limit)
    }

    /// See ``FileStore/unpostedFiles(before:limit:)``.
    public func unpostedFiles(
        before time: Timestamp, limit: Int
    ) async throws(FileError) -> [FileRecord] {
        let old = state.withLock { $0.unposted.filter { $0.value < time } }
        let sorted = old.sorted {
            ($0.value, $0.key.description) < ($1.value, $1.key.description)
        }
        var records: [FileRecord] = []
        for id in sorted.prefix(limit).map(\.key) {
            let layout = layout
            records.append(
                try await worker(id).run { () throws(FileError) in try layout.file(id) })
        }
        return records
    }

    private func machine(_ id: FileID) throws(FileError) -> UploadMachine {
        guard let machine = state.withLock({ $0.uploads[id] }) else { throw .notFound }
        return machine
    }

    private func found(_ id: FileID) throws(FileError) -> FileRecord? {
        do throws(FileError) {
            return try layout.file(id)
        } catch {
            if error == .notFound { return nil }
            throw error
        }
    }

    private func worker(_ id: FileID) -> DiskWorker {
        // Not a hash with a seed of the process: simply spread.
        workers[id.description.utf8.reduce(0) { $0 &+ Int($1) } % workers.count]
    }
}

/// One thread for calls that block.
actor DiskWorker {
    private nonisolated let thread = BlockingThread()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    func run<Value: Sendable>(
        _ body: @Sendable () throws(FileError) -> Value
    ) async throws(FileError) -> Value {
        try body()
    }

    deinit { thread.stop() }

    /// Lets the thread end after what was asked before.
    func stop() { thread.stop() }
}
