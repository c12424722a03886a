// SPDX-License-Identifier: MIT

public import ChatCore

/// Where files are kept. Replace it to keep them elsewhere; `FileStoreContract` in `ChatTesting` checks yours.
///
/// An upload begins, grows from its start to its declared length, and becomes a file, whose bytes never change. Both have
/// the same id. Bytes come and go in pieces: a store never holds more of a file in memory than one of them. What it has
/// confirmed survives a crash of the process; a finished file also survives loss of power.
///
/// Calls about different ids may come at the same time; of two writes to one upload the second is refused.
public protocol FileStore: Sendable {
    /// Gets ready, takes up the uploads that an earlier process left, and removes what it has half done.
    ///
    /// - Returns: what is there, for the quotas.
    /// - Throws: ``FileError/inUse``, ``FileError/failed(_:)``.
    func open() async throws(FileError) -> [FileUsage]

    /// Stops, once what is under way is done. Everything stays.
    func close() async

    // MARK: Uploads

    /// Begins an upload of at least one byte under an id that is new.
    ///
    /// - Throws: ``FileError/full``, ``FileError/failed(_:)``.
    func begin(_ upload: UploadRecord) async throws(FileError)

    /// An upload that is not finished.
    ///
    /// - Throws: ``FileError/notFound``.
    func upload(_ id: FileID) async throws(FileError) -> UploadRecord

    /// Adds bytes to an upload, where it ends.
    ///
    /// - Returns: the new offset.
    /// - Throws: ``FileError/notFound``, ``FileError/wrongOffset(_:)``, ``FileError/tooMany``, ``FileError/busy``,
    ///   ``FileError/full``: then nothing of `bytes` counts as written.
    func write(
        _ bytes: [UInt8], at offset: Int64, to id: FileID, now: Timestamp
    ) async throws(FileError) -> Int64

    /// The first bytes of an upload, at most `count`.
    func head(of id: FileID, count: Int) async throws(FileError) -> [UInt8]

    /// Checks the hash of all bytes and makes a file of the upload, which is no more. Equal contents are stored once.
    ///
    /// - Parameters:
    ///   - id: of an upload whose bytes have all come.
    ///   - mediaType: what was found out about them.
    ///   - now: when it is finished.
    /// - Throws: ``FileError/incomplete(_:)``, ``FileError/wrongHash`` (the upload is no more either),
    ///   ``FileError/notFound``, ``FileError/busy``, ``FileError/full``.
    /// - Complexity: O(bytes), in slices: others are served in between.
    func finish(
        _ id: FileID, mediaType: String, now: Timestamp
    ) async throws(FileError) -> FileRecord

    /// Removes an upload.
    ///
    /// - Returns: what it was; `nil` if there is none.
    /// - Throws: ``FileError/busy``, ``FileError/failed(_:)``.
    func cancel(_ id: FileID) async throws(FileError) -> UploadRecord?

    // MARK: Files

    /// A file.
    ///
    /// - Throws: ``FileError/notFound``.
    func file(_ id: FileID) async throws(FileError) -> FileRecord

    /// Bytes of a file: `count` of them from `offset` on, fewer only at its end.
    func read(_ id: FileID, from offset: Int64, count: Int) async throws(FileError) -> [UInt8]

    /// Notes that a message has the file; nothing if there is none.
    func setPosted(_ id: FileID) async throws(FileError)

    /// Removes a file; its bytes go when no other file has the same.
    ///
    /// - Returns: what it was; `nil` if there is none.
    func remove(_ id: FileID) async throws(FileError) -> FileRecord?

    // MARK: Upkeep

    /// Uploads without progress since `time`, the oldest first, at most `limit`.
    func staleUploads(since time: Timestamp, limit: Int) async throws(FileError) -> [FileID]

    /// Files from before `time` of which nobody has said that a message has them, the oldest first, at most `limit`.
    func unpostedFiles(before time: Timestamp, limit: Int) async throws(FileError) -> [FileRecord]
}

/// What a file or an upload takes of a quota.
public struct FileUsage: Sendable, Equatable {
    /// Whose.
    public var owner: UserID
    /// Its length, an upload's declared one.
    public var byteCount: Int64
    /// Whether it is an upload.
    public var isUpload: Bool

    /// Makes an entry.
    public init(owner: UserID, byteCount: Int64, isUpload: Bool) {
        self.owner = owner
        self.byteCount = byteCount
        self.isUpload = isUpload
    }
}
