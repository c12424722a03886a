// SPDX-License-Identifier: MIT

/// One element of Sec-WebSocket-Extensions: a name with parameters (RFC 6455 section 9.1).
struct ExtensionOffer: Equatable {
    /// A parameter, `name` or `name=value`; the value without its quotes.
    struct Parameter: Equatable {
        var name: String
        var value: String?
    }

    var name: String
    var parameters: [Parameter] = []

    /// Reads a field's value, or `nil` if it does not follow the grammar.
    ///
    /// The caller's limit on the request head bounds the work and the result.
    static func parse(_ value: ArraySlice<UInt8>) -> [ExtensionOffer]? {
        var scanner = TokenScanner(bytes: value)
        var offers: [ExtensionOffer] = []
        repeat {
            // RFC 9110 section 5.6.1: empty list elements are to be tolerated.
            if scanner.skipsEmptyElement() { continue }
            guard let offer = parseOffer(&scanner) else { return nil }
            offers.append(offer)
        } while scanner.take(UInt8(ascii: ","))
        return scanner.isAtEnd ? offers : nil
    }

    /// Reads one element.
    private static func parseOffer(_ scanner: inout TokenScanner) -> ExtensionOffer? {
        guard let name = scanner.token() else { return nil }
        var offer = ExtensionOffer(name: name)
        while scanner.take(UInt8(ascii: ";")) {
            guard let name = scanner.token() else { return nil }
            var parameter = Parameter(name: name)
            if scanner.take(UInt8(ascii: "=")) {
                guard let value = scanner.tokenOrQuoted() else { return nil }
                parameter.value = value
            }
            offer.parameters.append(parameter)
        }
        return offer
    }
}

/// Reads the tokens and separators of a header value; optional white space is skipped before each.
struct TokenScanner {
    private var bytes: ArraySlice<UInt8>

    init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// Whether only white space is left.
    var isAtEnd: Bool { bytes.allSatisfy(HTTPByte.isWhitespace) }

    /// Takes `separator` if it comes next.
    mutating func take(_ separator: UInt8) -> Bool {
        skipWhitespace()
        guard bytes.first == separator else { return false }
        bytes.removeFirst()
        return true
    }

    /// Whether the next list element is empty.
    mutating func skipsEmptyElement() -> Bool {
        skipWhitespace()
        return bytes.isEmpty || bytes.first == UInt8(ascii: ",")
    }

    /// Takes a token, or `nil` if none comes next.
    mutating func token() -> String? {
        skipWhitespace()
        let token = bytes.prefix(while: HTTPByte.isToken)
        guard !token.isEmpty else { return nil }
        bytes = bytes[token.endIndex...]
        return String(decoding: token, as: UTF8.self)
    }

    /// Takes a token or a quoted string whose content is a token (RFC 6455 section 9.1).
    mutating func tokenOrQuoted() -> String? {
        guard take(UInt8(ascii: "\"")) else { return token() }
        var content: [UInt8] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                guard !content.isEmpty, content.allSatisfy(HTTPByte.isToken) else { return nil }
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = bytes.popFirst() else { return nil }
                content.append(escaped)
            default: content.append(byte)
            }
        }
        return nil
    }

    private mutating func skipWhitespace() {
        bytes = bytes.drop(while: HTTPByte.isWhitespace)
    }
}
