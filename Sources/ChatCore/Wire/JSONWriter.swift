// SPDX-License-Identifier: MIT

/// Writes JSON. Keys are written as given; commas are the writer's business.
struct JSONWriter: ~Copyable {
    private var output: ByteWriter
    private var copy: [UInt8] = []
    private var needsComma = false
    /// The second that was written last, and its text up to the point: events of one second share it.
    private var second = Int64.min
    private var secondText: [UInt8] = []

    init(capacity: Int = 256) { output = ByteWriter(capacity: capacity) }

    /// What was written, as a copy.
    var bytes: [UInt8] { output.array }

    /// The same in an array that is used again, if nobody has kept it by then: allocates nothing but to grow.
    mutating func reusedBytes() -> [UInt8] {
        if output.count > ByteWriter.keptBytes { return output.array }
        copy.removeAll(keepingCapacity: true)
        output.copy(to: &copy)
        return copy
    }

    mutating func reset() {
        output.reset()
        needsComma = false
    }

    mutating func beginObject() {
        comma()
        output.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func beginArray() {
        comma()
        output.append(UInt8(ascii: "["))
        needsComma = false
    }

    mutating func endArray() {
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func key(_ key: StaticString) {
        output.append(key: key, comma: needsComma)
        needsComma = false
    }

    /// Writes JSON text as it is.
    mutating func raw(_ text: StaticString) {
        comma()
        output.append(text)
        needsComma = true
    }

    /// Writes JSON text as it is.
    mutating func raw(_ text: String) {
        comma()
        output.append(text)
        needsComma = true
    }

    mutating func number(_ value: UInt64) {
        comma()
        output.append(decimal: value)
        needsComma = true
    }

    mutating func number(_ value: Int) {
        comma()
        if value < 0 { output.append(UInt8(ascii: "-")) }
        output.append(decimal: UInt64(value.magnitude))
        needsComma = true
    }

    mutating func bool(_ value: Bool) { value ? raw("true") : raw("false") }

    /// Writes a text that needs no escaping (ids, codes, enumerated names).
    mutating func plain(_ text: String) {
        comma()
        output.append(UInt8(ascii: "\""))
        output.append(text)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func room(_ id: RoomID) { identifier("\"r_", id.rawValue) }

    mutating func user(_ id: UserID) { identifier("\"u_", id.rawValue) }

    mutating func time(_ time: Timestamp) {
        comma()
        output.append(UInt8(ascii: "\""))
        let wanted = time.second
        if wanted != second {
            secondText.removeAll(keepingCapacity: true)
            time.append(to: &secondText)
            secondText.removeLast(4)  // "678Z"
            second = wanted
        }
        unsafe secondText.withUnsafeBytes { unsafe output.append($0) }
        let rest = time.millisecondOfSecond
        output.append(UInt8(ascii: "0") + UInt8(rest / 100))
        output.append(UInt8(ascii: "0") + UInt8(rest / 10 % 10))
        output.append(UInt8(ascii: "0") + UInt8(rest % 10))
        output.append("Z\"")
        needsComma = true
    }

    /// Writes a text in quotes; runs of ordinary bytes are copied at once.
    mutating func string(_ text: String) {
        comma()
        output.append(UInt8(ascii: "\""))
        let isContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe escaped(UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil {
            let copy = Array(text.utf8)
            unsafe copy.withUnsafeBytes { unsafe escaped($0) }
        }
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func escaped(_ source: UnsafeRawBufferPointer) {
        var index = 0
        while true {
            unsafe index = output.appendPlain(source, from: index)
            if index == source.count { return }
            unsafe escape(source[index])
            index += 1
        }
    }

    private mutating func escape(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        case 0x09: output.append(UInt8(ascii: "t"))
        default:
            output.append("u00")
            let digits: StaticString = "0123456789abcdef"
            unsafe output.append(digits.utf8Start[Int(byte >> 4)])
            unsafe output.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    private mutating func identifier(_ prefix: StaticString, _ value: UInt64) {
        comma()
        output.append(prefix)
        output.append(base32: value)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inline(__always)
    private mutating func comma() {
        if needsComma { output.append(UInt8(ascii: ",")) }
    }
}
