// SPDX-License-Identifier: MIT

package import ChatCore

/// The rules of one upload: where bytes may be added, when it is complete, when it is over. Pure.
///
/// Bytes come in order, each once. What was written is told afterwards, so that a failed write changes nothing.
package struct UploadMachine: Sendable, Equatable {
    /// The upload now.
    package private(set) var record: UploadRecord
    /// Whether it is being checked: nothing is added meanwhile.
    package private(set) var isFinishing = false

    /// Makes the machine of an upload that begins, or that was found after a restart.
    package init(_ record: UploadRecord) { self.record = record }

    /// Whether `count` bytes may be added at `offset` now.
    package func admit(_ count: Int, at offset: Int64) throws(FileError) {
        if isFinishing { throw .busy }
        guard offset == record.offset else { throw .wrongOffset(record.offset) }
        guard Int64(count) <= record.file.byteCount - record.offset else { throw .tooMany }
    }

    /// So many bytes were written at the offset.
    package mutating func wrote(_ count: Int, now: Timestamp) {
        record.offset += Int64(count)
        record.touchedAt = max(record.touchedAt, now)
    }

    /// Begins the check of an upload that is complete.
    package mutating func beginFinish() throws(FileError) {
        if isFinishing { throw .busy }
        guard record.offset == record.file.byteCount else { throw .incomplete(record.offset) }
        isFinishing = true
    }

    /// The check could not be made: it may be tried again.
    package mutating func finishFailed() { isFinishing = false }

    /// Whether these are the bytes that were declared.
    package func accepts(sha256: String) -> Bool { record.sha256 ?? sha256 == sha256 }

    /// Whether no byte has come since `time`.
    package func isStale(since time: Timestamp) -> Bool {
        !isFinishing && record.touchedAt < time
    }
}
