// SPDX-License-Identifier: MIT

import ChatCore

extension AccountStoreContract {
    static let deviceChecks: [AccountCheck] = [
        AccountCheck("a device is found again, and a user's by their last use") { probe in
            try await probe.add()
            try await probe.add(AccountProbe.account(12, "Bob", email: nil))
            for id: UInt64 in [2, 1, .max - 615, 3] {
                try probe.expect(await probe.add(AccountProbe.device(id)), [])
            }
            try probe.expect(await probe.add(AccountProbe.device(4, of: 12)), [])
            let device = AccountProbe.device(.max - 615)
            try probe.expect(await probe.store.device(device.id), device)
            try probe.expect(await probe.store.device(DeviceID(rawValue: 99)), nil)
            // .max ends with …615: that one was used at second 0.
            try probe.expect(await probe.ids(), [3, 2, 1, .max - 615])
            try probe.expect(await probe.ids(of: 12), [4])
        },
        AccountCheck("adding a device again changes nothing") { probe in
            try await probe.add()
            _ = try await probe.add(AccountProbe.device(1))
            var again = AccountProbe.device(1)
            again.currentHash = "other"
            try probe.expect(await probe.add(again), [])
            try probe.expect(await probe.store.device(again.id), AccountProbe.device(1))
        },
        AccountCheck("beyond the maximum the device goes that was used longest ago") { probe in
            try await probe.add()
            for id: UInt64 in [3, 1, 2] { _ = try await probe.add(AccountProbe.device(id)) }
            let removed = try await probe.add(AccountProbe.device(4), maximum: 3)
            try probe.expect(removed, [DeviceID(rawValue: 1)])
            try probe.expect(await probe.ids(), [4, 3, 2])
            // The new one stays, also if its clock was behind.
            let late = try await probe.add(AccountProbe.device(1_000), maximum: 1)
            try probe.expect(late, [4, 3, 2].map { DeviceID(rawValue: $0) })
            try probe.expect(await probe.ids(), [1_000])
        },
        AccountCheck("only an active account with that password gets a device") { probe in
            let ada = try await probe.add()
            let store = probe.store
            let device = AccountProbe.device(1)
            try probe.expect(
                await store.addDevice(device, passwordHash: "old", maximum: 9), nil)
            for state in [AccountState.locked, .deactivated] {
                _ = try await store.updateAccount(AccountChanges(state: state), of: ada.user.id)
                try probe.expect(await probe.add(device), nil)
            }
            try probe.expect(await probe.add(AccountProbe.device(2, of: 77)), nil)
            try probe.expect(await probe.ids(), [])
        },
        AccountCheck("a device's token is exchanged for the next one, once") { probe in
            try await probe.add()
            let device = AccountProbe.device(1)
            _ = try await probe.add(device)
            let at = Timestamp(milliseconds: 7_000)
            let rotation = DeviceRotation(
                id: device.id, from: "one", to: "two", at: at,
                expires: Timestamp(milliseconds: 99_000))
            var rotated = device
            (rotated.currentHash, rotated.previousHash) = ("two", "one")
            (rotated.rotatedAt, rotated.expires) = (at, rotation.expires)
            try probe.expect(await probe.store.rotateDevice(rotation), rotated)
            try probe.expect(await probe.store.rotateDevice(rotation), rotated)
            var other = rotation
            other.to = "three"
            try probe.expect(await probe.store.rotateDevice(other), nil)
            try probe.expect(await probe.store.device(device.id), rotated)
            other.id = DeviceID(rawValue: 9)
            try probe.expect(await probe.store.rotateDevice(other), nil)
        },
        AccountCheck("of many who exchange one token at once for others, one does") { probe in
            try await probe.add()
            _ = try await probe.add(AccountProbe.device(1))
            let store = probe.store
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let rotation = DeviceRotation(
                            id: DeviceID(rawValue: 1), from: "one", to: "next \(number)",
                            at: Timestamp(milliseconds: 1), expires: Timestamp(milliseconds: 2))
                        return try await store.rotateDevice(rotation) != nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try probe.expect(won, 1)
        },
        AccountCheck("devices are removed by id or all, and one may stay") { probe in
            try await probe.add()
            try await probe.add(AccountProbe.account(12, "Bob", email: nil))
            for id: UInt64 in 1...5 { _ = try await probe.add(AccountProbe.device(id)) }
            _ = try await probe.add(AccountProbe.device(6, of: 12))
            let (store, ada) = (probe.store, UserID(rawValue: 11))
            func id(_ number: UInt64) -> DeviceID { DeviceID(rawValue: number) }
            var removed = try await store.removeDevices(
                of: ada, [id(2), id(6), id(9)], except: nil)
            try probe.expect(removed, [id(2)])
            removed = try await store.removeDevices(of: ada, [id(2)], except: nil)
            try probe.expect(removed, [])
            removed = try await store.removeDevices(of: ada, [id(1), id(3)], except: id(3))
            try probe.expect(removed, [id(1)])
            removed = try await store.removeDevices(of: ada, nil, except: id(4))
            try probe.expect(removed, [id(5), id(3)])
            try probe.expect(await probe.ids(), [4])
            try probe.expect(await probe.ids(of: 12), [6])
            removed = try await store.removeDevices(of: ada, nil, except: nil)
            try probe.expect(removed, [id(4)])
        },
        AccountCheck("expired devices are removed in slices") { probe in
            try await probe.add()
            for id: UInt64 in 1...4 { _ = try await probe.add(AccountProbe.device(id)) }
            // Device n expires at second 60 + n.
            let (store, time) = (probe.store, Timestamp(milliseconds: 63_000))
            try probe.expect(await store.removeExpiredDevices(at: time, limit: 2), 2)
            try probe.expect(await store.removeExpiredDevices(at: time, limit: 2), 1)
            try probe.expect(await store.removeExpiredDevices(at: time, limit: 2), 0)
            try probe.expect(await probe.ids(), [4])
        },
    ]
}
