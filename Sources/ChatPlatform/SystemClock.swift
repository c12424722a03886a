// SPDX-License-Identifier: MIT

import CChatSystem

/// The operating system's clocks, thread names and random source: everything a machine must be given.
package enum SystemSource {
    /// Nanoseconds of `CLOCK_MONOTONIC`.
    package static func monotonicNanoseconds() -> Int64 { chat_monotonic_nanoseconds() }

    /// Milliseconds since 1970 of `CLOCK_REALTIME`.
    package static func wallMilliseconds() -> Int64 { chat_wall_milliseconds() }

    /// A number that names the calling thread while it lives (`pthread_self`).
    package static func threadID() -> UInt64 { chat_thread_id() }
}
