// SPDX-License-Identifier: MIT

/// Which part of a file is asked for (RFC 9110 section 14).
public enum ByteRange: Sendable, Equatable {
    /// All of it.
    case whole
    /// These bytes.
    case part(Range<Int64>)
    /// None of it is in the file: 416.
    case unsatisfiable

    /// Reads the field `Range`.
    ///
    /// What is not understood counts as absent, as the RFC wants it; so do several ranges, which a server may ignore.
    ///
    /// - Parameters:
    ///   - field: its value; `nil` if there is none.
    ///   - length: of the file.
    public init(_ field: String?, length: Int64) {
        self = field.flatMap { Self.read($0, length: length) } ?? .whole
    }

    private static func read(_ field: String, length: Int64) -> ByteRange? {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, trimmed(parts[0]).lowercased() == "bytes" else { return nil }
        let ends = trimmed(parts[1]).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        let (first, last) = (trimmed(ends[0]), trimmed(ends[1]))
        if first.isEmpty {
            guard let count = number(last) else { return nil }
            if count == 0 || length == 0 { return .unsatisfiable }
            return .part(max(0, length - count)..<length)
        }
        guard let start = number(first) else { return nil }
        var end = length
        if !last.isEmpty {
            guard let place = number(last), place >= start else { return nil }
            end = min(length, place == .max ? .max : place + 1)
        }
        return start < length ? .part(start..<end) : .unsatisfiable
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// Digits only; a number too large for a file is the largest.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }
}

/// The hash of a file as the name of its state (RFC 9110 section 8.8.3). It is strong: the bytes never change.
public struct EntityTag: Sendable, Equatable, CustomStringConvertible {
    /// As it stands in `ETag`.
    public let description: String

    /// Makes the tag of a file with that hash.
    public init(sha256: String) { description = "\"\(sha256)\"" }

    /// Whether `If-None-Match` names it; a weak tag is as good here.
    public func matches(ifNoneMatch field: String?) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { item in
            var tag = item.drop { $0 == " " || $0 == "\t" }
            while let last = tag.last, last == " " || last == "\t" { tag.removeLast() }
            if tag == "*" { return true }
            return (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == description
        }
    }

    /// Whether `If-Range` lets a range pass: without the field, or with this very tag. A date never does: none is told.
    public func matches(ifRange field: String?) -> Bool { field == nil || field == description }
}
