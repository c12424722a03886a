// SPDX-License-Identifier: MIT

/// A parameter with one element per row of a batch, encoded at once: the way of most messages.
///
/// ``PostgresValue/ints(_:)`` and ``PostgresValue/texts(_:)`` make two arrays of each.
struct PostgresArray {
    /// The types by which arrays name their elements (catalogue `pg_type`).
    enum TypeID: Int32 {
        case bytea = 17
        case int8 = 20
    }

    private(set) var bytes: [UInt8]

    /// Numbers.
    ///
    /// - Parameters:
    ///   - count: how many, at least 1.
    ///   - number: each of them.
    init(count: Int, number: (Int) -> Int64) {
        let size = Self.headBytes + 12 * count
        bytes = unsafe Array(unsafeUninitializedCapacity: size) { buffer, initialized in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            unsafe Self.storeHead(.int8, count, raw)
            for index in 0..<count {
                let offset = Self.headBytes + 12 * index
                unsafe raw.storeBytes(of: Int32(8).bigEndian, toByteOffset: offset, as: Int32.self)
                unsafe raw.storeBytes(
                    of: number(index).bigEndian, toByteOffset: offset + 4, as: Int64.self)
            }
            initialized = size
        }
    }

    /// An empty array of texts, which are added one after the other.
    ///
    /// - Parameters:
    ///   - count: how many there will be, at least 1.
    ///   - bytesPerText: about how long they are.
    init(texts count: Int, bytesPerText: Int) {
        bytes = Array(repeating: 0, count: Self.headBytes)
        unsafe bytes.withUnsafeMutableBytes { unsafe Self.storeHead(.bytea, count, $0) }
        bytes.reserveCapacity(Self.headBytes + (4 + bytesPerText) * count)
    }

    /// Adds a text, or NULL.
    mutating func append(_ text: String?) {
        guard let text else { return append(Int32(-1)) }
        append(Int32(clamping: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(_ length: Int32) {
        unsafe withUnsafeBytes(of: length.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Number of dimensions, whether there may be NULLs, type, number of elements, number of the first.
    private static let headBytes = 20

    private static func storeHead(
        _ type: TypeID, _ count: Int, _ raw: UnsafeMutableRawBufferPointer
    ) {
        for (index, number) in [1, 1, type.rawValue, Int32(clamping: count), 1].enumerated() {
            unsafe raw.storeBytes(of: number.bigEndian, toByteOffset: 4 * index, as: Int32.self)
        }
    }
}
