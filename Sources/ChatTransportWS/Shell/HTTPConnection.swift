// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// A connection that speaks HTTP/1.1, until it is upgraded.
///
/// One request at a time: while one is being answered nothing is read behind its body.
final class HTTPConnection: ByteProtocol {
    let site: WebSocketSite
    /// Until the connection's end, or its upgrade.
    private(set) weak var connection: StreamConnection?
    private var parser: HTTPRequestParser
    /// Whether a part of a request is there, so that a time-out deserves an answer.
    private var hasPart = true
    private var exchange: HTTPExchange?

    init(site: WebSocketSite) {
        self.site = site
        parser = HTTPRequestParser(limits: site.settings.http)
    }

    func received(_ bytes: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int {
        self.connection = connection
        var start = 0
        while connection.isOpen, start < bytes.count {
            if let exchange {
                guard !exchange.isRead else {
                    connection.pauseReading()
                    return start
                }
                start += readBody(bytes.span.extracting(start..<bytes.count), exchange, connection)
                if connection.isPaused { return start }
                continue
            }
            switch parser.parse(bytes.span.extracting(start..<bytes.count)) {
            case .needMore:
                hasPart = true
                return start
            case .reject(let status, _): refuse(status, on: connection)
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

    // MARK: The request

    /// Answers a request, or starts to.
    ///
    /// - Returns: who takes what follows, after an upgrade.
    private func answer(
        _ request: HTTPRequest, on connection: StreamConnection
    ) -> (any ByteProtocol)? {
        let path = site.settings.path
        if path == nil || path == request.path {
            switch UpgradeRequest.evaluate(request, policy: site.settings.policy) {
            case .accept(let agreement):
                if let address = ForwardedClient.address(
                    request, peer: connection.peer, site.settings.proxies),
                    let code = connection.move(to: address)
                {
                    respond(.refusal(code), to: request, on: connection)
                    return nil
                }
                return upgrade(agreement, on: connection)
            case .reject(let response): respond(response, to: request, on: connection)
            }
            return nil
        }
        if site.settings.drain.hasBegun {
            respond(site.settings.refusal(.unavailable), to: request, on: connection)
            return nil
        }
        switch site.choose(request) {
        case .response(let response):
            // A body is not read: what follows it could not be told from it.
            let closes = !request.keepsAlive || request.body != .none
            respond(response, to: request, closes: closes, on: connection)
            awaitNext(connection)
        case .call(let route, let parameters, let handler):
            start(request, route, parameters, handler, on: connection)
        }
        return nil
    }

    private func start(
        _ request: HTTPRequest, _ route: HTTPRoute, _ parameters: [String: String],
        _ handler: @escaping @Sendable (HTTPCall) async -> HTTPAnswer,
        on connection: StreamConnection
    ) {
        let maximumBytes = route.bodyBytes ?? site.settings.http.bodyBytes
        if let length = request.contentLength, length > maximumBytes {
            return refuse(.contentTooLarge, on: connection)
        }
        guard let loop = site.loop else { return refuse(.unavailable, on: connection) }
        let ticket = site.desk.newTicket()
        let body = HTTPBody(length: request.contentLength) {
            Task { await loop.httpReadOn(ticket) }
        }
        let exchange = HTTPExchange(
            ticket: ticket, request: request, body: body,
            reader: HTTPBodyReader(
                request.body, maximumBytes: maximumBytes, limits: site.settings.http))
        exchange.owner = self
        self.exchange = exchange
        site.desk.add(exchange)
        if request.body == .none {
            finishBody(exchange, connection)
        } else {
            if request.hasToken("100-continue", in: "expect"), request.version == .http11 {
                connection.sendFramed { $0 += "HTTP/1.1 100 Continue\r\n\r\n".utf8 }
            }
            connection.setDeadline(milliseconds: site.settings.bodyMilliseconds)
        }
        let call = HTTPCall(
            request: request, parameters: parameters,
            peerAddress: ForwardedClient.address(
                request, peer: connection.peer, site.settings.proxies) ?? connection.peer,
            body: body)
        exchange.task = Task { await HTTPExchange.run(ticket, on: loop, call, handler) }
    }

    /// Takes bytes of the body. Returns how many are done with.
    private func readBody(
        _ bytes: Span<UInt8>, _ exchange: HTTPExchange, _ connection: StreamConnection
    ) -> Int {
        switch exchange.reader.next(bytes) {
        case .needMore(let consumed): return consumed
        case .data(let range, let consumed):
            connection.setDeadline(milliseconds: site.settings.bodyMilliseconds)
            let takesMore = exchange.body.feed(bytes.extracting(range))
            if exchange.reader.isDone {
                finishBody(exchange, connection)
            } else if !takesMore {
                // The task is to read: that has no time limit of ours.
                connection.setDeadline(milliseconds: nil)
                connection.pauseReading()
            }
            return consumed
        case .finished(let consumed):
            finishBody(exchange, connection)
            return consumed
        case .rejected(let status):
            exchange.body.fail(status == .contentTooLarge ? .tooLarge : .disconnected)
            if exchange.isAnswering { connection.fail() } else { refuse(status, on: connection) }
            return bytes.count
        }
    }

    private func finishBody(_ exchange: HTTPExchange, _ connection: StreamConnection) {
        exchange.isRead = true
        exchange.body.finish()
        connection.setDeadline(milliseconds: nil)
    }

    /// The task has room again.
    func readOn() {
        guard let connection, connection.isOpen, let exchange, !exchange.isRead else { return }
        connection.setDeadline(milliseconds: site.settings.bodyMilliseconds)
        connection.resumeReading()
    }

    // MARK: The answer

    /// Sends the head, and the body if it is whole.
    func begin(_ answer: HTTPAnswer, of exchange: HTTPExchange) -> Bool {
        guard let connection, connection.isOpen, self.exchange === exchange else { return false }
        exchange.isAnswering = true
        if site.settings.drain.hasBegun { exchange.closes = true }
        // What is left of the body would have to be read to find the next request behind it.
        if !exchange.isRead { exchange.closes = true }
        if let stream = answer.stream {
            exchange.rest = stream.length
            exchange.isChunked = stream.length == nil && exchange.request.version == .http11
            if stream.length == nil, !exchange.isChunked { exchange.closes = true }
        }
        let length: HTTPResponse.BodyLength =
            switch answer.stream {
            case nil: .whole
            case let stream?:
                stream.length.map { .counted($0) } ?? .open(isChunked: exchange.isChunked)
            }
        let date = site.dateText(connection)
        let isHead = exchange.request.method == "HEAD"
        let fields = site.crossOriginFields(for: exchange.request)
        connection.sendFramed { bytes in
            var response = answer.response
            response.fields += fields
            bytes += response.encoded(
                date: date, closes: exchange.closes, isHead: isHead, length: length)
        }
        return true
    }

    /// Sends a piece of a streamed body; ``caughtUp(staleRooms:on:)`` says when it was written.
    func send(_ piece: [UInt8], of exchange: HTTPExchange) -> Bool {
        guard let connection, connection.isOpen, self.exchange === exchange else { return false }
        if let rest = exchange.rest {
            guard piece.count <= rest else {
                connection.fail()
                return false
            }
            exchange.rest = rest - piece.count
        }
        connection.sendFramed { bytes in
            if exchange.isChunked {
                bytes += "\(String(piece.count, radix: 16))\r\n".utf8
                bytes += piece
                bytes += "\r\n".utf8
            } else {
                bytes += piece
            }
        }
        connection.setDeadline(milliseconds: site.settings.writeMilliseconds)
        connection.tellWhenWritten()
        return true
    }

    /// The answer was sent, or broke off.
    func end(_ exchange: HTTPExchange, isWhole: Bool) {
        guard let connection, self.exchange === exchange else { return }
        leave(exchange)
        let isHead = exchange.request.method == "HEAD"
        guard isWhole, isHead || (exchange.rest ?? 0) == 0 else { return connection.fail() }
        if exchange.isChunked, !isHead { connection.sendFramed { $0 += "0\r\n\r\n".utf8 } }
        if exchange.closes { return connection.finish() }
        awaitNext(connection)
        connection.resumeReading()
        // A peer that has closed its side was waiting for this: the turn's end has to look.
        connection.tellWhenWritten()
    }

    private func leave(_ exchange: HTTPExchange) {
        site.desk.remove(exchange.ticket)
        self.exchange = nil
        exchange.task?.cancel()
        exchange.body.fail(.disconnected)
        exchange.written?.resume(returning: false)
        exchange.written = nil
    }

    private func awaitNext(_ connection: StreamConnection) {
        hasPart = false
        connection.setDeadline(milliseconds: site.settings.headMilliseconds)
    }

    private func refuse(_ status: HTTPStatus, on connection: StreamConnection) {
        if let exchange { leave(exchange) }
        respond(site.settings.refusal(status), to: nil, on: connection)
    }

    private func respond(
        _ response: HTTPResponse, to request: HTTPRequest?, closes: Bool = true,
        on connection: StreamConnection
    ) {
        let date = site.dateText(connection)
        connection.sendFramed { bytes in
            bytes += response.encoded(
                date: date, closes: closes, isHead: request?.method == "HEAD")
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

    // MARK: ByteProtocol

    /// The answer to a whole request is still due; half a body ends the matter.
    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool {
        if let exchange, !exchange.isRead {
            leave(exchange)
            connection.fail()
        }
        return true
    }

    var isAnswered: Bool { exchange == nil }

    /// A request that was taken gets its answer.
    func stopping(on connection: StreamConnection) -> Bool {
        guard let exchange else { return true }
        exchange.closes = true
        return false
    }

    func deadlineReached(on connection: StreamConnection) {
        if let exchange {
            exchange.body.fail(.timedOut)
            // A peer that does not read is not told either.
            if exchange.isAnswering { return connection.fail() }
        } else if !hasPart {
            return connection.finish()
        }
        connection.tell(.headTimeout)
        refuse(.requestTimeout, on: connection)
    }

    /// HTTP has no last words outside of a response.
    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8]) {}

    func appendProbe(to bytes: inout [UInt8]) {}

    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection) {
        guard let written = exchange?.written else { return }
        exchange?.written = nil
        connection.setDeadline(milliseconds: nil)
        written.resume(returning: true)
    }

    func ended() {
        connection = nil
        if let exchange { leave(exchange) }
    }
}
