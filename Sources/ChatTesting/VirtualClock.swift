// SPDX-License-Identifier: MIT

public import ChatCore
import ChatPlatform

/// A clock that stands still until it is told to go on: for tests of everything that takes time.
public final class VirtualClock: ChatClock {
    private let elapsed = Lock<Int64>(0)
    private let start: Timestamp

    /// Makes a clock that shows its start and, to people, `wallTime`.
    public init(wallTime: Timestamp = Timestamp(milliseconds: 1_767_323_045_678)) {
        start = wallTime
    }

    /// The monotonic time: how far the clock was moved.
    public func now() -> ChatInstant { ChatInstant(nanoseconds: elapsed.withLock { $0 }) }

    /// The civil time: the start and how far the clock was moved.
    public func wallTime() -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + elapsed.withLock { $0 } / 1_000_000)
    }

    /// It does not.
    public var isRealTime: Bool { false }

    /// Moves the clock on. It never goes back.
    public func advance(milliseconds: Int64) {
        advance(to: now().advanced(byMilliseconds: milliseconds))
    }

    /// Moves the clock to a point that is not past.
    public func advance(to instant: ChatInstant) {
        elapsed.withLock { $0 = max($0, instant.nanoseconds) }
    }
}
