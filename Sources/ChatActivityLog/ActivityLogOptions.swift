// SPDX-License-Identifier: MIT

/// What can be set about a ``FileActivityLog``: every bound of it.
public struct ActivityLogOptions: Sendable, Equatable {
    /// How many days' files are kept, today's among them; 0: all.
    public var keptDays = 30
    /// Whether what people write is written down too: texts, reactions, names of files, reasons of bans.
    public var includesContent = false
    /// The most lines that wait for the disk.
    public var queuedLines = 16_384
    /// What waits for the disk holds about that many bytes at most.
    public var queuedBytes = 8 << 20
    /// The longest file of one day, in bytes.
    public var dayBytes: Int64 = 1 << 30
    /// The least time between two complaints about lost lines, in milliseconds.
    public var complaintMilliseconds: Int64 = 60_000
    /// How long closing waits for a disk that does not answer, in milliseconds.
    public var closeMilliseconds: Int64 = 2_000

    /// The defaults.
    public init() {}
}
