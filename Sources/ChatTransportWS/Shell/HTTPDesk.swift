// SPDX-License-Identifier: MIT

import ChatCore

/// The requests under way on one event loop, by number: how tasks elsewhere find them again.
final class HTTPDesk: LoopResident {
    private var exchanges: [UInt64: HTTPExchange] = [:]
    private var lastTicket: UInt64 = 0

    /// The desk of that loop. Call it on the loop.
    static func on(_ loop: isolated EventLoop) -> HTTPDesk {
        if let desk = loop.resident(HTTPDesk.self) { return desk }
        let desk = HTTPDesk()
        loop.add(desk)
        return desk
    }

    func newTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    func add(_ exchange: HTTPExchange) { exchanges[exchange.ticket] = exchange }

    func remove(_ ticket: UInt64) { exchanges[ticket] = nil }

    func exchange(_ ticket: UInt64) -> HTTPExchange? { exchanges[ticket] }

    var nextDeadline: ChatInstant? { nil }
    func runDue(now: ChatInstant) {}
    func endTurn(now: ChatInstant) {}
}

/// The same from outside of the loop. Each returns `false` once the connection is gone.
extension EventLoop {
    func httpReadOn(_ ticket: UInt64) {
        HTTPDesk.on(self).exchange(ticket)?.owner?.readOn()
    }

    func httpBegin(_ ticket: UInt64, _ answer: HTTPAnswer) -> Bool {
        guard let exchange = HTTPDesk.on(self).exchange(ticket) else { return false }
        return exchange.owner?.begin(answer, of: exchange) ?? false
    }

    /// Sends a piece and waits until it was written.
    func httpSend(_ ticket: UInt64, _ piece: [UInt8]) async -> Bool {
        guard let exchange = HTTPDesk.on(self).exchange(ticket), let owner = exchange.owner,
            owner.send(piece, of: exchange)
        else { return false }
        return await withCheckedContinuation { exchange.written = $0 }
    }

    func httpEnd(_ ticket: UInt64, isWhole: Bool) {
        guard let exchange = HTTPDesk.on(self).exchange(ticket) else { return }
        exchange.owner?.end(exchange, isWhole: isWhole)
    }
}

/// One request and its answer.
final class HTTPExchange {
    let ticket: UInt64
    let request: HTTPRequest
    let body: HTTPBody
    var reader: HTTPBodyReader
    weak var owner: HTTPConnection?
    var task: Task<Void, Never>?
    /// Whether all of the body was read.
    var isRead = false
    /// Whether the answer has begun.
    var isAnswering = false
    var closes: Bool
    /// How the answer's length is told.
    var rest: Int?
    var isChunked = false
    /// Who waits until what was sent is written.
    var written: CheckedContinuation<Bool, Never>?

    init(ticket: UInt64, request: HTTPRequest, body: HTTPBody, reader: HTTPBodyReader) {
        self.ticket = ticket
        self.request = request
        self.body = body
        self.reader = reader
        closes = !request.keepsAlive
    }

    /// Runs a handler and sends what it answers.
    static func run(
        _ ticket: UInt64, on loop: EventLoop, _ call: HTTPCall,
        _ answer: @Sendable (HTTPCall) async -> HTTPAnswer
    ) async {
        let answer = await answer(call)
        guard await loop.httpBegin(ticket, answer) else { return }
        guard let stream = answer.stream, call.request.method != "HEAD" else {
            return await loop.httpEnd(ticket, isWhole: true)
        }
        do {
            while let piece = try await stream.next() {
                if piece.isEmpty { continue }
                guard await loop.httpSend(ticket, piece) else { return }
            }
            await loop.httpEnd(ticket, isWhole: true)
        } catch {
            // The peer is told by the only means left: a body that breaks off.
            await loop.httpEnd(ticket, isWhole: false)
        }
    }
}
