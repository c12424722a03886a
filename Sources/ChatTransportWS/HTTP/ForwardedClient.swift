// SPDX-License-Identifier: MIT

import ChatCore

/// Who is at the far end, by what trusted proxies say in the fields of a request.
///
/// Pure. What cannot be read ends the row of proxies: whoever wrote it is not believed.
enum ForwardedClient {
    /// The most hops that are looked at, from the near end.
    static let hops = 32

    /// The client's address.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - peer: who is connected, without port.
    ///   - trust: which proxies are believed.
    /// - Returns: the address; `nil` if the peer is no trusted proxy, which then is the client.
    static func address(_ request: HTTPRequest, peer: String, _ trust: ProxyTrust?) -> String? {
        guard let trust, let near = NetworkAddress(peer), trust.trusts(near) else { return nil }
        let hops: [NetworkAddress?]
        switch trust.header {
        case .proxyProtocol: return nil
        case .xForwardedFor:
            hops = request.values(of: "x-forwarded-for").flatMap(listed)
        case .forwarded:
            hops = request.values(of: "forwarded").flatMap(forwarded)
        }
        return trust.client(near, hops: Array(hops.suffix(Self.hops))).description
    }

    /// The elements of X-Forwarded-For: addresses, some with a port.
    static func listed(_ value: String) -> [NetworkAddress?] {
        value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            address(HTTPRequest.trimmed(Array($0)[...]))
        }
    }

    /// The `for` of each element of Forwarded (RFC 7239, section 4).
    static func forwarded(_ value: String) -> [NetworkAddress?] {
        split(Array(value.utf8)[...], at: UInt8(ascii: ",")).map { element in
            var found: NetworkAddress?
            var count = 0
            for pair in split(element, at: UInt8(ascii: ";")) {
                let pair = HTTPRequest.trimmed(pair)
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    HTTPByte.equalIgnoringCase(pair[..<equals], "for".utf8)
                else { continue }
                count += 1
                found = node(pair[(equals + 1)...])
            }
            // Two of them in one element: nobody knows which one is meant.
            return count == 1 ? found : nil
        }
    }

    /// A node in quotes or without. `unknown` and made-up names are no addresses.
    private static func node(_ text: ArraySlice<UInt8>) -> NetworkAddress? {
        let quote = UInt8(ascii: "\"")
        guard text.first == quote else { return address(text) }
        guard text.count >= 2, text.last == quote else { return nil }
        let inner = text.dropFirst().dropLast()
        return inner.contains(quote) || inner.contains(UInt8(ascii: "\\")) ? nil : address(inner)
    }

    /// An address with or without port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
    private static func address(_ text: ArraySlice<UInt8>) -> NetworkAddress? {
        var text = text
        let colon = UInt8(ascii: ":")
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            guard isPort(text[(end + 1)...]) else { return nil }
            text = text[...end]
        } else if let first = text.firstIndex(of: colon), text.lastIndex(of: colon) == first {
            guard isPort(text[first...]) else { return nil }
            text = text[..<first]
        }
        return NetworkAddress(String(decoding: text, as: UTF8.self))
    }

    /// Nothing, or a colon and up to five digits.
    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard let colon = text.first else { return true }
        let digits = text.dropFirst()
        return colon == UInt8(ascii: ":") && (1...5).contains(digits.count)
            && digits.allSatisfy(HTTPByte.isDigit)
    }

    /// Splits outside of quotes.
    private static func split(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>]
    {
        var parts: [ArraySlice<UInt8>] = []
        var isQuoted = false
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            if isQuoted, byte == UInt8(ascii: "\\") {
                index = min(index + 2, text.endIndex)
                continue
            }
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == separator, !isQuoted {
                parts.append(text[start..<index])
                start = index + 1
            }
            index += 1
        }
        parts.append(text[start..<text.endIndex])
        return parts
    }
}

extension HTTPResponse {
    /// What somebody over a cap is told who has not upgraded.
    static func refusal(_ code: CloseCode) -> HTTPResponse {
        code == .tooManyFromAddress
            ? .text(.tooManyRequests, "too_many_from_address: close other connections first.")
            : .text(.unavailable, "\(code.name): come back in a moment.")
    }
}
