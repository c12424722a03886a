// SPDX-License-Identifier: MIT

/// What the server offers to those who want to upgrade.
package struct UpgradePolicy: Sendable, Equatable {
    /// Which web pages may connect.
    package var origins: WebSocketOriginPolicy
    /// The subprotocols that are spoken.
    package var subprotocols: [String]
    /// Whether permessage-deflate may be agreed on.
    package var allowsDeflate: Bool

    /// Makes a policy; by default for pages of the same host.
    package init(
        origins: WebSocketOriginPolicy = .sameHost, subprotocols: [String] = ["chat.v1.json"],
        allowsDeflate: Bool = true
    ) {
        self.origins = origins
        self.subprotocols = subprotocols
        self.allowsDeflate = allowsDeflate
    }
}

/// An accepted upgrade.
package struct UpgradeAgreement: Sendable, Equatable {
    /// The subprotocol; `nil` if the client named none that we know.
    package let subprotocol: String?
    /// How messages may be compressed; `nil` if they may not.
    package let deflate: DeflateAgreement?
    /// The 101 response, to be written before the first frame.
    package let response: [UInt8]
}

/// The answer to an upgrade request.
package enum UpgradeOutcome: Sendable, Equatable {
    /// Write the response and go on with frames.
    case accept(UpgradeAgreement)
    /// Write this response and close.
    case reject(HTTPResponse)
}

/// The server's side of the opening handshake (RFC 6455 section 4.2).
package enum UpgradeRequest {
    /// Checks a request for the WebSocket endpoint.
    package static func evaluate(_ request: HTTPRequest, policy: UpgradePolicy) -> UpgradeOutcome {
        do throws(UpgradeRefusal) {
            let key = try validate(request)
            try checkOrigin(request, policy.origins)
            let subprotocol = try chooseSubprotocol(request, policy.subprotocols)
            let offers = try extensionOffers(request)
            let deflate = policy.allowsDeflate ? DeflateAgreement.negotiate(offers) : nil
            return .accept(
                UpgradeAgreement(
                    subprotocol: subprotocol, deflate: deflate,
                    response: response(key: key, subprotocol: subprotocol, deflate: deflate)))
        } catch {
            return .reject(error.response)
        }
    }

    /// The value of Sec-WebSocket-Accept for a key (section 4.2.2, item 5.4).
    package static func accept(key: String) -> String {
        Base64.encode(SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }

    /// Checks the items of section 4.2.1 and returns the key.
    private static func validate(_ request: HTTPRequest) throws(UpgradeRefusal) -> String {
        guard request.method == "GET" else { throw .method }
        guard request.version == .http11 else { throw .malformed("HTTP/1.1 is needed") }
        guard request.body == .none else { throw .malformed("the request has a body") }
        guard request.host != nil else { throw .malformed("Host is missing") }
        guard request.hasToken("websocket", in: "upgrade") else { throw .noUpgrade }
        guard request.hasToken("upgrade", in: "connection") else {
            throw .malformed("Connection does not say Upgrade")
        }
        let versions = request.values(of: "sec-websocket-version")
        guard versions == ["13"] else { throw .version }
        let keys = request.values(of: "sec-websocket-key")
        guard keys.count == 1, let key = keys.first, Base64.decode(key.utf8)?.count == 16 else {
            throw .malformed("Sec-WebSocket-Key is not 16 bytes in base64")
        }
        return key
    }

    private static func checkOrigin(
        _ request: HTTPRequest, _ policy: WebSocketOriginPolicy
    ) throws(UpgradeRefusal) {
        let origins = request.values(of: "origin")
        guard let origin = origins.first else { return }
        guard origins.count == 1, policy.accepts(origin: origin, host: request.host) else {
            throw .origin
        }
    }

    /// The first of the client's subprotocols that we know; `nil` without one (section 4.2.2, item
    /// 4).
    private static func chooseSubprotocol(
        _ request: HTTPRequest, _ known: [String]
    ) throws(UpgradeRefusal) -> String? {
        var chosen: String?
        for value in request.values(of: "sec-websocket-protocol") {
            for element in value.utf8.split(separator: UInt8(ascii: ",")) {
                let name = HTTPRequest.trimmed(ArraySlice(element))
                guard !name.isEmpty, name.allSatisfy(HTTPByte.isToken) else {
                    throw .malformed("Sec-WebSocket-Protocol is no list of tokens")
                }
                if chosen == nil { chosen = known.first { name.elementsEqual($0.utf8) } }
            }
        }
        return chosen
    }

    private static func extensionOffers(
        _ request: HTTPRequest
    ) throws(UpgradeRefusal) -> [ExtensionOffer] {
        var offers: [ExtensionOffer] = []
        for range in request.ranges(of: "sec-websocket-extensions") {
            guard let parsed = ExtensionOffer.parse(request.head[range]) else {
                throw .malformed("Sec-WebSocket-Extensions is malformed")
            }
            offers += parsed
        }
        return offers
    }

    /// The bytes of the 101 response (section 4.2.2, item 5).
    private static func response(
        key: String, subprotocol: String?, deflate: DeflateAgreement?
    ) -> [UInt8] {
        var fields: [HTTPResponse.Field] = [
            .init("Upgrade", "websocket"), .init("Connection", "Upgrade"),
            .init("Sec-WebSocket-Accept", accept(key: key)),
        ]
        if let subprotocol { fields.append(.init("Sec-WebSocket-Protocol", subprotocol)) }
        if let deflate { fields.append(.init("Sec-WebSocket-Extensions", deflate.headerValue)) }
        return HTTPResponse(.switchingProtocols, fields: fields).encoded(closes: false)
    }
}
