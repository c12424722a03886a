// SPDX-License-Identifier: MIT

/// A point on the monotonic clock, in nanoseconds since an arbitrary start. Eight bytes.
///
/// Machines take it as an argument and never ask for it, so that tests run on a clock of their own.
public struct ChatInstant: Hashable, Sendable, Comparable {
    /// Nanoseconds since the clock's start.
    public let nanoseconds: Int64

    /// Makes a point `nanoseconds` after the clock's start.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Makes a point `milliseconds` after the clock's start.
    public init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }

    /// The clock's start.
    public static let zero = ChatInstant(nanoseconds: 0)

    /// The point `milliseconds` later.
    public func advanced(byMilliseconds milliseconds: Int64) -> ChatInstant {
        ChatInstant(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }

    /// Whole milliseconds from `earlier` to this point, rounded up; negative if `earlier` is later.
    public func milliseconds(since earlier: ChatInstant) -> Int64 {
        let difference = nanoseconds - earlier.nanoseconds
        return difference > 0 ? (difference + 999_999) / 1_000_000 : difference / 1_000_000
    }

    /// Order in time.
    public static func < (left: ChatInstant, right: ChatInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

extension Optional where Wrapped == ChatInstant {
    /// The earlier of two deadlines, where `nil` is "none".
    func earlier(of other: ChatInstant?) -> ChatInstant? {
        guard let self else { return other }
        guard let other else { return self }
        return Swift.min(self, other)
    }
}
