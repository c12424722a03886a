// SPDX-License-Identifier: MIT

import CZlib

/// Why a compressed message could not be inflated.
enum InflateError: Error, Equatable {
    /// It is longer than the limit.
    case tooLong
    /// It is not raw deflate data, or it is cut off.
    case invalid
    /// zlib got no memory.
    case outOfMemory
}

/// An owner of a zlib stream that inflates one message after another (RFC 7692 section 7.2.2).
///
/// There is no context takeover, so one inflater serves all connections of a reactor thread. Its
/// memory (about 40 KiB in zlib, and the output) is allocated when the first compressed message
/// arrives.
@safe
package struct Inflater: ~Copyable {
    /// Output that is kept between messages, in bytes; more is given back.
    private static let keptBytes = 65_536

    // zlib keeps a pointer to the stream, so the stream has to stay where it is.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var buffer: [UInt8] = []
    private var used = 0

    /// Makes an inflater that owns nothing yet.
    package init() {}

    deinit {
        guard let stream = unsafe stream else { return }
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The last message that was inflated.
    package var output: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { buffer.span.extracting(0..<used) }
    }

    /// Inflates a whole message into ``output``, and stops as soon as it is longer than `limit`
    /// bytes.
    ///
    /// - Complexity: O(limit), however far the message would expand. Memory: at most `limit` + 1
    ///   bytes.
    mutating func inflate(_ message: Span<UInt8>, limit: Int) throws(InflateError) {
        let stream = unsafe try readyStream()
        used = 0
        if buffer.count > Self.keptBytes { buffer = [] }
        // The sender took these bytes off the end (section 7.2.1).
        let tail: InlineArray<4, UInt8> = [0x00, 0x00, 0xFF, 0xFF]
        unsafe try feed(message, stream, limit)
        unsafe try feed(tail.span, stream, limit)
        // Bit 7: zlib stands between two blocks; the low bits: unused bits of the last byte.
        // Anything else means that the message was cut off inside a block. After a final block,
        // zlib was reset.
        let state = unsafe stream.pointee.data_type
        let isFresh = unsafe stream.pointee.total_in == 0
        guard isFresh || state & 128 != 0 && state & 63 == 0 else { throw .invalid }
    }

    /// Feeds `input` to zlib until it is used up.
    private mutating func feed(
        _ input: Span<UInt8>, _ stream: UnsafeMutablePointer<z_stream>, _ limit: Int
    ) throws(InflateError) {
        var offset = 0
        while offset < input.count {
            try makeRoom(limit)
            let (result, read, written) = unsafe step(input, from: offset, stream)
            offset += read
            used += written
            guard used <= limit else { throw .tooLong }
            switch result {
            case Z_OK: break
            case Z_BUF_ERROR where used == buffer.count: break
            case Z_STREAM_END:
                // A final block does not end the message (section 7.2.3.4): more blocks may follow.
                unsafe inflateReset(stream)
            case Z_MEM_ERROR: throw .outOfMemory
            default: throw .invalid
            }
        }
        unsafe try drain(stream, limit)
    }

    /// Takes what zlib holds back because the output was full.
    private mutating func drain(
        _ stream: UnsafeMutablePointer<z_stream>, _ limit: Int
    ) throws(InflateError) {
        let empty: [UInt8] = []
        while used == buffer.count {
            try makeRoom(limit)
            let (result, _, written) = unsafe step(empty.span, from: 0, stream)
            used += written
            guard used <= limit else { throw .tooLong }
            switch result {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: unsafe inflateReset(stream)
            default: throw .invalid
            }
        }
    }

    /// Makes sure that zlib can write; one byte above the limit is enough to know that it was
    /// exceeded.
    private mutating func makeRoom(_ limit: Int) throws(InflateError) {
        guard used == buffer.count else { return }
        let (ceiling, overflow) = limit.addingReportingOverflow(1)
        let size = min(max(4_096, buffer.count * 2), overflow ? .max : ceiling)
        guard size > buffer.count else { throw .tooLong }
        buffer.append(contentsOf: repeatElement(0, count: size - buffer.count))
    }

    /// One call of `inflate`: its result, and how many bytes it read and wrote.
    private mutating func step(
        _ input: Span<UInt8>, from offset: Int, _ stream: UnsafeMutablePointer<z_stream>
    ) -> (result: Int32, read: Int, written: Int) {
        let start = used
        // Both buffers outlive the call, and zlib is given exactly the bytes that are in bounds.
        return unsafe input.withUnsafeBufferPointer { source in
            unsafe buffer.withUnsafeMutableBufferPointer { target in
                let readable = UInt32(clamping: source.count - offset)
                let writable = UInt32(clamping: target.count - start)
                unsafe stream.pointee.next_in = source.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + offset)
                }
                unsafe stream.pointee.avail_in = readable
                unsafe stream.pointee.next_out = target.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_out = writable
                let result = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                let read = unsafe Int(readable - stream.pointee.avail_in)
                let written = unsafe Int(writable - stream.pointee.avail_out)
                return (result, read, written)
            }
        }
    }

    /// The stream, made on first use and reset for a new message.
    private mutating func readyStream() throws(InflateError) -> UnsafeMutablePointer<z_stream> {
        if let stream = unsafe stream {
            unsafe inflateReset(stream)
            return unsafe stream
        }
        let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe made.initialize(to: z_stream())
        // Negative: raw deflate without zlib's own header; 15: takes every smaller window, too.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(made, -15, ZLIB_VERSION, size) == Z_OK else {
            unsafe made.deallocate()
            throw .outOfMemory
        }
        unsafe stream = made
        return unsafe made
    }
}
