// SPDX-License-Identifier: MIT

import Glibc

/// A JSON value inside received bytes, looked into without being copied. For the few messages that are not
/// plain deliveries; what is not JSON reads as if it were not there.
struct JSONSlice {
    let start: UnsafePointer<UInt8>
    let count: Int

    /// The value of `key` in this object.
    subscript(_ key: StaticString) -> JSONSlice? {
        var found: JSONSlice?
        forEachPart(open: UInt8(ascii: "{")) { name, value in
            guard found == nil, let name, name.count == key.utf8CodeUnitCount else { return }
            if memcmp(name.start, key.utf8Start, name.count) == 0 { found = value }
        }
        return found
    }

    /// The elements of this array.
    var elements: [JSONSlice] {
        var all: [JSONSlice] = []
        forEachPart(open: UInt8(ascii: "[")) { _, value in all.append(value) }
        return all
    }

    /// This number, if it is one without sign and fraction.
    var number: UInt64? {
        guard count > 0, count < 20 else { return nil }
        var value: UInt64 = 0
        for index in 0..<count {
            let digit = start[index] &- 48
            guard digit < 10 else { return nil }
            value = value * 10 + UInt64(digit)
        }
        return value
    }

    /// What stands between the quotes of this string, escapes as they are.
    var content: JSONSlice? {
        guard count >= 2, start[0] == UInt8(ascii: "\"") else { return nil }
        return JSONSlice(start: start + 1, count: count - 2)
    }

    func isString(_ text: StaticString) -> Bool {
        guard let content, content.count == text.utf8CodeUnitCount else { return false }
        return memcmp(content.start, text.utf8Start, content.count) == 0
    }

    var text: String {
        String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A number that stands for these bytes (FNV-1a): rooms are told apart by it.
    var hash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<count { hash = (hash ^ UInt64(start[index])) &* 0x100_0000_01B3 }
        return hash
    }

    private func forEachPart(
        open: UInt8, _ body: (_ name: JSONSlice?, _ value: JSONSlice) -> Void
    ) {
        var at = skipSpace(0)
        guard at < count, start[at] == open else { return }
        at = skipSpace(at + 1)
        while at < count, start[at] != UInt8(ascii: "}"), start[at] != UInt8(ascii: "]") {
            var name: JSONSlice?
            if open == UInt8(ascii: "{") {
                let end = endOfValue(at)
                name = JSONSlice(start: start + at, count: end - at).content
                at = skipSpace(end)
                guard at < count, start[at] == UInt8(ascii: ":") else { return }
                at = skipSpace(at + 1)
            }
            let end = endOfValue(at)
            guard end > at else { return }
            body(name, JSONSlice(start: start + at, count: end - at))
            at = skipSpace(end)
            guard at < count, start[at] == UInt8(ascii: ",") else { return }
            at = skipSpace(at + 1)
        }
    }

    private func skipSpace(_ from: Int) -> Int {
        var at = from
        while at < count, start[at] <= 0x20 { at += 1 }
        return at
    }

    /// Where the value at `from` is over: brackets are counted, strings passed over.
    private func endOfValue(_ from: Int) -> Int {
        var at = from
        var depth = 0
        while at < count {
            switch start[at] {
            case UInt8(ascii: "\""):
                at += 1
                while at < count, start[at] != UInt8(ascii: "\"") {
                    at += start[at] == UInt8(ascii: "\\") ? 2 : 1
                }
                if depth == 0 { return min(at + 1, count) }
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return at }
                depth -= 1
                if depth == 0 { return at + 1 }
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0...0x20:
                if depth == 0 { return at }
            default: break
            }
            at += 1
        }
        return count
    }
}
