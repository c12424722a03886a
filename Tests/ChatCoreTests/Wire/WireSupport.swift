// SPDX-License-Identifier: MIT

import ChatTesting

@testable import ChatCore

func decode(_ bytes: [UInt8], limits: Limits = Limits()) -> CommandDecoder.Decoded {
    CommandDecoder(limits: limits).decode(bytes.span)
}

func decode(_ text: String, limits: Limits = Limits()) -> CommandDecoder.Decoded {
    decode(Array(text.utf8), limits: limits)
}

extension CommandDecoder.Decoded {
    var id: String? {
        switch self {
        case .command(_, let id), .refused(_, let id): id
        }
    }

    var result: Result<Command, WireError> {
        switch self {
        case .command(let command, _): .success(command)
        case .refused(let error, _): .failure(error)
        }
    }
}

/// The command in `text`; `nil` if it was refused.
func command(_ text: String, limits: Limits = Limits()) -> Command? {
    try? decode(text, limits: limits).result.get()
}

/// Why `text` was refused: the code, a blank and the field; `accepted` if it was not.
func refusal(_ text: String, limits: Limits = Limits()) -> String {
    switch decode(text, limits: limits).result {
    case .success: "accepted"
    case .failure(let error): error.code.rawValue + (error.field.map { " " + $0 } ?? "")
    }
}

/// The JSON text of a string.
func quoted(_ text: String) -> String { JSONValue.string(text).description }

/// One valid example of every command, with every key that it knows, and what it says.
enum Examples {
    static let room = RoomReference.name("den")
    static let user = UserID(rawValue: 5)

    static func write(_ change: LogChange) -> Command {
        .room(room, .write(change, clientID: "c1"))
    }

    /// A pattern of one word that may go on.
    static func pattern(_ word: String) -> SearchPattern {
        guard let pattern = SearchPattern(word) else { preconditionFailure("\(word) is no word") }
        return pattern
    }

    static var search: SearchRequest {
        SearchRequest(
            pattern: pattern("tea"), sender: user, after: Timestamp(milliseconds: 1_000),
            before: Timestamp(milliseconds: 2_500), order: .relevance, offset: 3, limit: 5)
    }

    static let all: [(text: String, command: Command)] = [
        (
            #"{"type":"hello","name":"Ada","token":"t","keep_name":true,"client":"x/1","#
                + #""resume":{"den":5,"r_0000000000001":7}}"#,
            .hello(
                HelloCommand(
                    name: "Ada", token: "t", keepsName: true,
                    resume: [("den", 5), ("r_0000000000001", 7)], client: "x/1"))
        ),
        (#"{"type":"ping"}"#, .ping),
        (#"{"type":"whoami"}"#, .whoami),
        (#"{"type":"logout","all":true}"#, .logout(everywhere: true)),
        (#"{"type":"refresh","refresh_token":"rt"}"#, .refresh("rt")),
        (
            #"{"type":"password.change","password":"old","new_password":"new"}"#,
            .changePassword(from: "old", to: "new")
        ),
        (#"{"type":"device.list"}"#, .listDevices),
        (
            #"{"type":"device.remove","device":"d_0000000000005"}"#,
            .removeDevice(DeviceID(rawValue: 5))
        ),
        (#"{"type":"username.change","username":"Ada L"}"#, .changeUsername("Ada L")),
        (
            #"{"type":"email.change","email":"","password":"x"}"#,
            .changeEmail("", password: "x")
        ),
        (
            #"{"type":"login","login":"ada","password":"pass","client":"x/1","#
                + #""resume":{"den":5}}"#,
            .hello(
                HelloCommand(
                    name: nil, token: nil, keepsName: false,
                    login: LoginRequest(login: "ada", password: "pass", client: "x/1"),
                    resume: [("den", 5)], client: "x/1"))
        ),
        (
            #"{"type":"register","username":"ada","password":"pass","email":"a@b.c","#
                + #""display_name":"Ada"}"#,
            .hello(
                HelloCommand(
                    name: nil, token: nil, keepsName: false,
                    registration: RegistrationRequest(
                        username: "ada", password: "pass", email: "a@b.c", displayName: "Ada"),
                    resume: [], client: nil))
        ),
        (
            #"{"type":"profile.update","display_name":" Ada ","avatar":"pic/1","status_text":"","#
                + #""hides_last_seen":false}"#,
            .updateProfile(
                ProfileChanges(
                    displayName: "Ada", avatar: "pic/1", statusText: "", hidesLastSeen: false))
        ),
        (#"{"type":"presence.set","status":"busy"}"#, .presence(.busy)),
        (
            #"{"type":"room.create","name":" Den ","description":"d","#
                + #""private":true,"max_members":9}"#,
            .createRoom(
                NewRoom(name: "Den", description: "d", isPrivate: true, maximumMembers: 9))
        ),
        (
            #"{"type":"room.list","offset":3,"limit":4,"watch":true}"#,
            .listRooms(offset: 3, limit: 4, watches: true)
        ),
        (
            #"{"type":"room.joined","offset":3,"limit":4}"#, .joinedRooms(offset: 3, limit: 4)
        ),
        (#"{"type":"room.get","room":"den"}"#, .room(room, .get)),
        (#"{"type":"room.join","room":"den","after":4}"#, .room(room, .join(after: 4))),
        (#"{"type":"room.leave","room":"den"}"#, .room(room, .leave)),
        (#"{"type":"room.delete","room":"den"}"#, .room(room, .delete)),
        (
            #"{"type":"room.update","room":"den","name":"New","description":"d","private":false,"#
                + #""max_members":2,"slow_mode_seconds":3,"retention_days":4,"retention_messages":5}"#,
            .room(
                room,
                .update(
                    RoomChanges(
                        name: "New", description: "d", isPrivate: false, maximumMembers: 2,
                        slowModeSeconds: 3, retentionDays: 4, retentionMessages: 5)))
        ),
        (
            #"{"type":"room.members","room":"den","offset":3,"limit":4}"#,
            .room(room, .members(offset: 3, limit: 4))
        ),
        (
            #"{"type":"room.transfer","room":"den","user":"u_0000000000005"}"#,
            .room(room, .setRole(user, .owner))
        ),
        (
            #"{"type":"member.kick","room":"den","user":"u_0000000000005"}"#,
            .room(room, .kick(user))
        ),
        (
            #"{"type":"member.role","room":"den","user":"u_0000000000005","role":"admin"}"#,
            .room(room, .setRole(user, .admin))
        ),
        (
            #"{"type":"member.ban","room":"den","user":"u_0000000000005","#
                + #""until":"1970-01-01T00:00:01Z","reason":" rude "}"#,
            .room(room, .ban(user, .at(Timestamp(milliseconds: 1_000)), reason: "rude"))
        ),
        (
            #"{"type":"member.unban","room":"den","user":"u_0000000000005"}"#,
            .room(room, .unban(user))
        ),
        (
            #"{"type":"member.mute","room":"den","user":"u_0000000000005","seconds":60}"#,
            .room(room, .mute(user, .after(seconds: 60)))
        ),
        (
            #"{"type":"member.unmute","room":"den","user":"u_0000000000005"}"#,
            .room(room, .unmute(user))
        ),
        (
            #"{"type":"room.invite","room":"den","user":"u_0000000000005","seconds":60}"#,
            .room(room, .invite(user, .after(seconds: 60)))
        ),
        (#"{"type":"invitation.decline","room":"den"}"#, .room(room, .declineInvitation)),
        (
            #"{"type":"room.invitations","offset":3,"limit":4}"#,
            .invitations(offset: 3, limit: 4)
        ),
        (
            #"{"type":"room.bans","room":"den","offset":3,"limit":4}"#,
            .room(room, .bans(offset: 3, limit: 4))
        ),
        (
            #"{"type":"send","room":"den","text":"hi","reply_to":3,"client_id":"c1"}"#,
            write(.message(text: "hi", replyTo: 3))
        ),
        (
            #"{"type":"edit","room":"den","target":3,"text":"hi","client_id":"c1"}"#,
            write(.edit(target: 3, text: "hi"))
        ),
        (
            #"{"type":"delete","room":"den","target":3,"client_id":"c1"}"#,
            write(.delete(target: 3))
        ),
        (
            #"{"type":"react","room":"den","target":3,"emoji":"👍","client_id":"c1"}"#,
            write(.react(target: 3, emoji: "👍"))
        ),
        (
            #"{"type":"unreact","room":"den","target":3,"emoji":"👍","client_id":"c1"}"#,
            write(.unreact(target: 3, emoji: "👍"))
        ),
        (#"{"type":"pin","room":"den","target":3,"client_id":"c1"}"#, write(.pin(target: 3))),
        (#"{"type":"unpin","room":"den","target":3,"client_id":"c1"}"#, write(.unpin(target: 3))),
        (
            #"{"type":"history","room":"den","before":9,"limit":5}"#,
            .room(room, .history(.before(9), limit: 5))
        ),
        (
            #"{"type":"search","room":"den","text":"tea","user":"u_0000000000005","#
                + #""after":"1970-01-01T00:00:01Z","before":"1970-01-01T00:00:02.5Z","#
                + #""order":"relevance","offset":3,"limit":5}"#,
            .room(room, .search(search))
        ),
        (
            #"{"type":"events","room":"den","after":9,"limit":5}"#,
            .room(room, .events(after: 9, limit: 5))
        ),
        (#"{"type":"typing","room":"den","on":false}"#, .room(room, .typing(false))),
        (
            #"{"type":"receipt","room":"den","delivered":5,"read":4}"#,
            .room(room, .receipt(delivered: 5, read: 4))
        ),
        (#"{"type":"readers","room":"den","seq":4}"#, .room(room, .readers(4))),
    ]

    static let texts = all.map(\.text)
}
