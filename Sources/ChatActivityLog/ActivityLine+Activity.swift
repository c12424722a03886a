// SPDX-License-Identifier: MIT

import ChatCore

extension ActivityLine {
    /// The whole line of an activity. Empty texts are left out: content, if it is not wanted.
    init(_ activity: Activity, at time: Timestamp) {
        self.init(activity.eventName, at: time)
        switch activity {
        case .signedIn(let user, let method, let peer):
            add(user)
            add("method", method.text)
            add(peer)
        case .signInRefused(let code, let peer):
            add("code", code.rawValue)
            add(peer)
        case .signedOut(let user, let isExplicit, let peer):
            add(user)
            add("explicit", isExplicit)
            add(peer)
        case .passwordChanged(let user, let peer), .emailChanged(let user, let peer):
            add(user)
            add(peer)
        case .renamed(let user, let name):
            add(user)
            add("to", name)
        case .erased(let user): add("user", user.description)
        case .roomCreated(let room, let user):
            add(room)
            if let user { add(user) }
        case .roomDeleted(let room, let user), .acted(_, let room, let user):
            add(room)
            add(user)
        case .invited(let subject, let room, let user):
            add(room)
            add(user)
            add(subject: subject, "")
        case .changed(let change, let seq, let subject, let room, let user):
            add(room)
            add(user)
            add("seq", seq.rawValue)
            add(change, subject)
        case .fileStored(let file, let room, let user):
            add("room", room.description)
            add("user", user.description)
            add("file", file.id)
            add("bytes", file.byteCount)
            add("media_type", file.mediaType)
            addContent("file_name", file.name)
        }
        end()
    }

    /// How many lines the file lacks before this one.
    init(lost count: Int, at time: Timestamp) {
        self.init("lines_lost", at: time)
        add("count", count)
        end()
    }

    private mutating func addContent(_ key: StaticString, _ text: String) {
        if !text.isEmpty { add(key, text) }
    }

    private mutating func add(_ change: LogChange, _ subject: String) {
        switch change {
        case .message(let text, let replyTo):
            if let replyTo { add("reply_to", replyTo.rawValue) }
            addContent("text", text)
        case .post(let post):
            if let replyTo = post.replyTo { add("reply_to", replyTo.rawValue) }
            add("files", post.attachments.map(\.id))
            add("file_names", post.attachments.map(\.name).filter { !$0.isEmpty })
            addContent("text", post.text)
        case .edit(let target, let text):
            add("target", target.rawValue)
            addContent("text", text)
        case .react(let target, let emoji), .unreact(let target, let emoji):
            add("target", target.rawValue)
            addContent("emoji", emoji)
        case .delete(let target), .pin(let target), .unpin(let target):
            add("target", target.rawValue)
        case .join(let user, let role, _):
            add(subject: user, subject)
            add("role", role.name)
        case .accept: add(change.recorded, subject)
        case .leave(let user, let reason, _):
            add(subject: user, subject)
            add("reason", reason.name)
        case .role(let user, let role):
            add(subject: user, subject)
            add("role", role.name)
        case .room(let changes): add("keys", changes.keys)
        case .ban(let user, let ban):
            add(subject: user, subject)
            add(until: ban.until)
            addContent("reason", ban.reason)
        case .mute(let user, let end):
            add(subject: user, subject)
            add(until: end)
        case .unban(let user), .unmute(let user): add(subject: user, subject)
        }
    }
}

extension Activity {
    /// What a line calls it.
    var eventName: String {
        switch self {
        case .signedIn: "signed_in"
        case .signInRefused: "sign_in_refused"
        case .signedOut: "signed_out"
        case .passwordChanged: "password_changed"
        case .emailChanged: "email_changed"
        case .renamed: "renamed"
        case .erased: "erased"
        case .roomCreated: "room_created"
        case .roomDeleted: "room_deleted"
        case .invited: "invited"
        case .acted(let action, _, _): action.name
        case .fileStored: "file_stored"
        case .changed(let change, _, _, _, _): change.eventName
        }
    }
}

extension LogChange {
    fileprivate var eventName: String {
        switch self {
        case .message, .post: "message"
        case .edit: "edit"
        case .delete: "delete"
        case .react: "react"
        case .unreact: "unreact"
        case .pin: "pin"
        case .unpin: "unpin"
        case .join, .accept: "join"
        case .leave: "leave"
        case .role: "role"
        case .room: "room_changed"
        case .ban: "ban"
        case .unban: "unban"
        case .mute: "mute"
        case .unmute: "unmute"
        }
    }
}
