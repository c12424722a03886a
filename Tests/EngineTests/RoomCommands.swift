// SPDX-License-Identifier: MIT

import ChatTesting

/// Every command of the protocol, for tests that try all of them. A test of the repository compares with the decoder.
enum RoomCommands {
    private static let user: JSONValue = "u_0000000000001"

    /// Those about a room, with the other keys that they need.
    static let all: [(type: String, fields: JSONValue)] = [
        ("send", ["text": "x"]), ("edit", ["target": 1, "text": "x"]), ("delete", ["target": 1]),
        ("react", ["target": 1, "emoji": "👍"]), ("unreact", ["target": 1, "emoji": "👍"]),
        ("pin", ["target": 1]), ("unpin", ["target": 1]), ("history", [:]),
        ("search", ["text": "x"]), ("events", [:]), ("typing", [:]), ("receipt", ["read": 1]),
        ("readers", ["seq": 1]), ("room.get", [:]), ("room.join", [:]), ("room.leave", [:]),
        ("room.members", [:]), ("room.update", ["description": "x"]), ("room.delete", [:]),
        ("room.transfer", ["user": user]), ("member.kick", ["user": user]),
        ("member.role", ["user": user, "role": "admin"]), ("member.ban", ["user": user]),
        ("member.unban", ["user": user]), ("member.mute", ["user": user]),
        ("member.unmute", ["user": user]), ("room.bans", [:]), ("room.invite", ["user": user]),
        ("invitation.decline", [:]), ("link.create", [:]), ("link.list", [:]),
        ("link.revoke", ["code": "i_x"]), ("room.password", [:]), ("room.audit", [:]),
    ]

    /// Those that are not about a room.
    static let others = [
        "hello", "ping", "whoami", "logout", "presence.set", "profile.update", "room.create",
        "room.list", "room.joined", "room.invitations", "dm.open", "user.block", "user.unblock",
        "user.blocks", "register", "login", "refresh", "password.change", "username.change",
        "email.change", "device.list", "device.remove",
        "upload.begin", "upload.chunk", "upload.finish", "upload.status", "upload.cancel",
        "download",
        "file.link",
    ]
}
