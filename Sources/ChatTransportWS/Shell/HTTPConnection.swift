// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// A connection that speaks HTTP/1.1, until it is upgraded.
final class HTTPConnection: ByteProtocol {
    private let site: WebSocketSite
    private var parser: HTTPRequestParser
    /// Whether a part of a request is there, so that a time-out deserves an answer.
    private var hasPart = true

    init(site: WebSocketSite) {
        self.site = site
        parser = HTTPRequestParser(limits: site.settings.http)
    }

    func received(_ bytes: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int {
        var start = 0
        while connection.isOpen, start < bytes.count {
            switch parser.parse(bytes.span.extracting(start..<bytes.count)) {
            case .needMore:
                hasPart = true
                return start
            case .reject(let status, _):
                respond(.text(status, "\(status.code) \(status.phrase)"), on: connection)
            case .request(let request, let headBytes):
                start += headBytes
                if let next = answer(request, on: connection) {
                    var rest = bytes._mutatingExtracting(start..<bytes.count)
                    return start + next.received(&rest, on: connection)
                }
            }
        }
        return start
    }

    /// Answers a request.
    ///
    /// - Returns: who takes what follows, after an upgrade.
    private func answer(
        _ request: HTTPRequest, on connection: StreamConnection
    ) -> (any ByteProtocol)? {
        let path = site.settings.path
        let isEndpoint = path == nil || path == request.path
        if isEndpoint {
            switch UpgradeRequest.evaluate(request, policy: site.settings.policy) {
            case .accept(let agreement):
                if let address = ForwardedClient.address(
                    request, peer: connection.peer, site.settings.proxies),
                    let code = connection.move(to: address)
                {
                    respond(.refusal(code), on: connection)
                    return nil
                }
                return upgrade(agreement, on: connection)
            case .reject(let response): respond(response, on: connection)
            }
            return nil
        }
        let response = site.respond(to: request)
        // A body is not read: what follows it could not be told from it.
        let closes = !request.keepsAlive || request.body != .none
        respond(response, closes: closes, isHead: request.method == "HEAD", on: connection)
        hasPart = false
        connection.setDeadline(milliseconds: site.settings.headMilliseconds)
        return nil
    }

    private func respond(
        _ response: HTTPResponse, closes: Bool = true, isHead: Bool = false,
        on connection: StreamConnection
    ) {
        let date = site.dateText(connection)
        connection.sendFramed { bytes in
            bytes += response.encoded(date: date, closes: closes, isHead: isHead)
        }
        if closes { connection.finish() }
    }

    private func upgrade(
        _ agreement: UpgradeAgreement, on connection: StreamConnection
    ) -> any ByteProtocol {
        connection.setDeadline(milliseconds: nil)
        connection.sendFramed { $0 += agreement.response }
        connection.sharedFraming = site.framing(agreement.deflate)
        let frames = FrameConnection(site: site)
        connection.switchProtocol(to: frames)
        frames.open(connection, allowsCompressed: agreement.deflate != nil)
        return frames
    }

    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool { true }

    var isAnswered: Bool { true }

    func deadlineReached(on connection: StreamConnection) {
        guard hasPart else { return connection.finish() }
        connection.tell(.headTimeout)
        respond(.text(.requestTimeout, "The request took too long."), on: connection)
    }

    /// HTTP has no last words outside of a response.
    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8]) {}

    func appendProbe(to bytes: inout [UInt8]) {}

    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection) {}

    func ended() {}
}
