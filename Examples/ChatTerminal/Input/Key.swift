// SPDX-License-Identifier: MIT

/// What a person did at the keyboard.
public enum Key: Equatable, Sendable {
    /// Characters were typed.
    case text(String)
    /// Text came from the clipboard.
    case paste(String)
    case enter
    /// A line break inside a message: Alt+Enter or Ctrl+J.
    case lineBreak
    case tab, backTab, backspace, delete, escape
    case left, right, up, down, home, end, pageUp, pageDown
    case wordLeft, wordRight, roomUp, roomDown
    /// With the Control key, in small letters.
    case control(Character)
    /// With the Alt key.
    case alt(Character)
    case function(Int)
}

/// Finds keys in the bytes that a terminal sends. They may come in any pieces.
public struct KeyParser: Sendable {
    /// The longest paste, in bytes; the rest is dropped.
    static let pasteBytes = 65_536
    private static let longestSequence = 32
    private var bytes: [UInt8] = []
    private var paste: [UInt8]?

    /// Makes one that has seen nothing.
    public init() {}

    /// Whether something has begun that may be complete as it is: call ``idle()`` if nothing follows soon.
    public var isWaiting: Bool { !bytes.isEmpty && paste == nil }

    /// Takes what came.
    public mutating func take(_ new: some Sequence<UInt8>) -> [Key] {
        bytes += new
        var keys: [Key] = []
        while let key = next() { if let key { keys.append(key) } }
        return keys
    }

    /// Nothing more came: the Escape key was pressed.
    public mutating func idle() -> [Key] {
        guard isWaiting else { return [] }
        defer { bytes = [] }
        return bytes == [0x1B] ? [.escape] : []
    }

    /// The outer nil: more has to come. The inner nil: something that is no key.
    private mutating func next() -> Key?? {
        if paste != nil { return pasted() }
        guard let first = bytes.first else { return nil }
        if first == 0x1B { return escaped() }
        if first < 0x20 || first == 0x7F {
            bytes.removeFirst()
            return .some(control(first))
        }
        return typed()
    }

    private mutating func typed() -> Key?? {
        let end = bytes.firstIndex { $0 < 0x20 || $0 == 0x7F } ?? bytes.count
        var whole = end
        if end == bytes.count {
            // The last character may be there in part.
            let start = bytes.indices.suffix(4).last { bytes[$0] >= 0xC0 }
            if let start, bytes[start] >= 0xC0 {
                let lead = bytes[start]
                let length = lead >= 0xF8 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
                if bytes.count - start < length { whole = start }
            }
        }
        guard whole > 0 else { return nil }
        let text = String(decoding: bytes[..<whole], as: UTF8.self)
        bytes.removeFirst(whole)
        return .some(.text(text))
    }

    private func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0D: .enter
        case 0x0A: .lineBreak
        case 0x09: .tab
        case 0x7F, 0x08: .backspace
        case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
        default: nil
        }
    }

    private mutating func escaped() -> Key?? {
        guard bytes.count > 1 else { return nil }
        switch bytes[1] {
        case UInt8(ascii: "["): return sequence()
        case UInt8(ascii: "O"):
            guard bytes.count > 2 else { return nil }
            let last = bytes[2]
            bytes.removeFirst(3)
            return .some(Self.letter(last, isShifted: false) ?? Self.functionKey(last))
        case 0x1B:
            bytes.removeFirst()
            return .some(.escape)
        case 0x0D, 0x0A:
            bytes.removeFirst(2)
            return .some(.lineBreak)
        case 0x7F, 0x08:
            bytes.removeFirst(2)
            return .some(.alt("\u{7F}"))
        case let byte where byte >= 0x20 && byte < 0x7F:
            bytes.removeFirst(2)
            return .some(.alt(Character(Unicode.Scalar(byte))))
        default:
            bytes.removeFirst()
            return .some(.escape)
        }
    }

    /// ESC [ numbers letter.
    private mutating func sequence() -> Key?? {
        guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            if bytes.count > Self.longestSequence { bytes = [] }
            return nil
        }
        let numbers = String(decoding: bytes[2..<end], as: UTF8.self).split(separator: ";")
            .compactMap { Int($0) }
        let last = bytes[end]
        bytes.removeFirst(end + 1)
        let modifier = numbers.count > 1 ? numbers[1] : 1
        if last != UInt8(ascii: "~") {
            return .some(Self.letter(last, isShifted: modifier > 2))
        }
        switch numbers.first {
        case 200:
            paste = []
            return .some(nil)
        case 1, 7: return .some(.home)
        case 3: return .some(.delete)
        case 4, 8: return .some(.end)
        case 5: return .some(.pageUp)
        case 6: return .some(.pageDown)
        case let number? where (11...15).contains(number): return .some(.function(number - 10))
        case let number? where (17...21).contains(number): return .some(.function(number - 11))
        default: return .some(nil)
        }
    }

    /// `isShifted`: with Alt or Control.
    private static func letter(_ letter: UInt8, isShifted: Bool) -> Key? {
        switch letter {
        case UInt8(ascii: "A"): isShifted ? .roomUp : .up
        case UInt8(ascii: "B"): isShifted ? .roomDown : .down
        case UInt8(ascii: "C"): isShifted ? .wordRight : .right
        case UInt8(ascii: "D"): isShifted ? .wordLeft : .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "Z"): .backTab
        default: nil
        }
    }

    private static func functionKey(_ letter: UInt8) -> Key? {
        (UInt8(ascii: "P")...UInt8(ascii: "S")).contains(letter)
            ? .function(Int(letter - UInt8(ascii: "P")) + 1) : nil
    }

    private mutating func pasted() -> Key?? {
        let mark = Array("\u{1B}[201~".utf8)
        var index = 0
        while index < bytes.count {
            let rest = bytes[index...]
            if rest.first == 0x1B {
                if rest.starts(with: mark) {
                    let text = String(decoding: paste ?? [], as: UTF8.self)
                    paste = nil
                    bytes.removeFirst(index + mark.count)
                    return .some(.paste(text))
                }
                if rest.count < mark.count, mark.starts(with: rest) { break }
            }
            if (paste?.count ?? 0) < Self.pasteBytes { paste?.append(bytes[index]) }
            index += 1
        }
        bytes.removeFirst(index)
        return nil
    }
}
