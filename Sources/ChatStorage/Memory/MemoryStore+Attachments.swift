// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``ChatStore/orphanedAttachments(limit:)``.
    public func orphanedAttachments(
        limit: Int
    ) async throws(StorageError) -> [String] {
        try withState { $0.orphanedAttachments(limit: limit) }
    }

    /// See ``ChatStore/forgetOrphanedAttachments(_:)``.
    public func forgetOrphanedAttachments(
        _ ids: [String]
    ) async throws(StorageError) {
        try withState { $0.forgetOrphanedAttachments(ids) }
    }
}
