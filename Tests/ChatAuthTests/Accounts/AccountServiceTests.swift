// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatTesting
import Testing

@testable import ChatAuth

@Suite struct `An account service` {
    @Test func `A1: tells every broken rule of a registration by field, and keeps nothing`()
        async throws
    {
        let world = try AccountWorld()
        let request = RegistrationRequest(
            username: "x", password: "short", email: "nobody",
            displayName: String(repeating: "a", count: 101))
        let error = await refusal { () async throws(WireError) in
            try await world.service.register(request, from: world.peer)
        }
        #expect(error?.code == .invalidField)
        #expect(
            error?.details.map(\.field) == ["username", "password", "email", "display_name"])
        #expect(try await world.store.user(named: NameKey("x")) == nil)
    }

    @Test func `A2: refuses taken names and addresses in any case and trimmed`() async throws {
        let world = try AccountWorld()
        _ = try await world.register()
        for name in ["ana", "ANA", " Ana ", "ana\u{200D}"] {
            let error = await refusal { () async throws(WireError) in
                try await world.register(name, email: nil)
            }
            #expect(error?.code == .usernameTaken, "\(name)")
            #expect(error?.field == "username")
        }
        for email in ["ana@example.org", " ANA@Example.ORG "] {
            let error = await refusal { () async throws(WireError) in
                try await world.register("bo1", email: email)
            }
            #expect(error?.code == .emailTaken, "\(email)")
        }
        _ = try await world.register("bo1", email: nil)
    }

    @Test func `A2: a guest's name cannot be registered, nor an account's taken by a guest`()
        async throws
    {
        let world = try AccountWorld()
        let guests = GuestAuthenticator()
        _ = try await guests.signIn(
            Credentials(name: "Gus", token: nil, peer: world.peer), store: world.store)
        let taken = await refusal { () async throws(WireError) in
            try await world.register("gus", email: nil)
        }
        #expect(taken?.code == .usernameTaken)
        _ = try await world.register()
        let error = await refusal { () async throws(WireError) in
            try await guests.signIn(
                Credentials(name: "ANA", token: nil, peer: world.peer), store: world.store)
        }
        #expect(error?.code == .nameTaken)
        let byToken = await refusal { () async throws(WireError) in
            try await guests.signIn(
                Credentials(name: nil, token: "", peer: world.peer), store: world.store)
        }
        #expect(byToken?.code == .invalidToken)
    }

    @Test func `A3: lets in by name and by address, and gives user and tokens`() async throws {
        let world = try AccountWorld()
        let registered = try await world.register()
        for login in ["ana", "ANA", " ana ", "ana@example.org", "Ana@EXAMPLE.org"] {
            let grant = try await world.login(login)
            #expect(grant.user == registered.user, "\(login)")
            #expect(grant.device != registered.device)
            #expect(try await world.who(grant).user == registered.user)
        }
    }

    @Test func `A3: answers a wrong password and an unknown user alike, after one hash each`()
        async throws
    {
        let world = try AccountWorld()
        _ = try await world.register()
        let wrong = await refusal { () async throws(WireError) in
            try await world.login("ana", password: "wrong horse")
        }
        let nobody = await refusal { () async throws(WireError) in
            try await world.login("nobody", password: "wrong horse")
        }
        let nobodysAddress = await refusal { () async throws(WireError) in
            try await world.login("nobody@example.org", password: "wrong horse")
        }
        #expect(wrong?.code == .invalidCredentials)
        #expect(wrong == nobody)
        #expect(wrong == nobodysAddress)
        #expect(world.service.hasher.computedCount == 4)
    }

    @Test func `A4: renews the hash at a login when the parameters rose`() async throws {
        let store = MemoryStore()
        let weak = try AccountWorld(store: store)
        let user = try await weak.register().user.id
        let before = try #require(try await store.account(user)).passwordHash
        let strong = try AccountWorld(store: store) {
            $0.password = .unchecked(memoryKiB: 16, passes: 2)
        }
        _ = try await strong.login()
        let after = try #require(try await store.account(user)).passwordHash
        #expect(before.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
        #expect(after.hasPrefix("$argon2id$v=19$m=16,t=2,p=1$"))
        _ = try await strong.login()
        #expect(try await store.account(user)?.passwordHash == after)
    }

    @Test func `A5: tokens have sub, exp, iat and last 24 hours if that is wanted`() async throws {
        let world = try AccountWorld { $0.accessSeconds = 86_400 }
        let grant = try await world.register()
        let claims = try world.service.verifier.verify(
            grant.accessToken, now: world.clock.wallTime())
        let second = world.clock.wallTime().milliseconds / 1_000
        #expect(claims.subject == grant.user.id.description)
        #expect(claims.issuedAt == second)
        #expect(claims.expires == second + 86_400)
        #expect(grant.expiresInSeconds == 86_400)
        #expect(claims.name == nil)
        world.pass(seconds: 86_399)
        #expect(try await world.who(grant).device == grant.device)
        world.pass(seconds: 6)
        let error = await refusal { () async throws(WireError) in try await world.who(grant) }
        #expect(error?.code == .tokenExpired)
    }

    @Test func `A6: logout voids the tokens of that device, and only of that`() async throws {
        let world = try AccountWorld()
        let (one, other) = (try await world.register(), try await world.login())
        try await world.service.logout(world.who(one))
        let access = await refusal { () async throws(WireError) in try await world.who(one) }
        #expect(access?.code == .invalidToken)
        #expect(access?.details.map(\.message) == ["signed_out"])
        let refresh = await refusal { () async throws(WireError) in
            try await world.service.refresh(one.refreshToken, peer: world.peer)
        }
        #expect(refresh?.code == .invalidToken)
        #expect(try await world.who(other).user == one.user)
    }

    @Test func `A6: logout everywhere and deactivation void all tokens`() async throws {
        let world = try AccountWorld()
        let (one, other) = (try await world.register(), try await world.login())
        try await world.service.logoutAll(world.who(one))
        for grant in [one, other] {
            let error = await refusal { () async throws(WireError) in try await world.who(grant) }
            #expect(error?.code == .invalidToken)
        }
        let third = try await world.login()
        try await world.service.deactivate(world.who(third))
        let access = await refusal { () async throws(WireError) in try await world.who(third) }
        #expect(access?.code == .invalidToken)
        let login = await refusal { () async throws(WireError) in try await world.login() }
        #expect(login?.code == .accountLocked)
    }

    @Test func `A7: tells its owner all of an account but the hash`() async throws {
        let world = try AccountWorld()
        let grant = try await world.register()
        let view = try await world.service.updateProfile(
            ProfileChanges(displayName: "Ana Lund", avatar: "faces/7", statusText: "here"),
            of: world.who(grant))
        #expect(view.user == grant.user)
        #expect(view.email == "ana@example.org")
        #expect(view.profile.displayName == "Ana Lund")
        #expect(view.profile.avatar == "faces/7")
        #expect(view.profile.statusText == "here")
        #expect(view.state == .active)
        #expect(view.createdAt == world.clock.wallTime())
        #expect(view.lastLoginAt == world.clock.wallTime())
        #expect(!"\(view)".contains("argon2"))
    }

    @Test func `A8: blocks an account after its failures, with the time to wait`() async throws {
        let world = try AccountWorld { $0.loginLimits.failuresPerAccount = 3 }
        _ = try await world.register()
        for name in ["ana", "nobody"] {
            for _ in 0..<3 {
                let error = await refusal { () async throws(WireError) in
                    try await world.login(name, password: "wrong horse")
                }
                #expect(error?.code == .invalidCredentials)
            }
            let error = await refusal { () async throws(WireError) in
                try await world.login(name, from: "192.0.2.2")
            }
            #expect(error?.code == .loginBlocked)
            #expect(error?.retryAfterMilliseconds == 900_000)
        }
        world.pass(seconds: 900)
        _ = try await world.login()
    }

    @Test func `A8: blocks an address after its failures at many accounts`() async throws {
        let world = try AccountWorld { $0.loginLimits.failuresPerAddress = 3 }
        _ = try await world.register()
        for number in 0..<3 {
            _ = await refusal { () async throws(WireError) in
                try await world.login("user \(number)", password: "wrong horse")
            }
        }
        let error = await refusal { () async throws(WireError) in try await world.login() }
        #expect(error?.code == .addressBlocked)
        #expect(error?.retryAfterMilliseconds == 900_000)
        _ = try await world.login(from: "192.0.2.2")
    }

    @Test func `failed logins from one IPv6 subscriber count together`() async throws {
        let world = try AccountWorld { $0.loginLimits.failuresPerAddress = 3 }
        _ = try await world.register()
        for number in 0..<3 {
            _ = await refusal { () async throws(WireError) in
                try await world.login(
                    "user \(number)", password: "wrong horse", from: "2001:db8:1:2::\(number)")
            }
        }
        let error = await refusal { () async throws(WireError) in
            try await world.login(from: "2001:db8:1:2:ffff::9")
        }
        #expect(error?.code == .addressBlocked)
        _ = try await world.login(from: "2001:db8:1:3::1")
    }

    @Test func `A8: a locked account has its own error, for the right password only`()
        async throws
    {
        let world = try AccountWorld()
        let grant = try await world.register()
        try await world.service.setState(.locked, of: grant.user.id)
        let right = await refusal { () async throws(WireError) in try await world.login() }
        #expect(right?.code == .accountLocked)
        let wrong = await refusal { () async throws(WireError) in
            try await world.login(password: "wrong horse")
        }
        #expect(wrong?.code == .invalidCredentials)
        try await world.service.setState(.active, of: grant.user.id)
        _ = try await world.login()
    }

    @Test func `changes a password, and signs out the other devices`() async throws {
        let world = try AccountWorld()
        let (one, other) = (try await world.register(), try await world.login())
        for _ in 0..<2 {
            // Once more: the first answer may have been lost.
            try await world.service.changePassword(
                of: world.who(one), from: AccountWorld.password, to: "battery staple",
                peer: world.peer)
        }
        let error = await refusal { () async throws(WireError) in try await world.who(other) }
        #expect(error?.code == .invalidToken)
        let old = await refusal { () async throws(WireError) in try await world.login() }
        #expect(old?.code == .invalidCredentials)
        _ = try await world.login(password: "battery staple")
    }

    @Test func `changes no password without the present one, nor to one that may not be`()
        async throws
    {
        let world = try AccountWorld()
        let who = try await world.who(world.register())
        let wrong = await refusal { () async throws(WireError) in
            try await world.service.changePassword(
                of: who, from: "wrong horse", to: "battery staple", peer: world.peer)
        }
        #expect(wrong?.code == .invalidCredentials)
        let short = await refusal { () async throws(WireError) in
            try await world.service.changePassword(
                of: who, from: AccountWorld.password, to: "short", peer: world.peer)
        }
        #expect(short?.details.map(\.field) == ["new_password"])
        _ = try await world.login()
    }

    @Test func `lets nobody register where that is off`() async throws {
        let world = try AccountWorld { $0.allowsRegistration = false }
        let error = await refusal { () async throws(WireError) in try await world.register() }
        #expect(error?.code == .forbidden)
    }

    @Test func `keeps a bounded number of devices`() async throws {
        let world = try AccountWorld { $0.devicesPerAccount = 2 }
        let first = try await world.register()
        var grants: [TokenGrant] = []
        for _ in 0..<2 {
            world.pass(seconds: 1)
            grants.append(try await world.login())
        }
        let error = await refusal { () async throws(WireError) in try await world.who(first) }
        #expect(error?.code == .invalidToken)
        for grant in grants { #expect(try await world.who(grant).device == grant.device) }
        #expect(
            try await world.service.devices(of: first.user.id).map(\.client) == [
                "test/1", "test/1",
            ])
    }

    @Test func `refuses a configuration that cannot work`() throws {
        for change in [
            { $0.accessSeconds = 0 }, { $0.refreshSeconds = -1 }, { $0.devicesPerAccount = 0 },
            { $0.passwordMinimumCharacters = 7 }, { $0.hashingThreads = 0 },
            { $0.loginLimits.failuresPerAccount = 0 }, { $0.clockSkewSeconds = 301 },
        ] as [(inout AccountOptions) -> Void] {
            #expect(throws: AuthConfigurationError.self) { _ = try AccountWorld(change) }
        }
    }
}
