// SPDX-License-Identifier: MIT

public import ChatCore

extension FaultingStore {
    /// See ``ChatStore/orphanedAttachments(limit:)``.
    public func orphanedAttachments(
        limit: Int
    ) async throws(StorageError) -> [String] {
        try await pass(.orphanedAttachments) { () throws(StorageError) in
            try await inner.orphanedAttachments(limit: limit)
        }
    }

    /// See ``ChatStore/attachedFiles(_:in:)``.
    public func attachedFiles(
        _ ids: [String], in room: RoomID
    ) async throws(StorageError) -> Set<String> {
        try await pass(.attachedFiles) { () throws(StorageError) in
            try await inner.attachedFiles(ids, in: room)
        }
    }

    /// See ``ChatStore/forgetOrphanedAttachments(_:)``.
    public func forgetOrphanedAttachments(
        _ ids: [String]
    ) async throws(StorageError) {
        try await pass(.forgetOrphanedAttachments) { () throws(StorageError) in
            try await inner.forgetOrphanedAttachments(ids)
        }
    }
}
