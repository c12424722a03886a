// SPDX-License-Identifier: MIT

/// Turns bytes into a ``Command``. Pure. What it costs: docs/performance.md.
package struct CommandDecoder {
    let limits: Limits

    /// What a message says; with it the JSON text of its request id.
    package enum Decoded {
        /// What is asked for.
        case command(Command, id: String?)
        /// Why it cannot be understood.
        case refused(WireError, id: String?)
    }

    /// Makes a decoder with these bounds.
    package init(limits: Limits) { self.limits = limits }

    /// Decodes one message.
    package func decode(_ bytes: Span<UInt8>) -> Decoded {
        let maximumBytes = min(limits.frameBytes, JSONValueRange.maximumBytes)
        guard bytes.count <= maximumBytes else {
            return refuse(.tooLarge, "a message has at most \(maximumBytes) bytes")
        }
        let isASCII = JSONText.isASCII(bytes)
        guard isASCII || (try? UTF8Span(validating: bytes)) != nil else {
            return refuse(.badUTF8, "a message must be UTF-8")
        }
        var fields = CommandFields(bytes, isASCII: isASCII)
        do throws(JSONFault) {
            try fields.scan(maximumDepth: limits.jsonDepth)
        } catch {
            return refuse(.badJSON, "a message must be one JSON object")
        }
        var id: String?
        do throws(WireError) {
            id = try fields.requestID(maximumBytes: limits.requestIDBytes)
            return .command(try command(fields), id: id)
        } catch {
            return .refused(error, id: id)
        }
    }

    private func refuse(_ code: WireError.Code, _ message: String) -> Decoded {
        .refused(WireError(code, message), id: nil)
    }

    private func command(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        if fields.isValue(.type, "send") { return try send(fields) }
        let type = try requiredString(.type, fields)
        switch type {
        case "send": return try send(fields)
        case "typing": return .room(try room(fields), .typing(try flag(.on, fields) ?? true))
        case "receipt": return try receipt(fields)
        case "hello":
            let hello = try hello(fields)
            guard hello.name != nil || hello.token != nil else { throw missing(.name) }
            return .hello(hello)
        case "ping": return .ping
        case "whoami": return .whoami
        case "login", "register", "refresh", "logout", "password.change",
            "username.change", "email.change", "device.list", "device.remove":
            return try account(type, fields)
        case "presence.set": return try presence(fields)
        case "edit", "delete", "react", "unreact", "pin", "unpin": return try change(type, fields)
        case "history": return try history(fields)
        case "search": return try search(fields)
        case "events":
            let room = try room(fields)
            let after = try place(.after, fields) ?? .none
            let limit = try limit(fields, 50, limits.historyPage)
            return .room(room, .events(after: after, limit: limit))
        case "readers":
            let room = try room(fields)
            guard let seq = try place(.seq, fields) else { throw missing(.seq) }
            return .room(room, .readers(seq))
        default: return try administration(type, fields)
        }
    }

    private func administration(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> Command {
        switch type {
        case "profile.update": return .updateProfile(try profileChanges(fields))
        case "room.create": return .createRoom(try newRoom(fields))
        case "room.list":
            return .listRooms(
                offset: try count(.offset, fields) ?? 0,
                limit: try limit(fields, limits.listPageDefault, limits.listPage),
                watches: try flag(.watch, fields) ?? false)
        case "room.joined":
            return .joinedRooms(
                offset: try count(.offset, fields) ?? 0,
                limit: try limit(fields, limits.joinedRoomsPageDefault, limits.joinedRoomsPage))
        case "room.get": return .room(try room(fields), .get)
        case "room.join": return try join(fields)
        case "room.leave": return .room(try room(fields), .leave)
        case "room.delete": return .room(try room(fields), .delete)
        case "room.update": return .room(try room(fields), .update(try roomChanges(fields)))
        case "room.members":
            let room = try room(fields)
            let offset = try count(.offset, fields) ?? 0
            let limit = try limit(fields, limits.listPageDefault, limits.listPage)
            return .room(room, .members(offset: offset, limit: limit))
        case "room.transfer":
            return .room(try room(fields), .setRole(try user(fields), .owner))
        case "member.kick": return .room(try room(fields), .kick(try user(fields)))
        case "member.role":
            let room = try room(fields)
            guard let role = Role(name: try requiredString(.role, fields)), role != .owner else {
                throw WireError(
                    .invalidField,
                    "role is admin, moderator or member (room.transfer names owners)",
                    field: "role")
            }
            return .room(room, .setRole(try user(fields), role))
        case "member.ban", "member.unban", "member.mute", "member.unmute", "room.bans":
            return try moderation(type, fields)
        case "room.invite":
            let room = try room(fields)
            return .room(room, .invite(try user(fields), try invitationEnd(fields)))
        case "upload.begin", "upload.chunk", "upload.finish", "upload.status", "upload.cancel",
            "download", "file.link":
            return .file(try fileCommand(type, fields))
        case "invitation.decline": return .room(try room(fields), .declineInvitation)
        case "room.invitations":
            return .invitations(
                offset: try count(.offset, fields) ?? 0,
                limit: try limit(fields, limits.listPageDefault, limits.listPage))
        default:
            if let command = try safety(type, fields) { return command }
            throw WireError(.unknownCommand, "there is no such command: see docs/protocol.md")
        }
    }

    // MARK: Single commands

    private func send(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        if fields.value(.attachments) != nil { return try sendFiles(fields) }
        let room = try room(fields)
        let text = try messageText(fields)
        let change = LogChange.message(text: text, replyTo: try place(.replyTo, fields))
        return .room(room, .write(change, clientID: try clientID(fields)))
    }

    private func change(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> Command {
        let room = try room(fields)
        guard let target = try place(.target, fields) else { throw missing(.target) }
        let change: LogChange
        switch type {
        case "edit": change = .edit(target: target, text: try messageText(fields))
        case "delete": change = .delete(target: target)
        case "react": change = .react(target: target, emoji: try emoji(fields))
        case "unreact": change = .unreact(target: target, emoji: try emoji(fields))
        case "pin": change = .pin(target: target)
        default: change = .unpin(target: target)
        }
        return .room(room, .write(change, clientID: try clientID(fields)))
    }

    private func receipt(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        let room = try room(fields)
        let delivered = try place(.delivered, fields)
        let read = try place(.read, fields)
        guard delivered != nil || read != nil else { throw missing(.read) }
        return .room(room, .receipt(delivered: delivered, read: read))
    }

    private func history(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        let room = try room(fields)
        var anchor = HistoryQuery.Anchor.latest
        switch try placeOrTime(.before, fields) {
        case .place(let seq): anchor = .before(seq)
        case .time(let time): anchor = .beforeTime(time)
        case nil: break
        }
        switch try placeOrTime(.after, fields) {
        case .place(let seq): anchor = .after(seq)
        case .time(let time): anchor = .afterTime(time)
        case nil: break
        }
        switch try placeOrTime(.around, fields) {
        case .place(let seq): anchor = .around(seq)
        case .time(let time): anchor = .aroundTime(time)
        case nil: break
        }
        let limit = try limit(fields, limits.historyPageDefault, limits.historyPage)
        return .room(room, .history(anchor, limit: limit))
    }

    private func presence(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        let name = try requiredString(.status, fields)
        guard let status = PresenceStatus.allCases.first(where: { $0.name == name }),
            status != .offline
        else { throw WireError(.invalidField, "status is online, away or busy", field: "status") }
        return .presence(status)
    }

    func hello(_ fields: borrowing CommandFields) throws(WireError) -> HelloCommand {
        var hello = HelloCommand(
            name: try string(.name, fields), token: try string(.token, fields),
            keepsName: try flag(.keepName, fields) ?? false, resume: [],
            client: try string(.client, fields))
        if let client = hello.client, client.utf8.count > 100 {
            throw WireError(.invalidField, "client has at most 100 bytes", field: "client")
        }
        if let resume = fields.value(.resume) {
            guard resume.kind == .object else { throw invalid(.resume, "an object of room: seq") }
            hello.resume = try positions(fields.bytes.extracting(resume.range))
        }
        return hello
    }

    private func positions(
        _ bytes: Span<UInt8>
    ) throws(WireError) -> [(room: String, seq: SequenceNumber)] {
        var result: [(room: String, seq: SequenceNumber)] = []
        var scanner = JSONScanner(bytes, maximumDepth: limits.jsonDepth)
        do {
            _ = scanner.take(UInt8(ascii: "{"))
            scanner.skipSpace()
            while scanner.current == UInt8(ascii: "\"") {
                let key = try scanner.value()
                scanner.skipSpace()
                _ = scanner.take(UInt8(ascii: ":"))
                scanner.skipSpace()
                let value = try scanner.value()
                guard let room = JSONText.string(key, in: bytes),
                    let seq = JSONText.integer(value, in: bytes),
                    result.count < limits.roomsPerUser
                else { throw JSONFault() }
                result.append((room, SequenceNumber(rawValue: seq)))
                scanner.skipSpace()
                _ = scanner.take(UInt8(ascii: ","))
                scanner.skipSpace()
            }
        } catch {
            throw invalid(.resume, "an object of room: seq, at most \(limits.roomsPerUser)")
        }
        return result
    }
}
