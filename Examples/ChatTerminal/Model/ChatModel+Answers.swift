// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

extension ChatModel {
    mutating func answered(_ purpose: Purpose, _ answer: JSONValue) {
        switch purpose {
        case .rooms(let offset): list(answer, offset: offset)
        case .enter(let text): enter(answer, saying: text)
        case .history(let id, _): tookHistory(answer, id)
        case .snapshot(let id): tookSnapshot(answer, id)
        case .members(let id): tookMembers(answer, id)
        case .who(let id):
            tookMembers(answer, id)
            tellMembers(id)
        case .list(let offset): tellRooms(answer, offset: offset)
        case .search: tellHits(answer)
        case .around(let id): tellMessages(answer["messages"]?.array ?? [], id, "nothing there")
        case .pins(let id):
            tookSnapshot(answer, id)
            tellMessages(answer["pinned"]?.array ?? [], id, "nothing is pinned here")
        case .readers(let seq): tellReaders(answer, seq)
        case .invitations: tellInvitations(answer)
        case .left(let id): gone(id, "you left \(title(id))")
        case .find(let name, let command, let rest):
            for member in answer["members"]?.array ?? [] { know(member) }
            find(name, command, in: rest)
        case .files(let seq, let id, let path):
            let message = answer["messages"]?.array.compactMap { ChatMessage($0, room: id) }
                .first { Int(clamping: $0.seq.rawValue) == seq }
            save(message?.files ?? [], of: seq, to: path, in: id)
        case .done(let text): if !text.isEmpty { tell(text) }
        }
    }

    mutating func refused(_ purpose: Purpose, _ refusal: ChatRefusal) {
        switch purpose {
        case .history(let id, _):
            rooms[id]?.isLoading = false
            rooms[id]?.late = []
            if refusal.code != "cancelled" { complain("the history: \(Self.words(refusal))") }
        case .rooms, .snapshot, .members:
            // Asked without the person's doing; the next occasion asks again.
            if !isReady { complain(Self.words(refusal)) }
        case .enter where !isReady:
            // The room that was wished for at the start: there is no other one to fall back to in a pipe.
            complain("\(settings.room ?? "the room"): \(Self.words(refusal))")
            if settings.isFullScreen {
                if let first = firstRoom { open(first) }
                isReady = true
            } else {
                effect(.quit(1))
            }
        case .find(_, _, let rest) where !rest.isEmpty: answered(purpose, .null)
        default: complain(Self.words(refusal))
        }
    }

    /// What a refusal says to a person.
    static func words(_ refusal: ChatRefusal) -> String {
        let wait = refusal.retryMilliseconds.map { " (again in \(max(1, ($0 + 999) / 1_000)) s)" }
        return refusal.message + (wait ?? "")
    }

    // MARK: Telling

    private mutating func tellMembers(_ id: RoomID) {
        guard let room = rooms[id] else { return }
        tell("\(room.onlineCount) of \(Phrases.count(room.memberCount, "member")) online")
        for member in Self.sorted(room.members) {
            let name = people[member.user.id]?.displayName.map { "\($0) (\(member.user.name))" }
            let role = member.role == "member" ? "" : ", \(member.role)"
            let seen = lastSeen(member).map { ", last seen \($0)" } ?? ""
            tell("  \(name ?? member.user.name): \(member.status)\(seen)\(role)", .plain)
        }
    }

    /// When somebody was here last, by the person's clock.
    func lastSeen(_ member: Member) -> String? {
        member.lastSeen.map { LocalTime($0, offset: settings.offset).brief }
    }

    /// Who is there comes first, then names.
    static func sorted(_ members: [Member]) -> [Member] {
        let ranks = ["online": 0, "busy": 1, "away": 2]
        return members.sorted {
            (ranks[$0.status] ?? 3, $0.user.name.lowercased(), $0.user.id)
                < (ranks[$1.status] ?? 3, $1.user.name.lowercased(), $1.user.id)
        }
    }

    private mutating func tellRooms(_ answer: JSONValue, offset: Int) {
        let page = answer["rooms"]?.array ?? []
        if offset == 0 { tell(Phrases.count(answer["total"]?.int ?? page.count, "room")) }
        for json in page {
            let id = json["id"]?.string.flatMap(RoomID.init(_:))
            let mark = id.map { rooms[$0] != nil } ?? false ? "*" : " "
            let count = Phrases.count(json["members"]?.int ?? 0, "member")
            let topic = json["description"]?.string ?? ""
            tell(
                "\(mark) \(HarmlessText.line(json["name"]?.string ?? "?")) (\(count))"
                    + (topic.isEmpty ? "" : " \(HarmlessText.line(topic))"), .plain)
        }
        guard answer["end"]?.bool == false, !page.isEmpty else { return }
        let next = offset + page.count
        call(["type": "room.list", "offset": .int(next), "limit": 100], .list(offset: next))
    }

    private mutating func tellHits(_ answer: JSONValue) {
        let hits = answer["hits"]?.array ?? []
        tell(hits.isEmpty ? "nothing was found" : "\(Phrases.count(hits.count, "message")):")
        for hit in hits {
            let id = hit["room"]?.string.flatMap(RoomID.init(_:))
            let place = id.map { $0 == current ? "" : "#\(title($0)) " } ?? ""
            let by = ChatUser(hit["from"]).map(name) ?? "?"
            let seq = hit["seq"]?.int ?? 0
            tell("  [\(seq)] \(place)\(by): \(oneLine(hit["excerpt"]?.string))", .plain)
        }
        if answer["end"]?.bool == false { tell("there is more: narrow the search") }
    }

    private mutating func tellMessages(_ list: [JSONValue], _ id: RoomID, _ none: String) {
        let messages = list.compactMap { ChatMessage($0, room: id) }
        if messages.isEmpty { tell(none) }
        for message in messages {
            know(message.author)
            tell("  \(line(Message(message), in: id))", .plain)
        }
    }

    private func oneLine(_ text: String?) -> String { HarmlessText.line(text ?? "") }

    private mutating func tellReaders(_ answer: JSONValue, _ seq: Int) {
        let readers = answer["readers"]?.array.compactMap { ChatReader($0) }.map(words) ?? []
        let status = answer["status"]?.string ?? "sent"
        let names = readers.isEmpty ? "" : ", read by \(readers.joined(separator: ", "))"
        tell("message \(seq) is \(status)\(names)")
    }

    private func words(_ reader: ChatReader) -> String {
        guard let at = reader.at else { return name(reader.user) }
        let time = LocalTime(at, offset: settings.offset).dayAndClock
        return "\(name(reader.user)) (\(time))"
    }

    private mutating func tellInvitations(_ answer: JSONValue) {
        let list = answer["invitations"]?.array ?? []
        if list.isEmpty { tell("no invitations wait") }
        for one in list {
            let by = ChatUser(one["from"]).map(name) ?? "somebody"
            let room = oneLine(one["room"]?["name"]?.string)
            tell("  \(by) invites you to \(room): /join \(room)", .plain)
        }
    }

    // MARK: Messages and files on their way

    mutating func sent(_ message: OutgoingMessage, _ result: Result<SequenceNumber, ChatRefusal>) {
        switch result {
        case .success(let seq):
            // The event comes by itself; of a repetition it may have come before.
            if rooms[message.room]?.message(Int(clamping: seq.rawValue)) != nil {
                rooms[message.room]?.removePending(message.clientID)
            }
        case .failure(let refusal):
            hasFailed = true
            rooms[message.room]?.fail(message.clientID, Self.words(refusal))
            effect(.print("* not sent: \(Self.words(refusal)): \(HarmlessText.line(message.text))"))
        }
    }

    mutating func moved(_ number: Int, _ progress: ChatProgress) {
        guard let transfer = transfers[number] else { return }
        let done = progress.totalBytes > 0 ? progress.bytes * 100 / progress.totalBytes : 100
        let full = Int(done) / 10
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: 10 - full)
        rooms[transfer.room]?.tellAgain(
            "\(transfer.isUpload ? "↑" : "↓") \(transfer.name) \(bar) \(done) % "
                + "of \(Phrases.size(progress.totalBytes))", .accent, at: transfer.line)
    }

    mutating func uploaded(_ number: Int, _ result: Result<ChatFile, ChatRefusal>) {
        guard let transfer = transfers.removeValue(forKey: number) else { return }
        switch result {
        case .success(let file):
            rooms[transfer.room]?.tellAgain(
                "↑ \(transfer.name) is sent", .faint, at: transfer.line)
            post(transfer.text, in: transfer.room, files: [file])
        case .failure(let refusal): ended(transfer, refusal)
        }
    }

    mutating func saved(_ number: Int, _ result: Result<String, ChatRefusal>) {
        guard let transfer = transfers.removeValue(forKey: number) else { return }
        switch result {
        case .success(let path):
            let text = "↓ \(transfer.name) is saved as \(HarmlessText.line(path))"
            rooms[transfer.room]?.tellAgain(text, .good, at: transfer.line)
            effect(.print("* \(text)"))
        case .failure(let refusal): ended(transfer, refusal)
        }
    }

    private mutating func ended(_ transfer: Transfer, _ refusal: ChatRefusal) {
        hasFailed = true
        let text = "\(transfer.name): \(HarmlessText.line(Self.words(refusal)))"
        rooms[transfer.room]?.tellAgain(text, .bad, at: transfer.line)
        effect(.print("* \(text)"))
    }
}
