// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore {
    /// See ``ChatStore/orphanedAttachments(limit:)``.
    public func orphanedAttachments(
        limit: Int
    ) async throws(StorageError) -> [String] {
        try await read { session throws(PostgresFailure) in
            try session.orphanedAttachments(limit: limit)
        }
    }

    /// See ``ChatStore/attachedFiles(_:in:)``.
    public func attachedFiles(
        _ ids: [String], in room: RoomID
    ) async throws(StorageError) -> Set<String> {
        try await read { session throws(PostgresFailure) in
            try session.attachedFiles(ids, in: room)
        }
    }

    /// See ``ChatStore/forgetOrphanedAttachments(_:)``.
    public func forgetOrphanedAttachments(
        _ ids: [String]
    ) async throws(StorageError) {
        try await write { session, _ throws(PostgresFailure) in
            try session.forgetOrphanedAttachments(ids)
        }
    }
}
