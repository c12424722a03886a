// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Every role with every action, and on every other role. What is expected stands here once more, not taken from the code.
@Suite struct PermissionTests {
    /// The lowest role for each permission.
    static let minimum: [RoomPermission: Role] = [
        .read: .member, .post: .member, .leave: .member, .inviteToPublic: .member,
        .inviteToPrivate: .moderator, .link: .moderator, .pin: .moderator,
        .deleteOthers: .moderator, .skipSlowMode: .moderator, .kick: .moderator, .ban: .moderator,
        .bans: .moderator, .mute: .moderator, .role: .admin, .update: .admin, .password: .admin,
        .audit: .admin, .transfer: .owner, .delete: .owner,
    ]

    /// Commands that need a permission and are not about somebody.
    static let commands: [(RoomPermission, String, JSONValue)] = [
        (.read, "history", [:]), (.read, "events", [:]), (.read, "search", ["text": "x"]),
        (.read, "room.members", [:]), (.read, "room.get", [:]), (.read, "readers", ["seq": 9]),
        (.read, "receipt", ["read": 1]), (.post, "send", ["text": "x"]), (.post, "typing", [:]),
        (.post, "react", ["target": 9, "emoji": "👍"]), (.leave, "room.leave", [:]),
        (.link, "link.create", [:]), (.link, "link.list", [:]), (.pin, "pin", ["target": 9]),
        (.pin, "unpin", ["target": 9]), (.deleteOthers, "delete", ["target": 9]),
        (.bans, "room.bans", [:]), (.update, "room.update", ["description": "x"]),
        (.update, "room.update", ["slow_mode_seconds": 9]), (.password, "room.password", [:]),
        (.audit, "room.audit", [:]), (.delete, "room.delete", [:]),
    ]

    /// Commands that are about somebody, with the permission for them.
    static let commandsOverOthers: [(RoomPermission, String, JSONValue)] = [
        (.kick, "member.kick", [:]), (.ban, "member.ban", [:]), (.ban, "member.unban", [:]),
        (.mute, "member.mute", [:]), (.mute, "member.unmute", [:]),
        (.role, "member.role", ["role": "member"]),
    ]

    /// A private room with two of each role but the owner, and a message of a third member at 9.
    private struct Scene {
        let world: LoopbackWorld
        let room: JSONValue
        private var clients: [Role: [LoopbackClient]] = [:]
        let stranger: LoopbackClient

        init() async throws {
            world = try await LoopbackWorld()
            let owner = world.guest("owner")
            room = .string(owner.makeRoom("den"))
            let author = world.guest("author")
            author.ask("room.join", ["room": room])
            clients[.owner] = [owner]
            stranger = world.guest("stranger")
            for role in [Role.member, .moderator, .admin] {
                for number in 1...2 {
                    let client = world.guest("\(role.name)\(number)")
                    client.ask("room.join", ["room": room])
                    clients[role, default: []].append(client)
                }
            }
            let message = author.say("x", in: room.string ?? "")
            #expect(message.seq == 9)
            for role in [Role.moderator, .admin] {
                for client in clients[role] ?? [] {
                    owner.ask(
                        "member.role",
                        [
                            "room": room, "user": .string(client.userID),
                            "role": .string(role.name),
                        ])
                }
            }
            owner.ask("room.update", ["room": room, "private": true])
        }

        func actor(_ role: Role) -> LoopbackClient { clients[role]?.first ?? stranger }

        /// Another one of that role; the owner is only one.
        func other(_ role: Role?) -> LoopbackClient {
            guard let role else { return stranger }
            return clients[role]?.last ?? stranger
        }

        func ask(
            _ role: Role, _ type: String, _ fields: JSONValue, over other: LoopbackClient? = nil
        ) -> JSONValue {
            var fields = fields.setting("room", to: room)
            if let other { fields = fields.setting("user", to: .string(other.userID)) }
            return actor(role).ask(type, fields)
        }
    }

    @Test func `the matrix of the code is the one that is expected`() {
        #expect(Set(Self.minimum.keys) == Set(RoomPermission.allCases))
        for permission in RoomPermission.allCases {
            #expect(PermissionMatrix.minimumRole(permission) == Self.minimum[permission])
            let isOverOthers = [.kick, .ban, .mute, .role].contains(permission)
            #expect(PermissionMatrix.isOverOthers(permission) == isOverOthers)
        }
    }

    @Test(arguments: Role.allCases)
    func `R10 every role may do what the matrix says, and nothing else`(role: Role) async throws {
        for (permission, type, fields) in Self.commands {
            let scene = try await Scene()
            let answer = scene.ask(role, type, fields)
            guard let minimum = Self.minimum[permission] else { continue }
            if role < minimum {
                let refusal = permission == .deleteOthers ? "not_your_message" : "forbidden"
                #expect(answer.code == refusal, "\(role) \(type)")
            } else if permission == .leave && role == .owner {
                #expect(answer.code == "owner_must_transfer")
            } else {
                #expect(answer.type == "ok", "\(role) \(type): \(answer)")
            }
        }
    }

    @Test(arguments: Role.allCases)
    func `R10 every role acts on the roles below its own, and on no other`(role: Role) async throws
    {
        let targets: [Role?] = Role.allCases + [nil]
        for (permission, type, fields) in Self.commandsOverOthers {
            for target in targets {
                let scene = try await Scene()
                let answer = scene.ask(role, type, fields, over: scene.other(target))
                guard let minimum = Self.minimum[permission] else { continue }
                let isAllowed = role >= minimum && (target.map { $0 < role } ?? true)
                let label: Comment = "\(role) \(type) \(target?.name ?? "a stranger"): \(answer)"
                if !isAllowed {
                    #expect(answer.code == "forbidden", label)
                } else if target == nil
                    && !["member.ban", "member.unban", "member.unmute"].contains(type)
                {
                    #expect(answer.code == "not_member", label)
                } else {
                    #expect(answer.type == "ok", label)
                }
            }
        }
    }

    @Test(arguments: Role.allCases, [Role.member, .moderator, .admin])
    func `R10 roles are given by those above them, and the owner hands the room over`(
        role: Role, given: Role
    ) async throws {
        let scene = try await Scene()
        let target = scene.other(.member)
        let answer = scene.ask(
            role, "member.role", ["role": .string(given.name)], over: target)
        let isAllowed = role >= .admin && given < role && !(role == .member)
        #expect((answer.type == "ok") == isAllowed, "\(role) gives \(given): \(answer)")
        let transfer = scene.ask(role, "room.transfer", [:], over: target)
        #expect((transfer.type == "ok") == (role == .owner))
        let members = target.ask("room.members", ["room": scene.room])["members"].elements
        #expect(members.count { $0["role"] == "owner" } == 1, "there is always one owner")
    }

    @Test(arguments: Role.allCases)
    func `R10 into a private room moderators invite, into a public one every member`(
        role: Role
    ) async throws {
        let scene = try await Scene()
        let isAllowed = scene.ask(role, "room.invite", [:], over: scene.stranger).type == "ok"
        #expect(isAllowed == (role >= .moderator))
        scene.actor(.owner).ask("room.update", ["room": scene.room, "private": false])
        #expect(scene.ask(role, "room.invite", [:], over: scene.stranger).type == "ok")
    }

    @Test(arguments: Role.allCases)
    func `R10 moderators need not wait for the slow mode`(role: Role) async throws {
        let scene = try await Scene()
        scene.actor(.owner).ask("room.update", ["room": scene.room, "slow_mode_seconds": 60])
        #expect(scene.ask(role, "send", ["text": "1"]).type == "ok")
        let second = scene.ask(role, "send", ["text": "2"])
        #expect((second.code == "slow_mode") == (role < .moderator))
    }
}
