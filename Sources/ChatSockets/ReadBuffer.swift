// SPDX-License-Identifier: MIT

/// The memory that all connections of a reactor read into, one after the other.
@safe
final class ReadBuffer {
    /// Its size in bytes.
    let capacity: Int
    let base: UnsafeMutablePointer<UInt8>

    init(capacity: Int) {
        self.capacity = capacity
        unsafe base = .allocate(capacity: capacity)
        // So that no read of a span can ever see memory without a value.
        unsafe base.initialize(repeating: 0, count: capacity)
    }

    deinit { unsafe base.deallocate() }

    /// Calls `body` with the bytes of `range`.
    ///
    /// The buffer must not be read into meanwhile.
    func withBytes<Result>(
        _ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) -> Result
    ) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
        // The pointer lives as long as self, which lives during the call.
        var span = unsafe MutableSpan(_unsafeStart: base + range.lowerBound, count: range.count)
        return body(&span)
    }
}
