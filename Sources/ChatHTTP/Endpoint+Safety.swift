// SPDX-License-Identifier: MIT

// Ways into a room, what its moderators did, and whom one wants to meet.
extension Endpoint {
    /// Links, the password and the audit log of a room. A code opens a room: it stands in bodies only, because paths
    /// end up in logs.
    static let access = [
        Endpoint(
            method: "GET", path: "/rooms/{room}/join-links", command: "link.list",
            parameters: [room], paging: .list),
        Endpoint(
            method: "POST", path: "/rooms/{room}/join-links", command: "link.create",
            parameters: [room], body: ["until", "seconds", "uses"], success: .created),
        Endpoint(
            method: "POST", path: "/rooms/{room}/join-links/revoke", command: "link.revoke",
            parameters: [room], body: ["code"], success: .nothing),
        Endpoint(
            method: "PUT", path: "/rooms/{room}/password", command: "room.password",
            parameters: [room], body: ["password"], required: ["password"], success: .nothing),
        // The command without a password removes it.
        Endpoint(
            method: "DELETE", path: "/rooms/{room}/password", command: "room.password",
            parameters: [room], success: .nothing),
        Endpoint(
            method: "GET", path: "/rooms/{room}/audit", command: "room.audit", parameters: [room],
            query: [Parameter("before", .number), Parameter("limit", .number)]),
    ]

    /// Direct rooms and blocks.
    static let people = [
        Endpoint(
            method: "PUT", path: "/me/direct/{user}", command: "dm.open", parameters: [user]),
        Endpoint(method: "GET", path: "/me/blocks", command: "user.blocks", paging: .list),
        Endpoint(
            method: "PUT", path: "/me/blocks/{user}", command: "user.block", parameters: [user]),
        Endpoint(
            method: "DELETE", path: "/me/blocks/{user}", command: "user.unblock",
            parameters: [user], success: .nothing),
    ]
}
