// SPDX-License-Identifier: MIT

import ChatCore

extension AccountStoreContract {
    static let accountChecks: [AccountCheck] = [
        AccountCheck("an account is found by id, name and address in any case") { probe in
            let ada = try await probe.add()
            let store = probe.store
            try probe.expect(await store.account(ada.user.id), ada)
            try probe.expect(await store.account(named: NameKey(" aDA ")), ada)
            let key = AccountRecord.key(ofEmail: "ADA@EXAMPLE.org")
            try probe.expect(await store.account(emailKey: key), ada)
            try probe.expect(await store.account(UserID(rawValue: 12)), nil)
            try probe.expect(await store.account(named: NameKey("Bob")), nil)
            try probe.expect(await store.account(emailKey: "nobody@example.org"), nil)
        },
        AccountCheck("an account is a user whose name cannot be taken over") { probe in
            let ada = AccountProbe.account()
            _ = try await probe.store.addAccount(ada, profile: UserProfile(displayName: "Ada L."))
            let user = UserRecord(
                id: ada.user.id, name: "Ada", token: "", isNameKept: true,
                profile: UserProfile(displayName: "Ada L."), createdAt: ada.createdAt)
            try probe.expect(await probe.store.user(ada.user.id), user)
            let guest = UserRecord(
                id: UserID(rawValue: 12), name: "ADA", token: "t", isNameKept: false)
            try probe.expect(await probe.store.addUser(guest), user)
        },
        AccountCheck("a name of an account or a guest is taken, in any case") { probe in
            try await probe.add()
            let guest = UserRecord(
                id: UserID(rawValue: 12), name: "Bob", token: "t", isNameKept: false)
            _ = try await probe.store.addUser(guest)
            for name in ["ada", "BOB"] {
                let other = AccountProbe.account(13, name, email: nil)
                try probe.expect(
                    await probe.store.addAccount(other, profile: UserProfile()), .nameTaken)
                try probe.expect(await probe.store.account(other.user.id), nil)
            }
        },
        AccountCheck("an address is taken, in any case, and leaves no user behind") { probe in
            try await probe.add()
            let other = AccountProbe.account(12, "Bob", email: "ada@EXAMPLE.ORG")
            try probe.expect(
                await probe.store.addAccount(other, profile: UserProfile()), .emailTaken)
            try probe.expect(await probe.store.user(other.user.id), nil)
            try await probe.add(AccountProbe.account(12, "Bob", email: nil))
            try await probe.add(AccountProbe.account(13, "Cyd", email: nil))
        },
        AccountCheck("of a taken name and a taken address the name is told") { probe in
            try await probe.add()
            let other = AccountProbe.account(12, "Ada")
            try probe.expect(
                await probe.store.addAccount(other, profile: UserProfile()), .nameTaken)
        },
        AccountCheck("adding the same account again finds it") { probe in
            let ada = try await probe.add()
            try probe.expect(
                await probe.store.addAccount(ada, profile: UserProfile()), .stored(ada))
            var other = ada
            other.passwordHash = "another"
            try probe.expect(
                await probe.store.addAccount(other, profile: UserProfile()), .nameTaken)
        },
        AccountCheck("of many who take one name at once, one gets it") { probe in
            let store = probe.store
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in 100..<120 {
                    group.addTask {
                        let account = AccountProbe.account(
                            UInt64(id), id % 2 == 0 ? "Eve" : "EVE", email: "eve\(id)@example.org")
                        let outcome = try await store.addAccount(account, profile: UserProfile())
                        return outcome == .stored(account)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try probe.expect(won, 1)
        },
        AccountCheck("of many who take one address at once, one gets it") { probe in
            let store = probe.store
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in 100..<120 {
                    group.addTask {
                        let account = AccountProbe.account(
                            UInt64(id), "Eve \(id)", email: "eve@example.org")
                        let outcome = try await store.addAccount(account, profile: UserProfile())
                        return outcome == .stored(account)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try probe.expect(won, 1)
        },
        AccountCheck("an erased user has no account and no devices, and their address is free") {
            probe in
            let ada = try await probe.add()
            _ = try await probe.add(AccountProbe.device(1))
            _ = try await probe.store.beginErasure(of: ada.user.id)
            try probe.expect(await probe.store.account(ada.user.id), nil)
            try probe.expect(await probe.ids(), [])
            try probe.expect(await probe.add(AccountProbe.device(2)), nil)
            try await probe.add(AccountProbe.account(12))
        },
    ]

    static let changeChecks: [AccountCheck] = [
        AccountCheck("a change changes what it names, and nothing else") { probe in
            var ada = try await probe.add()
            let store = probe.store
            func change(_ changes: AccountChanges) async throws {
                ada = changes.applied(to: ada)
                try probe.expect(
                    await store.updateAccount(changes, of: ada.user.id), .stored(ada))
                try probe.expect(await store.account(ada.user.id), ada)
            }
            try await change(AccountChanges(state: .locked))
            try await change(AccountChanges(lastLoginAt: Timestamp(milliseconds: 9)))
            try await change(
                AccountChanges(passwordHash: "new", expectedPasswordHash: "hash of 11"))
            try await change(AccountChanges(email: "a@example.org"))
            try await change(AccountChanges(name: "Ada Lovelace"))
            try await change(AccountChanges(name: "ADA LOVELACE"))
            try await change(AccountChanges(email: ""))
            try await change(AccountChanges())
            try probe.expect(await store.user(ada.user.id)?.name, "ADA LOVELACE")
            try probe.expect(await store.account(named: NameKey("Ada")), nil)
            try await probe.add(AccountProbe.account(12, "Ada"))
        },
        AccountCheck("a change to a name or an address of somebody else changes nothing") {
            probe in
            let ada = try await probe.add()
            try await probe.add(AccountProbe.account(12, "Bob", email: "bob@example.org"))
            let store = probe.store
            var changes = AccountChanges(name: "BOB", state: .locked)
            try probe.expect(await store.updateAccount(changes, of: ada.user.id), .nameTaken)
            changes = AccountChanges(name: "Cyd", email: "Bob@example.org")
            try probe.expect(await store.updateAccount(changes, of: ada.user.id), .emailTaken)
            try probe.expect(await store.account(ada.user.id), ada)
            try probe.expect(await store.user(ada.user.id)?.name, "Ada")
            let nobody = UserID(rawValue: 99)
            try probe.expect(await store.updateAccount(AccountChanges(), of: nobody), .notFound)
        },
        AccountCheck("a password that was changed meanwhile is not overwritten") { probe in
            let ada = try await probe.add()
            let changes = AccountChanges(
                passwordHash: "rehashed", expectedPasswordHash: "the one before")
            try probe.expect(
                await probe.store.updateAccount(changes, of: ada.user.id), .outdated)
            try probe.expect(await probe.store.account(ada.user.id), ada)
        },
        AccountCheck("a change that is made again finds its own password") { probe in
            let ada = try await probe.add()
            let changes = AccountChanges(
                passwordHash: "new", expectedPasswordHash: ada.passwordHash)
            let changed = changes.applied(to: ada)
            for _ in 0..<2 {
                try probe.expect(
                    await probe.store.updateAccount(changes, of: ada.user.id), .stored(changed))
            }
        },
    ]
}
