// SPDX-License-Identifier: MIT

/// What was agreed on for permessage-deflate (RFC 7692 section 7).
///
/// Both directions always go without context takeover: a connection keeps no window, and one
/// compressor per reactor thread serves all. The client's window size needs no agreement, because
/// our inflater always takes the largest.
package struct DeflateAgreement: Sendable, Equatable {
    /// The name of the extension.
    static let extensionName = "permessage-deflate"

    /// The base-2 logarithm of the largest window that the server may use, 9 to 15.
    package let serverWindowBits: Int
    /// Whether the client asked for a smaller window, so that the answer has to confirm it.
    let confirmsWindowBits: Bool

    /// The element of Sec-WebSocket-Extensions that accepts the offer.
    var headerValue: String {
        let window = confirmsWindowBits ? "; server_max_window_bits=\(serverWindowBits)" : ""
        return "\(Self.extensionName); server_no_context_takeover; client_no_context_takeover"
            + window
    }

    /// Accepts the first offer that can be met; `nil` declines them all.
    static func negotiate(_ offers: [ExtensionOffer]) -> DeflateAgreement? {
        for offer in offers where offer.name == extensionName {
            if let agreement = DeflateAgreement(offer) { return agreement }
        }
        return nil
    }

    /// Reads an offer; `nil` for an unknown, repeated or invalid parameter (section 7.1).
    private init?(_ offer: ExtensionOffer) {
        var seen: Set<String> = []
        var serverWindowBits: Int?
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch parameter.name {
            case "server_no_context_takeover", "client_no_context_takeover":
                guard parameter.value == nil else { return nil }
            case "server_max_window_bits":
                // zlib's raw deflate has no window of 2^8 bytes, so an offer that insists on it is
                // declined.
                guard let bits = Self.windowBits(parameter.value), bits >= 9 else { return nil }
                serverWindowBits = bits
            case "client_max_window_bits":
                guard parameter.value == nil || Self.windowBits(parameter.value) != nil else {
                    return nil
                }
            default: return nil
            }
        }
        self.serverWindowBits = serverWindowBits ?? 15
        confirmsWindowBits = serverWindowBits != nil
    }

    /// Reads 8 to 15 without leading zeros (section 7.1.2); `nil` for anything else.
    private static func windowBits(_ text: String?) -> Int? {
        (8...15).first { String($0) == text }
    }
}
