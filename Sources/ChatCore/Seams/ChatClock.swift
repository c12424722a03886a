// SPDX-License-Identifier: MIT

import ChatPlatform

/// Where the engine takes its time from. Tests put a clock there that stands still until it is told.
public protocol ChatClock: Sendable {
    /// Monotonic time, for time-outs.
    func now() -> ChatInstant
    /// Civil time, for people.
    func wallTime() -> Timestamp
    /// Whether time passes by itself, so that sleeping for it makes sense.
    var isRealTime: Bool { get }
}

/// The operating system's clocks.
public struct SystemClock: ChatClock {
    /// Makes the system's clock.
    public init() {}

    /// `CLOCK_MONOTONIC`.
    public func now() -> ChatInstant {
        ChatInstant(nanoseconds: SystemSource.monotonicNanoseconds())
    }

    /// `CLOCK_REALTIME`.
    public func wallTime() -> Timestamp { Timestamp(milliseconds: SystemSource.wallMilliseconds()) }

    /// It does.
    public var isRealTime: Bool { true }
}
