// SPDX-License-Identifier: MIT

/// What is wrong with an activity log. Nobody but its reader is harmed.
public enum ActivityLogProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Lines come faster than the disk takes them: some are left out.
    case tooFast
    /// The system refuses; lines are left out until it does not.
    case failed(call: String, code: Int32)
    /// The disk has no room: lines are left out until it has.
    case diskFull
    /// The file of the day has its greatest length: lines are left out until tomorrow.
    case dayFull
    /// Another process writes to the same file.
    case inUse

    /// What has happened and what to do.
    public var description: String {
        switch self {
        case .tooFast: "lines come faster than the disk takes them: some are left out"
        case .failed(let call, let code):
            "\(call) failed with error \(code): lines are left out; "
                + "check that the directory is there and may be written to"
        case .diskFull: "the disk is full: lines are left out; make room"
        case .dayFull: "the day's file is as long as it may be: lines are left out until tomorrow"
        case .inUse: "another server writes to this directory: give each its own"
        }
    }
}

/// What a ``FileActivityLog`` has to tell whoever runs the server.
public enum ActivityLogNotice: Sendable, Equatable {
    /// Lines are being lost. Told once, until ``recovered(lostLines:)``.
    case losing(ActivityLogProblem)
    /// Lines are written again; so many were lost since the last notice of that kind.
    case recovered(lostLines: Int)
    /// A file that is too old could not be removed, or the directory not be read.
    case notRemoved(ActivityLogProblem)
}

/// What a ``FileActivityLog`` has done since it was made.
public struct ActivityLogCounts: Sendable, Equatable {
    /// Lines that were handed to the operating system.
    public var written = 0
    /// Lines that were left out, because the disk was slower or refused.
    public var lost = 0
    /// Lines that wait for the disk.
    public var waiting = 0
}
