// SPDX-License-Identifier: MIT

import ChatCore

/// The accounts of a ``MemoryStore``.
struct MemoryAccounts: Sendable {
    var records: [UserID: AccountRecord] = [:]
    var emails: [String: UserID] = [:]
    var devices: [DeviceID: DeviceRecord] = [:]

    mutating func remove(_ user: UserID) {
        if let key = records.removeValue(forKey: user)?.emailKey { emails[key] = nil }
        for device in devices.values where device.user == user { devices[device.id] = nil }
    }

    /// The device that was used last first. O(devices of all).
    func devices(of user: UserID) -> [DeviceRecord] {
        devices.values.filter { $0.user == user }.sorted { left, right in
            (left.rotatedAt, Int64(bitPattern: left.id.rawValue))
                > (right.rotatedAt, Int64(bitPattern: right.id.rawValue))
        }
    }
}

extension MemoryState {
    mutating func addAccount(_ account: AccountRecord, profile: UserProfile) -> AccountOutcome {
        if let present = accounts.records[account.user.id] {
            return present.isSameRegistration(as: account) ? .stored(present) : .nameTaken
        }
        if userNames[NameKey(account.user.name)] != nil || users[account.user.id] != nil {
            return .nameTaken
        }
        if let key = account.emailKey, accounts.emails[key] != nil { return .emailTaken }
        _ = addUser(account.userRecord(profile: profile))
        put(account)
        return .stored(account)
    }

    /// The account as it is, with the name of its user.
    func account(_ user: UserID) -> AccountRecord? { accounts.records[user] }

    mutating func updateAccount(_ changes: AccountChanges, of user: UserID) -> AccountOutcome {
        guard let present = accounts.records[user] else { return .notFound }
        if changes.isOutdated(for: present) { return .outdated }
        let changed = changes.applied(to: present)
        if let key = changed.emailKey, let other = accounts.emails[key], other != user {
            return .emailTaken
        }
        if let name = changes.name, let other = userNames[NameKey(name)], other != user {
            return .nameTaken
        }
        if changes.name != nil {
            userNames[NameKey(present.user.name)] = nil
            userNames[NameKey(changed.user.name)] = user
            users[user]?.name = changed.user.name
        }
        if let key = present.emailKey { accounts.emails[key] = nil }
        put(changed)
        return .stored(changed)
    }

    private mutating func put(_ account: AccountRecord) {
        accounts.records[account.user.id] = account
        if let key = account.emailKey { accounts.emails[key] = account.user.id }
    }

    mutating func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) -> [DeviceID]? {
        guard let account = accounts.records[device.user], account.state == .active,
            account.passwordHash == passwordHash
        else { return nil }
        if accounts.devices[device.id] == nil { accounts.devices[device.id] = device }
        let others = accounts.devices(of: device.user).filter { $0.id != device.id }
        let removed = others.dropFirst(max(0, maximum - 1)).map(\.id)
        for id in removed { accounts.devices[id] = nil }
        return removed
    }

    mutating func rotateDevice(_ rotation: DeviceRotation) -> DeviceRecord? {
        guard let device = accounts.devices[rotation.id],
            let rotated = rotation.applied(to: device)
        else { return nil }
        accounts.devices[device.id] = rotated
        return rotated
    }

    mutating func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    ) -> [DeviceID] {
        let removed = accounts.devices(of: user).map(\.id).filter { id in
            id != kept && ids.map { $0.contains(id) } ?? true
        }
        for id in removed { accounts.devices[id] = nil }
        return removed
    }

    mutating func removeExpiredDevices(at time: Timestamp, limit: Int) -> Int {
        let expired = Array(
            accounts.devices.values.lazy.filter { $0.expires <= time }.prefix(max(1, limit)))
        for device in expired { accounts.devices[device.id] = nil }
        return expired.count
    }
}
