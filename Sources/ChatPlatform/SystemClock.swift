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

    /// Lets other threads come before the calling one from now on, where the system knows that.
    package static func giveWay() { _ = chat_thread_give_way() }

    /// How much the calling thread lets others come before it; 0 for not at all.
    package static func niceness() -> Int { Int(chat_thread_niceness()) }

    /// How many processors there are; at least 1.
    package static var processorCount: Int { max(1, Int(chat_processor_count())) }
}
