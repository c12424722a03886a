// SPDX-License-Identifier: MIT

// Everything there is over HTTP. `docs/openapi.json` describes the same; a test compares them.
extension Endpoint {
    /// All endpoints.
    static let all = accounts + rooms + members + access + people + messages + reading

    static let room = Parameter("room")
    static let user = Parameter("user")
    private static let target = Parameter("seq", .number, key: "target")

    private static let accounts = [
        Endpoint(
            method: "POST", path: "/auth/register", command: "register", access: .open,
            body: ["username", "password", "email", "display_name", "client"], success: .created),
        Endpoint(
            method: "POST", path: "/auth/login", command: "login", access: .open,
            body: ["login", "password", "client"]),
        Endpoint(
            method: "POST", path: "/auth/guest", command: "hello", access: .open,
            body: ["name", "keep_name"]),
        Endpoint(
            method: "POST", path: "/auth/refresh", command: "refresh", access: .open,
            body: ["refresh_token"]),
        Endpoint(
            method: "POST", path: "/auth/logout", command: "logout", body: ["all"],
            success: .nothing),
        Endpoint(
            method: "POST", path: "/auth/password", command: "password.change",
            body: ["password", "new_password"], success: .nothing),
        Endpoint(
            method: "POST", path: "/auth/username", command: "username.change",
            body: ["username"], success: .nothing),
        Endpoint(method: "GET", path: "/auth/devices", command: "device.list"),
        Endpoint(
            method: "DELETE", path: "/auth/devices/{device}", command: "device.remove",
            parameters: [Parameter("device")], success: .nothing),
        Endpoint(
            method: "POST", path: "/auth/email", command: "email.change",
            body: ["email", "password"], success: .nothing),
        Endpoint(method: "GET", path: "/auth/me", command: "whoami"),
        Endpoint(
            method: "PATCH", path: "/auth/me", command: "profile.update",
            body: ["display_name", "avatar", "status_text", "hides_last_seen"]),
    ]

    private static let settings = [
        "name", "description", "private", "max_members", "slow_mode_seconds", "retention_days",
        "retention_messages",
    ]

    private static let rooms = [
        Endpoint(method: "GET", path: "/rooms", command: "room.list", paging: .list),
        Endpoint(
            method: "POST", path: "/rooms", command: "room.create",
            body: settings, success: .createdRoom),
        Endpoint(
            method: "GET", path: "/rooms/{room}", command: "room.get", parameters: [room]),
        Endpoint(
            method: "PATCH", path: "/rooms/{room}", command: "room.update", parameters: [room],
            body: settings),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}", command: "room.delete", parameters: [room],
            success: .nothing),
        Endpoint(
            method: "POST", path: "/rooms/{room}/join", command: "room.join", parameters: [room],
            body: ["password"]),
        Endpoint(
            method: "POST", path: "/join", command: "room.join", body: ["code"],
            required: ["code"]),
        Endpoint(
            method: "POST", path: "/rooms/{room}/leave", command: "room.leave",
            parameters: [room], success: .nothing),
        Endpoint(
            method: "POST", path: "/rooms/{room}/owner", command: "room.transfer",
            parameters: [room], body: ["user"]),
        Endpoint(
            method: "POST", path: "/rooms/{room}/invitations", command: "room.invite",
            parameters: [room], body: ["user", "until", "seconds"]),
        Endpoint(
            method: "GET", path: "/me/rooms", command: "room.joined", paging: .joinedRooms),
        Endpoint(
            method: "GET", path: "/me/invitations", command: "room.invitations", paging: .list),
        Endpoint(
            method: "DELETE", path: "/me/invitations/{room}", command: "invitation.decline",
            parameters: [room], success: .nothing),
    ]

    private static let members = [
        Endpoint(
            method: "GET", path: "/rooms/{room}/members", command: "room.members",
            parameters: [room], paging: .list),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/members/{user}", command: "member.kick",
            parameters: [room, user]),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/members/{user}/role", command: "member.role",
            parameters: [room, user], body: ["role"]),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/members/{user}/mute", command: "member.mute",
            parameters: [room, user], body: ["until", "seconds"]),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/members/{user}/mute", command: "member.unmute",
            parameters: [room, user]),
        Endpoint(
            method: "GET", path: "/rooms/{room}/bans", command: "room.bans", parameters: [room],
            paging: .list),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/bans/{user}", command: "member.ban",
            parameters: [room, user], body: ["until", "seconds", "reason"]),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/bans/{user}", command: "member.unban",
            parameters: [room, user]),
    ]

    private static let messages = [
        Endpoint(
            method: "GET", path: "/rooms/{room}/messages", command: "history",
            parameters: [room],
            query: [
                Parameter("before", .number), Parameter("after", .number),
                Parameter("around", .number), Parameter("limit", .number),
            ]),
        Endpoint(
            method: "POST", path: "/rooms/{room}/messages", command: "send", parameters: [room],
            body: ["text", "reply_to", "client_id"], success: .created),
        Endpoint(
            method: "PATCH", path: "/rooms/{room}/messages/{seq}", command: "edit",
            parameters: [room, target], body: ["text", "client_id"]),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/messages/{seq}", command: "delete",
            parameters: [room, target]),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/messages/{seq}/reactions/{emoji}",
            command: "react", parameters: [room, target, Parameter("emoji")]),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/messages/{seq}/reactions/{emoji}",
            command: "unreact", parameters: [room, target, Parameter("emoji")]),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/messages/{seq}/pin", command: "pin",
            parameters: [room, target]),
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/messages/{seq}/pin", command: "unpin",
            parameters: [room, target]),
        Endpoint(
            method: "GET", path: "/rooms/{room}/messages/{seq}/readers", command: "readers",
            parameters: [room, Parameter("seq", .number)]),
    ]

    private static let reading = [
        Endpoint(
            method: "GET", path: "/rooms/{room}/events", command: "events", parameters: [room],
            query: [Parameter("after", .number), Parameter("limit", .number)]),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/receipt", command: "receipt", parameters: [room],
            body: ["delivered", "read"]),
        Endpoint(
            method: "GET", path: "/rooms/{room}/search", command: "search", parameters: [room],
            query: searching, paging: .search),
        Endpoint(
            method: "GET", path: "/search", command: "search", query: searching, paging: .search),
    ]

    private static let searching = ["text", "user", "after", "before", "order"].map {
        Parameter($0)
    }
}
