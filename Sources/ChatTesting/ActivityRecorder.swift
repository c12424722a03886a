// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// An activity log in memory: for tests of what is recorded.
public final class ActivityRecorder: ActivityLog {
    private let entries = Lock<[(Activity, Timestamp)]>([])

    /// Makes an empty one.
    public init() {}

    /// See ``ActivityLog/record(_:at:)``.
    public func record(_ activity: Activity, at time: Timestamp) {
        entries.withLock { $0.append((activity, time)) }
    }

    /// What was recorded, in order.
    public var activities: [Activity] { entries.withLock { $0.map(\.0) } }

    /// When it was.
    public var times: [Timestamp] { entries.withLock { $0.map(\.1) } }

    /// What was recorded since the last call.
    public func take() -> [Activity] {
        entries.withLock { entries in
            defer { entries = [] }
            return entries.map(\.0)
        }
    }
}
