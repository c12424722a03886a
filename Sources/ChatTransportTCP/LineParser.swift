// SPDX-License-Identifier: MIT

/// Finds lines in a stream of bytes.
///
/// Pure: it keeps a position, no bytes.
///
/// A line ends with `\n`; a `\r` before that is no part of it; empty lines are passed over.
struct LineParser {
    /// What was found.
    enum Step: Equatable {
        /// A line, without its end, and where the next one begins.
        case line(Range<Int>, next: Int)
        /// No whole line; the bytes before that position are done with.
        case incomplete(consumed: Int)
        /// A line over the limit, whether its end is there or not.
        case tooLong
    }

    /// The longest line, in bytes.
    let limit: Int
    /// How many bytes of the unfinished line are known to hold no end.
    ///
    /// Without that, a peer that sends a line byte by byte would have it searched from the start
    /// each time.
    private var searched = 0

    init(limit: Int) { self.limit = limit }

    /// Looks for the next line in `bytes`, which begin where the last line has ended.
    ///
    /// - Complexity: O(bytes not searched before).
    mutating func next(in bytes: Span<UInt8>, from start: Int) -> Step {
        var start = start
        while true {
            guard let end = lineFeed(in: bytes, from: start + searched) else {
                return unfinished(bytes, from: start)
            }
            searched = 0
            let isCarriageReturn = end > start && bytes[end - 1] == 0x0D
            let length = end - start - (isCarriageReturn ? 1 : 0)
            if length > limit { return .tooLong }
            if length > 0 { return .line(start..<(start + length), next: end + 1) }
            start = end + 1
        }
    }

    private mutating func unfinished(_ bytes: Span<UInt8>, from start: Int) -> Step {
        searched = bytes.count - start
        // One byte over may be the carriage return of a line that is just short enough.
        let excess = searched - limit
        if excess > 1 || (excess == 1 && bytes[bytes.count - 1] != 0x0D) { return .tooLong }
        return .incomplete(consumed: start)
    }

    private func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0x0A { return index }
            index += 1
        }
        return nil
    }
}
