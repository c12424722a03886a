// SPDX-License-Identifier: MIT

import CZlib

/// An owner of a zlib stream that compresses one message after another (RFC 7692 section 7.2.1).
///
/// There is no context takeover, so one deflater serves all connections of a reactor thread that
/// agreed on the same window. Its memory (up to 260 KiB in zlib) is allocated with the first
/// message.
@safe
package struct Deflater: ~Copyable {
    /// Output that is kept between messages, in bytes; more is given back.
    private static let keptBytes = 65_536

    // zlib keeps a pointer to the stream, so the stream has to stay where it is.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var buffer: [UInt8] = []
    private var used = 0
    private let level: Int32
    private let windowBits: Int32

    /// Makes a deflater that owns nothing yet.
    ///
    /// - Parameters:
    ///   - level: 1 (fast) to 9 (small); brought into that range.
    ///   - windowBits: The base-2 logarithm of the window, 9 to 15; brought into that range.
    package init(level: Int = 1, windowBits: Int = 15) {
        self.level = Int32(min(max(level, 1), 9))
        self.windowBits = Int32(min(max(windowBits, 9), 15))
    }

    deinit {
        guard let stream = unsafe stream else { return }
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The last message that was compressed.
    package var output: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { buffer.span.extracting(0..<used) }
    }

    /// Compresses a whole message into ``output``.
    ///
    /// - Returns: `false` if zlib got no memory; then send the message uncompressed.
    mutating func deflate(_ message: Span<UInt8>) -> Bool {
        used = 0
        guard !message.isEmpty else {
            // Section 7.2.3.6: an empty stored block without its tail.
            if buffer.isEmpty { buffer = [0] }
            buffer[0] = 0
            used = 1
            return true
        }
        guard let stream = unsafe readyStream() else { return false }
        // The bound holds for a finished stream; a flushed one ends in up to 6 bytes more.
        let bound = unsafe Int(deflateBound(stream, UInt(message.count))) + 16
        if buffer.count < bound || buffer.count > Self.keptBytes {
            buffer = [UInt8](repeating: 0, count: bound)
        }
        guard unsafe step(message, stream), used >= 4 else { return false }
        // A flush ends in the empty stored block 00 00 FF FF, which the receiver puts back.
        used -= 4
        return true
    }

    /// One call of `deflate` over the whole message; whether it took all of it.
    private mutating func step(
        _ message: Span<UInt8>, _ stream: UnsafeMutablePointer<z_stream>
    ) -> Bool {
        guard message.count <= UInt32.max, buffer.count <= UInt32.max else { return false }
        // Both buffers outlive the call, and zlib is given exactly the bytes that are in bounds.
        return unsafe message.withUnsafeBufferPointer { source in
            unsafe buffer.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(target.count)
                let result = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                used = unsafe target.count - Int(stream.pointee.avail_out)
                return unsafe result == Z_OK && stream.pointee.avail_out > 0
            }
        }
    }

    /// The stream, made on first use and reset for a new message; `nil` without memory.
    private mutating func readyStream() -> UnsafeMutablePointer<z_stream>? {
        if let stream = unsafe stream {
            unsafe deflateReset(stream)
            return unsafe stream
        }
        let made = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe made.initialize(to: z_stream())
        // Negative: raw deflate without zlib's own header.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let result = unsafe deflateInit2_(
            made, level, Z_DEFLATED, -windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard result == Z_OK else {
            unsafe made.deallocate()
            return nil
        }
        unsafe stream = made
        return unsafe made
    }
}
