// SPDX-License-Identifier: MIT

/// Writes JSON. Keys are written as given; commas are the writer's business.
package struct JSONWriter: ~Copyable {
    private var output: ByteWriter
    private var copy: [UInt8] = []
    private var needsComma = false
    /// The second that was written last, and its text up to the point: events of one second share it.
    private var second = Int64.min
    private var secondText = InlineArray<20, UInt8>(repeating: 0)

    package init(capacity: Int = 256) { output = ByteWriter(capacity: capacity) }

    /// What was written, as a copy.
    package var bytes: [UInt8] { output.array }

    /// The same in an array that is used again, if nobody has kept it by then: allocates nothing but to grow.
    mutating func reusedBytes() -> [UInt8] {
        if output.count > ByteWriter.keptBytes { return output.array }
        copy.removeAll(keepingCapacity: true)
        output.copy(to: &copy)
        return copy
    }

    package mutating func reset() {
        output.reset()
        needsComma = false
    }

    package mutating func beginObject() {
        comma()
        output.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func beginArray() {
        comma()
        output.append(UInt8(ascii: "["))
        needsComma = false
    }

    package mutating func endArray() {
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    package mutating func key(_ key: StaticString) {
        output.append(key: key, comma: needsComma)
        needsComma = false
    }

    /// Writes a key that is not known at compile time.
    package mutating func key(name: String) {
        string(name)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes JSON text as it is.
    package mutating func raw(_ text: StaticString) {
        comma()
        output.append(constant: text)
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

    package mutating func number(_ value: Int) {
        comma()
        if value < 0 { output.append(UInt8(ascii: "-")) }
        output.append(decimal: UInt64(value.magnitude))
        needsComma = true
    }

    package mutating func bool(_ value: Bool) { value ? raw("true") : raw("false") }

    /// Writes a text that needs no escaping (ids, codes, enumerated names).
    mutating func plain(_ text: String) {
        comma()
        output.append(UInt8(ascii: "\""))
        output.append(text)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func room(_ id: RoomID) { identifier("\"r_", id.rawValue) }

    package mutating func user(_ id: UserID) { identifier("\"u_", id.rawValue) }

    package mutating func time(_ time: Timestamp) {
        comma()
        output.append(UInt8(ascii: "\""))
        append(time)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func append(_ time: Timestamp) {
        let wanted = time.second
        if wanted != second {
            var text: [UInt8] = []
            time.append(to: &text)
            guard text.count == secondText.count + 4 else {  // a year before 0 or after 9999
                return unsafe text.withUnsafeBytes { unsafe output.append($0) }
            }
            for index in secondText.indices { secondText[index] = text[index] }
            second = wanted
        }
        output.append(secondText)
        output.append(milliseconds: time.millisecondOfSecond)
    }

    /// Writes a text in quotes; runs of ordinary bytes are copied at once.
    package mutating func string(_ text: String) {
        comma()
        output.append(UInt8(ascii: "\""))
        escaped(text)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inline(__always)
    private mutating func escaped(_ text: String) {
        let isContiguous: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
            unsafe escaped(UnsafeRawBufferPointer($0))
        }
        if isContiguous == nil {
            let copy = Array(text.utf8)
            unsafe copy.withUnsafeBytes { unsafe escaped($0) }
        }
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
            output.append(constant: "u00")
            let digits: StaticString = "0123456789abcdef"
            unsafe output.append(digits.utf8Start[Int(byte >> 4)])
            unsafe output.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    private mutating func identifier(_ prefix: StaticString, _ value: UInt64) {
        comma()
        output.append(constant: prefix)
        output.append(base32: value)
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    @inline(__always)
    private mutating func comma() {
        if needsComma { output.append(UInt8(ascii: ",")) }
    }
}

// What every event of a log has: fewer, longer pieces, their commas and quotes included.
extension JSONWriter {
    /// Begins an object up to the time.
    ///
    /// - Parameter opening: the brace and all up to the room's number: `{"type":"message","room":"r_`.
    mutating func beginEvent(
        _ opening: StaticString, room: RoomID, seq: SequenceNumber, at time: Timestamp
    ) {
        comma()
        output.append(constant: opening)
        output.append(base32: room.rawValue)
        output.append(constant: "\",\"seq\":")
        output.append(decimal: seq.rawValue)
        output.append(constant: ",\"at\":\"")
        append(time)
        output.append(constant: "\"")
        needsComma = true
    }

    /// Writes who did it, behind another member.
    mutating func sender(_ id: UserID, _ name: String) {
        output.append(constant: ",\"from\":{\"id\":\"u_")
        output.append(base32: id.rawValue)
        output.append(constant: "\",\"name\":\"")
        escaped(name)
        output.append(constant: "\"}")
    }

    /// Writes a text behind another member.
    ///
    /// - Parameter opening: comma, key, colon and quote: `,"text":"`.
    mutating func member(_ opening: StaticString, _ text: String) {
        output.append(constant: opening)
        escaped(text)
        output.append(UInt8(ascii: "\""))
    }
}
