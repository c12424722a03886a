// SPDX-License-Identifier: MIT

import ChatCore
import Glibc

/// A run of bytes on its way to the kernel.
enum OutboundPart {
    /// Bytes of this connection only, from an offset to the end.
    case own([UInt8], from: Int)
    /// Bytes that many connections share.
    case shared(SharedSlice)

    /// How many bytes are left in it.
    var count: Int {
        switch self {
        case .own(let bytes, let start): bytes.count - start
        case .shared(let slice): slice.count
        }
    }

    /// The part without its first `count` bytes.
    func dropping(_ count: Int) -> OutboundPart {
        switch self {
        case .own(let bytes, let start):
            .own(bytes, from: start + count)
        case .shared(let slice):
            .shared(SharedSlice(buffer: slice.buffer, start: slice.start + count, end: slice.end))
        }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .own(let bytes, let start):
            unsafe bytes.withUnsafeBytes { all in
                unsafe body(UnsafeRawBufferPointer(rebasing: all[start...]))
            }
        case .shared(let slice):
            unsafe slice.buffer.bytes.withUnsafeBytes { all in
                unsafe body(UnsafeRawBufferPointer(rebasing: all[slice.start..<slice.end]))
            }
        }
    }

    /// `send` of this part alone.
    func send(to descriptor: Int32) -> IOOutcome {
        unsafe withUnsafeBytes { unsafe Syscalls.send(descriptor, $0) }
    }
}

/// Writes several parts with one `sendmsg`.
///
/// One per reactor: its table is reused.
@safe
final class GatheringWriter {
    /// How many parts go into one call.
    ///
    /// Each costs a level of recursion.
    static let partsPerCall = 64

    private let table: UnsafeMutableBufferPointer<iovec>

    init() {
        unsafe table = .allocate(capacity: Self.partsPerCall)
        unsafe table.initialize(repeating: iovec())
    }

    deinit { unsafe table.deallocate() }

    /// Writes `parts[range]`, at most ``partsPerCall``, in one call.
    func send(
        _ parts: ContiguousArray<OutboundPart>, _ range: Range<Int>, to descriptor: Int32
    ) -> IOOutcome {
        gather(parts, range, next: range.lowerBound, descriptor)
    }

    /// Pointers into the parts are only good inside of nested closures, hence the recursion.
    private func gather(
        _ parts: ContiguousArray<OutboundPart>, _ range: Range<Int>, next: Int, _ descriptor: Int32
    ) -> IOOutcome {
        guard next < range.upperBound else {
            let filled = unsafe UnsafeMutableBufferPointer(rebasing: table[..<range.count])
            return unsafe Syscalls.send(descriptor, parts: filled)
        }
        return unsafe parts[next].withUnsafeBytes { bytes in
            unsafe table[next - range.lowerBound] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count)
            return gather(parts, range, next: next + 1, descriptor)
        }
    }
}
