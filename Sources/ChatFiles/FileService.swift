// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// Files of a chat: who may send and get them, how large, of which types, and when they go.
///
/// ```swift
/// let files = FileService(store: DiskFileStore(directory: "files"))
/// try await files.open()
/// configuration.attachments = files
/// let engine = try await ChatEngine(store: store, configuration: configuration)
/// files.serve(engine)
/// webSocket.routes += files.routes()
/// ```
public final class FileService: Sendable {
    struct State {
        var quota = QuotaTable()
        /// Files that are just getting their message, and since when.
        var claims: [FileID: Timestamp] = [:]
        var gatekeeper: (any FileGatekeeper)?
    }

    /// Where the bytes are.
    public let store: any FileStore
    /// The bounds.
    public let options: FileOptions
    let clock: any ChatClock
    let activityLog: (any ActivityLog)?
    let signer: LinkSigner
    let state = Lock(State())

    /// Makes a service; ``open()`` it before it is used.
    ///
    /// - Parameters:
    ///   - store: where the bytes are kept.
    ///   - options: bounds.
    ///   - clock: what tells the time.
    ///   - activityLog: is told of files that are complete.
    public init(
        store: any FileStore, options: FileOptions = FileOptions(),
        clock: any ChatClock = SystemClock(), activityLog: (any ActivityLog)? = nil
    ) {
        self.store = store
        self.options = options
        self.clock = clock
        self.activityLog = activityLog
        signer = LinkSigner(key: options.linkKey, lifetimeSeconds: options.linkSeconds)
    }

    /// Opens the store and counts what everybody has.
    ///
    /// - Throws: what the store throws.
    public func open() async throws(FileError) {
        let usage = try await store.open()
        state.withLock { state in
            for entry in usage {
                if entry.isUpload {
                    state.quota.addUpload(entry.byteCount, of: entry.owner)
                } else {
                    state.quota.addFile(entry.byteCount, of: entry.owner)
                }
            }
        }
    }

    /// Closes the store.
    public func close() async { await store.close() }

    /// Asks that engine who may. Call it once the engine is there, and before files are served.
    public func serve(_ engine: ChatEngine) { serve(EngineGatekeeper(engine)) }

    /// Asks somebody else who may.
    public func serve(_ gatekeeper: any FileGatekeeper) {
        state.withLock { $0.gatekeeper = gatekeeper }
    }

    /// How many bytes a user's files and uploads take.
    public func usedBytes(of user: UserID) -> Int64 {
        state.withLock { $0.quota.usage(of: user).bytes }
    }

    func gatekeeper() throws(WireError) -> any FileGatekeeper {
        guard let gatekeeper = state.withLock({ $0.gatekeeper }) else {
            throw WireError(.shuttingDown, "files are not served yet: try again")
        }
        return gatekeeper
    }

    // MARK: Errors

    static let notFound = WireError(
        .fileNotFound, "there is no such file, or it is not for you", field: "file")

    /// Calls the store; its errors become those that a client sees.
    func stored<Value: Sendable>(
        _ call: (any FileStore) async throws(FileError) -> Value
    ) async throws(WireError) -> Value {
        do throws(FileError) {
            return try await call(store)
        } catch {
            throw Self.wireError(error)
        }
    }

    static func wireError(_ error: FileError) -> WireError {
        switch error {
        case .notFound: notFound
        case .wrongOffset(let offset), .incomplete(let offset):
            WireError(.offsetMismatch, "go on at offset \(offset)", field: "offset")
        case .tooMany:
            WireError(.sizeMismatch, "there are more bytes than were declared", field: "bytes")
        case .wrongHash:
            WireError(
                .hashMismatch, "the bytes do not have the declared sha256: upload them again",
                field: "sha256")
        case .busy:
            WireError(
                .overloaded, "this upload is just being finished: ask again",
                retryAfterMilliseconds: 500)
        case .full:
            WireError(
                .diskFull, "the server has no room for files now: try again later",
                retryAfterMilliseconds: 60_000)
        case .inUse, .failed:
            WireError(
                .storageUnavailable, "the file store failed: try again",
                retryAfterMilliseconds: 1_000)
        }
    }
}
