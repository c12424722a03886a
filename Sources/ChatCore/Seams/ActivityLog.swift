// SPDX-License-Identifier: MIT

/// Keeps a record of what people do, for whoever runs the server: sign-ins, joins, messages, files, moderation.
/// `ChatActivityLog` has one that writes daily files.
///
/// Called on event loops, for every message too: take it and return at once, whatever the disk does. What cannot be kept
/// is counted and left out; nobody waits for it.
public protocol ActivityLog: Sendable {
    /// Takes note of something.
    ///
    /// - Parameters:
    ///   - activity: what has happened. Of a change of a room's log: what is stored.
    ///   - time: when.
    func record(_ activity: Activity, at time: Timestamp)
}
