// SPDX-License-Identifier: MIT

/// How long typing lasts.
public struct TypingTimings: Sendable, Equatable {
    /// Without another accepted start a user stops typing after this long, in milliseconds.
    public var typingExpiryMilliseconds: Int64 = 6_000
    /// Starts of a user that come sooner than this after their last accepted one are ignored, in
    /// milliseconds.
    ///
    /// Keep it below half the expiry, so that one lost start does not end the typing.
    public var typingThrottleMilliseconds: Int64 = 3_000

    /// The defaults.
    public init() {}

    /// Makes timings.
    public init(typingExpiryMilliseconds: Int64, typingThrottleMilliseconds: Int64) {
        self.typingExpiryMilliseconds = typingExpiryMilliseconds
        self.typingThrottleMilliseconds = typingThrottleMilliseconds
    }
}
