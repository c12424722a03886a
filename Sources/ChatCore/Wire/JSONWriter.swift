// SPDX-License-Identifier: MIT

/// Appends JSON to a byte buffer. Keys are written as given; commas are the writer's business.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    mutating func beginObject() {
        comma()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func beginArray() {
        comma()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func key(_ key: StaticString) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        append(key)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes JSON text as it is.
    mutating func raw(_ text: StaticString) {
        comma()
        append(text)
        needsComma = true
    }

    /// Writes JSON text as it is.
    mutating func raw(_ text: String) {
        comma()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    mutating func number(_ value: UInt64) {
        comma()
        digits(value)
        needsComma = true
    }

    mutating func number(_ value: Int) {
        if value >= 0 { return number(UInt64(value)) }
        comma()
        bytes.append(UInt8(ascii: "-"))
        digits(value.magnitude.uint64)
        needsComma = true
    }

    mutating func bool(_ value: Bool) { value ? raw("true") : raw("false") }

    /// Writes a text that needs no escaping (ids, codes, enumerated names).
    mutating func plain(_ text: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func room(_ id: RoomID) { identifier("r_", id.rawValue) }

    mutating func user(_ id: UserID) { identifier("u_", id.rawValue) }

    mutating func time(_ time: Timestamp) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        time.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes a text in quotes; runs of ordinary bytes are copied at once.
    mutating func string(_ text: String) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        let isContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { source in
            var runStart = 0
            var index = 0
            while index < source.count {
                let byte = unsafe source[index]
                if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                    index += 1
                    continue
                }
                unsafe bytes.append(contentsOf: source[runStart..<index])
                escape(byte)
                index += 1
                runStart = index
            }
            unsafe bytes.append(contentsOf: source[runStart..<index])
        }
        if isContiguous == nil {
            for byte in text.utf8 {
                if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                    bytes.append(byte)
                } else {
                    escape(byte)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            append("u00")
            let digits: StaticString = "0123456789abcdef"
            unsafe bytes.append(digits.utf8Start[Int(byte >> 4)])
            unsafe bytes.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    private mutating func identifier(_ prefix: StaticString, _ value: UInt64) {
        comma()
        bytes.append(UInt8(ascii: "\""))
        append(prefix)
        Base32.appendDigits(of: value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func digits(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func append(_ text: StaticString) {
        for index in 0..<text.utf8CodeUnitCount { unsafe bytes.append(text.utf8Start[index]) }
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }
}

extension UInt {
    fileprivate var uint64: UInt64 { UInt64(self) }
}
