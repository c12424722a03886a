// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore {
    /// See ``ChatStore/orphanedAttachments(limit:)``.
    public func orphanedAttachments(
        limit: Int
    ) async throws(StorageError) -> [String] {
        try withState { $0.orphanedAttachments(limit: limit) }
    }

    /// See ``ChatStore/attachedFiles(_:in:)``.
    ///
    /// - Complexity: O(messages of the room), if any message has one of these files.
    public func attachedFiles(
        _ ids: [String], in room: RoomID
    ) async throws(StorageError) -> Set<String> {
        try withState { $0.attachedFiles(ids, in: room) }
    }

    /// See ``ChatStore/forgetOrphanedAttachments(_:)``.
    public func forgetOrphanedAttachments(
        _ ids: [String]
    ) async throws(StorageError) {
        try withState { $0.forgetOrphanedAttachments(ids) }
    }
}
