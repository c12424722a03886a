// SPDX-License-Identifier: MIT

/// Which proxies are believed when they say on whose behalf they connect, and how they say it.
///
/// A proxy must say it in exactly the one way that is chosen here, and remove what clients pretend: what is
/// guessed can be forged.
public struct ProxyTrust: Sendable, Equatable {
    /// How a proxy names the client.
    public enum Header: Sendable, Equatable {
        /// In the field `X-Forwarded-For` of HTTP requests.
        case xForwardedFor
        /// In the field `Forwarded` of HTTP requests (RFC 7239).
        case forwarded
        /// In front of everything else, by the PROXY protocol, version 1 or 2. Connections of proxies without are
        /// refused.
        case proxyProtocol
    }

    /// The addresses of the proxies; connections from elsewhere are clients, whatever they say.
    public var ranges: [AddressRange]
    /// How they name the client.
    public var header: Header

    /// Makes a trust; by default in nobody.
    public init(ranges: [AddressRange] = [], header: Header = .xForwardedFor) {
        self.ranges = ranges
        self.header = header
    }

    /// Whether `address` is a proxy's.
    public func trusts(_ address: NetworkAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }

    /// Whether `address` (without port) is a proxy's; nobody's if it is no address.
    package func trusts(_ address: String) -> Bool {
        guard !ranges.isEmpty, let address = NetworkAddress(address) else { return false }
        return trusts(address)
    }

    /// The client at the far end of a row of proxies: from the near end, the first whom nobody here trusts.
    ///
    /// - Parameters:
    ///   - peer: who is connected.
    ///   - hops: what was said, the nearest last; `nil` for what is no address.
    /// - Returns: the client; as far as the row could be followed.
    package func client(_ peer: NetworkAddress, hops: [NetworkAddress?]) -> NetworkAddress {
        var client = peer
        for hop in hops.reversed() {
            guard trusts(client), let hop else { return client }
            client = hop
        }
        return client
    }
}
