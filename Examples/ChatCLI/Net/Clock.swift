// SPDX-License-Identifier: MIT

import Glibc

/// Milliseconds that never go backwards.
func monotonicMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
}

/// Delays between attempts to connect: doubling, with jitter.
///
/// The clients of a server that was restarted should not all come back at the same moment.
struct Backoff {
    private var attempt = 0

    mutating func reset() { attempt = 0 }

    mutating func next() -> Int {
        let ceiling = min(15_000, 100 << min(attempt, 10))
        attempt += 1
        return ceiling / 2 + Int.random(in: 0...ceiling / 2)
    }
}
