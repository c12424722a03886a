// SPDX-License-Identifier: MIT

extension HTTPRequest {
    /// The number of field lines.
    package var fieldCount: Int { fields.count }

    /// The value of the first field called `name`, whatever the case; `nil` without one.
    public func value(of name: String) -> String? {
        fields.first { HTTPByte.equalIgnoringCase(head[$0.name], name.utf8) }
            .map { string($0.value) }
    }

    /// The values of all fields called `name`, whatever the case, in their order.
    public func values(of name: String) -> [String] {
        ranges(of: name).map(string)
    }

    /// Whether the comma-separated lists in the fields called `name` hold `token`, whatever the
    /// case.
    package func hasToken(_ token: String, in name: String) -> Bool {
        for range in ranges(of: name) {
            for element in head[range].split(separator: UInt8(ascii: ",")) {
                let trimmed = HTTPRequest.trimmed(element)
                if HTTPByte.equalIgnoringCase(trimmed, token.utf8) { return true }
            }
        }
        return false
    }

    /// The first value of `name` in the query, decoded; `nil` if it is missing or broken.
    public func queryValue(of name: String) -> String? {
        guard let queryRange else { return nil }
        for pair in head[queryRange].split(separator: UInt8(ascii: "&")) {
            let separator = pair.firstIndex(of: UInt8(ascii: "="))
            let key = pair[..<(separator ?? pair.endIndex)]
            guard PercentDecoding.query(key) == name else { continue }
            guard let separator else { return "" }
            return PercentDecoding.query(pair[(separator + 1)...])
        }
        return nil
    }

    /// Where the values of the fields called `name` are, in their order.
    func ranges(of name: String) -> [Range<Int>] {
        fields.compactMap {
            HTTPByte.equalIgnoringCase(head[$0.name], name.utf8) ? $0.value : nil
        }
    }

    /// A slice without optional white space at its ends.
    static func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = slice
        while let first = slice.first, HTTPByte.isWhitespace(first) { slice.removeFirst() }
        while let last = slice.last, HTTPByte.isWhitespace(last) { slice.removeLast() }
        return slice
    }
}
