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

    /// Appends a text that is known at compile time. (The label keeps literals from being texts of the heap.)
    @inline(__always)
    mutating func append(constant text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        // A constant's bytes stay where they are, and there is room for all of them.
        unsafe memory.advanced(by: count).copyMemory(from: text.utf8Start, byteCount: length)
        count &+= length
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
        guard let from = source.baseAddress else { return source.count }
        // Loads end where the source does, stores within the slack. Two words at a time, then one, then the
        // last eight bytes once more without what was seen: zeros come behind them, which are special.
        let target = unsafe memory + count
        var index = start
        while index <= source.count &- 16 {
            let first = unsafe from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let second = unsafe from.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
            if JSONText.special(first) | JSONText.special(second) != 0 { break }
            let place = index &- start
            unsafe target.storeBytes(of: first, toByteOffset: place, as: UInt64.self)
            unsafe target.storeBytes(of: second, toByteOffset: place &+ 8, as: UInt64.self)
            index &+= 16
        }
        var found: UInt64 = 0
        while found == 0, index <= source.count &- 8 {
            let word = unsafe from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe target.storeBytes(of: word, toByteOffset: index &- start, as: UInt64.self)
            found = JSONText.special(word)
            if found == 0 { index &+= 8 }
        }
        let rest = source.count &- index
        if found == 0, rest > 0 {
            let word = unsafe Self.last(rest, of: source)
            unsafe target.storeBytes(of: word, toByteOffset: index &- start, as: UInt64.self)
            found = JSONText.special(word)
        }
        if found != 0 { index &+= min(found.trailingZeroBitCount / 8, rest) }
        count &+= index &- start
        return index
    }

    /// The last `rest` bytes of `source`, at most seven, as a word that begins with them.
    @inline(__always)
    private static func last(_ rest: Int, of source: UnsafeRawBufferPointer) -> UInt64 {
        if source.count >= 8 {
            let word = unsafe source.loadUnaligned(
                fromByteOffset: source.count &- 8, as: UInt64.self)
            let seen = UInt64(truncatingIfNeeded: 8 &* (8 &- rest))
            return (UInt64(littleEndian: word) &>> seen).littleEndian
        }
        var word: UInt64 = 0
        for index in 0..<rest {
            let byte = unsafe UInt64(source[source.count - rest + index])
            word |= byte << UInt64(8 * index)
        }
        return word.littleEndian
    }

    /// Appends the text of a second.
    @inline(__always)
    mutating func append(_ second: InlineArray<20, UInt8>) {
        reserve(20)
        // The memory has no holes and any alignment.
        unsafe (memory + count).storeBytes(of: second, as: InlineArray<20, UInt8>.self)
        count += 20
    }

    /// Appends the milliseconds of a second, 0 to 999, and the letter of UTC.
    @inline(__always)
    mutating func append(milliseconds: Int64) {
        reserve(4)
        let number = UInt32(truncatingIfNeeded: milliseconds)
        let digits = number / 100 | (number / 10 % 10) << 8 | (number % 10) << 16
        unsafe (memory + count).storeBytes(
            of: (digits | 0x5A30_3030).littleEndian, as: UInt32.self)  // 000Z
        count += 4
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
        // Two words that overlap: the first eight digits, and over the last three of them the last eight.
        let digits = Base32.digits(value)
        unsafe memory.storeBytes(of: digits[0].bigEndian, toByteOffset: count, as: UInt64.self)
        unsafe memory.storeBytes(of: digits[1].bigEndian, toByteOffset: count + 5, as: UInt64.self)
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
