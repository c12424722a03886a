// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

extension SQLiteStore {
    /// Pages that are copied at once: a megabyte.
    private static let backupPages: Int32 = 256

    /// Copies the database into a new file while it is used.
    ///
    /// The copy is consistent and holds everything that was acknowledged before the call; it can be opened as it is. It
    /// appears under its name when it is complete and on the disk. Other processes may serve the database meanwhile, and
    /// this store need not be open. The write-ahead log cannot shrink until the copy is done.
    ///
    /// - Parameter target: the copy's path; there must be no such file.
    /// - Throws: ``StorageError/Code/configuration`` if the file exists or its directory does not,
    ///   ``StorageError/Code/cannotWrite`` if the disk is full; then nothing is left.
    /// - Complexity: O(size of the database).
    public func backup(to target: String) async throws(StorageError) {
        try await backup(to: target, maximumPages: nil)
    }

    /// The same with a bound on the copy's size, for tests of full disks.
    package func backup(
        to target: String, maximumPages: Int?, between: @Sendable () async -> Void = {}
    ) async throws(StorageError) {
        let worker = SQLiteWorker<SQLiteBackup>()
        let (path, busy) = (path, Int32(clamping: options.busyMilliseconds))
        try await worker.open { () throws(StorageError) in
            let file: NewFile
            do throws(NewFile.Failure) {
                file = try NewFile(path: target, tag: .random(in: 0...(.max)))
            } catch {
                throw Self.failure(error)
            }
            return try SQLiteBackup(
                of: path, to: file, busyMilliseconds: busy, maximumPages: maximumPages)
        }
        do throws(StorageError) {
            while try await worker.perform({ backup throws(StorageError) in
                try backup.step(pages: Self.backupPages)
            }) { await between() }
            try await worker.perform { backup throws(StorageError) in try backup.finish() }
        } catch {
            await worker.close()
            throw error
        }
        await worker.close()
    }

    static func failure(_ failure: NewFile.Failure) -> StorageError {
        switch failure {
        case .exists:
            StorageError(
                .configuration, "the backup's file exists: name another one, or move it away")
        case .system(let number):
            StorageError(
                .cannotWrite,
                "the backup cannot be written (errno \(number)): check the directory and free space"
            )
        }
    }
}
