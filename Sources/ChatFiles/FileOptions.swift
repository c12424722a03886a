// SPDX-License-Identifier: MIT

/// What can be set about files: every bound of ``FileService``.
public struct FileOptions: Sendable, Equatable {
    /// The longest file, in bytes.
    public var fileBytes: Int64 = 5_000_000
    /// Which media types are taken: `image/png`, `image/*`, `*/*`.
    public var allowedTypes = ["*/*"]
    /// All files and uploads of one user together, in bytes.
    public var quotaBytes: Int64 = 1_000_000_000
    /// The most unfinished uploads of one user.
    public var uploadsPerUser = 20
    /// The longest body of one request that adds to an upload, in bytes.
    public var chunkBytes = 1 << 20
    /// The most bytes of a command that adds to an upload, and of an answer to `download`.
    public var commandChunkBytes = 32_768
    /// How many bytes of a file are read and written at a time.
    public var pieceBytes = 65_536
    /// The longest preview, in bytes of its data URL.
    public var previewBytes = 32_768
    /// The longest preview that stands in the message itself; others are fetched.
    public var messagePreviewBytes = 2_048
    /// The greatest width and height that a client may tell.
    public var pixels = 100_000
    /// How long an upload may make no progress, and a file wait for its message, in seconds.
    public var idleSeconds = 86_400
    /// The least time that a signed link works, in seconds; at most twice that.
    public var linkSeconds = 600
    /// The most links in one answer.
    public var linksPerRequest = 100
    /// The key of signed links: at least 16 bytes that nobody else knows. `nil`: links end with the process.
    public var linkKey: [UInt8]?
    /// The path of the HTTP interface.
    public var basePath = "/api"

    /// The defaults.
    public init() {}
}
