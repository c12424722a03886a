// SPDX-License-Identifier: MIT

package import ChatCore

extension ClientMachine {
    /// Sends a command; without a connection it waits for one.
    ///
    /// - Parameter isRepeatable: whether it does no harm if it is done twice.
    package mutating func call(
        _ command: JSONValue, ticket: UInt64, isRepeatable: Bool, now: ChatInstant
    ) {
        let call = Call(ticket: ticket, command: command, isRepeatable: isRepeatable)
        switch phase {
        case .online: request(command, .call(call), now: now)
        case .closed: order(.answer(ticket, .failure(.closed)))
        case .idle, .connecting, .greeting, .waiting:
            guard waiting.count < options.waitingCalls else {
                return order(.answer(ticket, .failure(.tooMuchWaiting)))
            }
            waiting.append(call)
        }
    }

    /// Sends a message, in its room's order, until the server has stored or refused it.
    package mutating func post(
        _ command: JSONValue, room: String, clientID: String, ticket: UInt64, now: ChatInstant
    ) {
        guard phase != .closed else { return order(.answer(ticket, .failure(.closed))) }
        guard outbox.entries.count < options.waitingCalls else {
            return order(.answer(ticket, .failure(.tooMuchWaiting)))
        }
        if let id = RoomID(room) { live.sent(in: id) }
        outbox.add(
            ChatOutbox.Entry(clientID: clientID, room: room, command: command, ticket: ticket))
        flushOutbox(now: now)
    }

    /// Nobody waits for that answer any more.
    ///
    /// A message stays in the outbox: it may be on its way.
    package mutating func cancel(_ ticket: UInt64) {
        waiting.removeAll { $0.ticket == ticket }
        for (id, purpose) in underWay {
            if case .call(let call) = purpose, call.ticket == ticket { underWay[id] = .quiet }
        }
    }

    mutating func flushOutbox(now: ChatInstant) {
        guard case .online = phase else { return }
        for entry in outbox.due(now: now) {
            request(entry.command, .send(clientID: entry.clientID), now: now)
        }
    }

    /// Takes what the server sent.
    package mutating func received(_ message: [UInt8], now: ChatInstant) {
        heard(now: now)
        guard let json = JSONReader.read(message), let type = json["type"]?.string else { return }
        switch type {
        case "ok", "error":
            guard let id = json["id"]?.int, let purpose = underWay.removeValue(forKey: id) else {
                return
            }
            let result: Result<JSONValue, ChatRefusal> =
                type == "ok" ? .success(json) : .failure(ChatRefusal(json))
            answered(purpose, result, now: now)
        case "ping": request(["type": "ping"], .quiet, now: now)
        case "goodbye":
            order(.disconnect)
            closed(json["code"]?.int, now: now)
        default: happened(json, type: type, now: now)
        }
    }

    private mutating func answered(
        _ purpose: Purpose, _ result: Result<JSONValue, ChatRefusal>, now: ChatInstant
    ) {
        switch (purpose, result) {
        case (.hello, .success(let answer)): welcomed(answer, now: now)
        case (.hello, .failure(let refusal)): refused(refusal, now: now)
        case (.refresh, .success(let answer)):
            credentials.renewed(answer, now: now)
            if case .greeting = phase { greet(now: now) }
        case (.refresh, .failure(let refusal)):
            // On a live connection the old token may still serve for a while.
            if case .greeting = phase { refused(refusal, now: now) }
        case (.call(let call), _):
            if case .success(let answer) = result { adopt(answer, of: call.command) }
            order(.answer(call.ticket, result))
        case (.send(let clientID), .failure(let refusal)) where refusal.isPassing:
            let delay = max(100, refusal.retryMilliseconds ?? 1_000)
            outbox.postpone(clientID, until: now.advanced(byMilliseconds: delay))
        case (.send(let clientID), _):
            if let ticket = outbox.settle(clientID) { order(.answer(ticket, result)) }
            flushOutbox(now: now)
        case (.events(let room), _): filled(room, result, now: now)
        case (.quiet, _): break
        }
    }
}
