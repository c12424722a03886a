// SPDX-License-Identifier: MIT

package import ChatCore

/// What each user's files take, uploads under way with their declared length. Pure.
///
/// It holds an entry for a user who has something, for nobody else.
package struct QuotaTable: Sendable, Equatable {
    /// What one user has.
    package struct Usage: Sendable, Equatable {
        /// Of all files and uploads.
        package var bytes: Int64 = 0
        /// Unfinished ones.
        package var uploads = 0
    }

    /// Why an upload may not begin.
    package enum Refusal: Error, Sendable, Equatable {
        case bytes(left: Int64)
        case uploads
    }

    private var table: [UserID: Usage] = [:]

    package init() {}

    /// What a user has.
    package func usage(of user: UserID) -> Usage { table[user] ?? Usage() }

    /// How many users have something.
    package var userCount: Int { table.count }

    /// Counts an upload in that begins.
    package mutating func begin(
        _ bytes: Int64, of user: UserID, maximumBytes: Int64, maximumUploads: Int
    ) throws(Refusal) {
        let usage = usage(of: user)
        guard usage.uploads < maximumUploads else { throw .uploads }
        let left = max(0, maximumBytes - usage.bytes)
        guard bytes <= left else { throw .bytes(left: left) }
        add(bytes, uploads: 1, of: user)
    }

    /// An upload has become a file.
    package mutating func finish(of user: UserID) { add(0, uploads: -1, of: user) }

    /// An upload is over without a file.
    package mutating func cancel(_ bytes: Int64, of user: UserID) {
        add(-bytes, uploads: -1, of: user)
    }

    /// A file is there (`bytes` positive, at the start) or gone (negative).
    package mutating func addFile(_ bytes: Int64, of user: UserID) {
        add(bytes, uploads: 0, of: user)
    }

    /// An upload was found at the start.
    package mutating func addUpload(_ bytes: Int64, of user: UserID) {
        add(bytes, uploads: 1, of: user)
    }

    private mutating func add(_ bytes: Int64, uploads: Int, of user: UserID) {
        var usage = usage(of: user)
        usage.bytes = max(0, usage.bytes + bytes)
        usage.uploads = max(0, usage.uploads + uploads)
        table[user] = usage == Usage() ? nil : usage
    }
}
