// SPDX-License-Identifier: MIT

/// Bytes under construction, in memory that is kept for the next text.
///
/// An array asks for each byte whether somebody shares it; here an append is a comparison and a copy. What is
/// finished is copied out, once and at its exact size.
@safe
struct ByteWriter: ~Copyable {
    /// More than this is given back after use, so that one long answer does not keep its memory.
    static let keptBytes = 65_536
    /// How many bytes a run may be written beyond its end, because it is copied in whole words.
    private static let slack = 8

    // Owned: made here, freed in `deinit`, and never handed out but inside a call.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private let smallest: Int
    /// How many bytes there are.
    private(set) var count = 0

    init(capacity: Int) {
        smallest = max(capacity, Self.slack)
        self.capacity = smallest
        unsafe memory = .allocate(byteCount: smallest, alignment: Self.slack)
    }

    deinit { unsafe memory.deallocate() }

    /// A copy of what was written.
    var array: [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: memory, count: count))
    }

    /// Appends a copy of what was written.
    func copy(to bytes: inout [UInt8]) {
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: memory, count: count))
    }

    mutating func reset() {
        count = 0
        if capacity <= Self.keptBytes { return }
        unsafe memory.deallocate()
        capacity = smallest
        unsafe memory = .allocate(byteCount: smallest, alignment: Self.slack)
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        unsafe memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a key in quotes with its colon, behind a comma if one is needed.
    mutating func append(key: StaticString, comma: Bool) {
        let length = key.utf8CodeUnitCount
        reserve(length + 4)
        if comma {
            unsafe memory.storeBytes(
                of: UInt8(ascii: ","), toByteOffset: count, as: UInt8.self)
            count += 1
        }
        unsafe memory.storeBytes(of: UInt8(ascii: "\""), toByteOffset: count, as: UInt8.self)
        // A key's bytes are constant and there is room for all of them.
        unsafe memory.advanced(by: count + 1).copyMemory(from: key.utf8Start, byteCount: length)
        count += length + 1
        unsafe memory.storeBytes(
            of: UInt16(littleEndian: 0x3A22), toByteOffset: count, as: UInt16.self)  // ":
        count += 2
    }

    /// Appends a text as it is.
    mutating func append(_ text: String) {
        let isContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe append(UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil { for byte in text.utf8 { append(byte) } }
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        // Both are at least as long as what is copied; the source is not this memory.
        if let source = bytes.baseAddress {
            unsafe memory.advanced(by: count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    /// Appends the bytes of `source` from `start` on up to the first that JSON wants escaped.
    ///
    /// - Returns: the index of that byte, or the end.
    mutating func appendPlain(_ source: UnsafeRawBufferPointer, from start: Int) -> Int {
        reserve(source.count - start + Self.slack)
        var index = start
        // Eight at a time: a word is copied whole, and counts up to the first byte that is special.
        while index + 8 <= source.count {
            let word = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe memory.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
            let special = JSONText.special(word)
            let plain = special == 0 ? 8 : special.trailingZeroBitCount / 8
            index += plain
            count += plain
            if special != 0 { return index }
        }
        while index < source.count {
            let byte = unsafe source[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            unsafe memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            index += 1
            count += 1
        }
        return index
    }

    /// Appends a number in decimal.
    mutating func append(decimal value: UInt64) {
        var digits = 1
        var bound: UInt64 = 10
        while value >= bound {
            digits += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        reserve(digits)
        var rest = value
        var place = count + digits
        while place > count {
            place -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe memory.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: place,
                as: UInt8.self)
            rest = quotient
        }
        count += digits
    }

    /// Appends the thirteen base-32 digits of an identity.
    mutating func append(base32 value: UInt64) {
        reserve(13)
        var rest = value
        for place in stride(from: 12, through: 0, by: -1) {
            unsafe memory.storeBytes(
                of: Base32.digit(rest & 31), toByteOffset: count + place, as: UInt8.self)
            rest >>= 5
        }
        count += 13
    }

    @inline(__always)
    private mutating func reserve(_ bytes: Int) {
        if capacity - count < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        let larger = max(capacity * 2, count + bytes)
        let copy = UnsafeMutableRawPointer.allocate(
            byteCount: larger, alignment: Self.slack)
        unsafe copy.copyMemory(from: memory, byteCount: count)
        unsafe memory.deallocate()
        unsafe memory = copy
        capacity = larger
    }
}
