// SPDX-License-Identifier: MIT

import ChatCore

// Accounts. Two transactions that take one name or address at once: the second is undone by the unique index, repeated,
// and sees the first.
extension PostgresSession {
    func addAccount(
        _ account: AccountRecord, profile: UserProfile
    ) throws(PostgresFailure) -> AccountOutcome {
        if let present = try found(.lockAccount, [.user(account.user.id)]) {
            return present.isSameRegistration(as: account) ? .stored(present) : .nameTaken
        }
        if let key = account.emailKey {
            // The name is told first, as in every store.
            let name = PostgresValue.bytes(NameKey(account.user.name).folded)
            if try connection.fetch(.nameHolder, [name]).count > 0 { return .nameTaken }
            // A user without an account is not made one by the way.
            if try connection.fetch(.user, [.user(account.user.id)]).count > 0 {
                return .nameTaken
            }
            if try found(.accountWithEmail, [.bytes(key)]) != nil { return .emailTaken }
        }
        let user = account.userRecord(profile: profile)
        guard try addUser(user) == user else { return .nameTaken }
        try connection.send(
            .insertAccount,
            [
                .user(user.id), .optional(account.email), .optional(account.emailKey),
                .bytes(account.passwordHash), .int(Int64(account.state.rawValue)),
                .time(account.createdAt), .optional(account.lastLoginAt?.milliseconds),
            ])
        return .stored(account)
    }

    func updateAccount(
        _ changes: AccountChanges, of user: UserID
    ) throws(PostgresFailure) -> AccountOutcome {
        guard let present = try found(.lockAccount, [.user(user)]) else { return .notFound }
        if changes.isOutdated(for: present) { return .outdated }
        let changed = changes.applied(to: present)
        if changes.email != nil, let key = changed.emailKey,
            let other = try found(.accountWithEmail, [.bytes(key)]), other.user.id != user
        {
            return .emailTaken
        }
        if let name = changes.name {
            let key = PostgresValue.bytes(NameKey(name).folded)
            let holder = try connection.fetch(.nameHolder, [key]).first { $0.user(0) }
            guard holder == nil || holder == user else { return .nameTaken }
            try connection.send(.renameUser, [.user(user), .bytes(name), key])
        }
        try connection.send(
            .updateAccount,
            [
                .user(user), .optional(changed.email), .optional(changed.emailKey),
                .bytes(changed.passwordHash), .int(Int64(changed.state.rawValue)),
                .optional(changed.lastLoginAt?.milliseconds),
            ])
        return .stored(changed)
    }

    /// Part of the erasure of a user.
    func removeAccount(of user: UserID) throws(PostgresFailure) {
        try connection.send(.eraseAccount, [.user(user)])
        try connection.send(.eraseDevices, [.user(user)])
    }

    private func found(
        _ statement: PostgresStatement, _ values: [PostgresValue]
    ) throws(PostgresFailure) -> AccountRecord? {
        try connection.fetch(statement, values).first { $0.accountRecord() }
    }

    // MARK: Devices

    /// The account's lock makes this and a change of its password or state take turns.
    func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) throws(PostgresFailure) -> [DeviceID]? {
        guard let account = try found(.lockAccount, [.user(device.user)]),
            account.state == .active, account.passwordHash == passwordHash
        else { return nil }
        try connection.send(
            .insertDevice,
            [
                .device(device.id), .user(device.user), .bytes(device.client),
                .bytes(device.familyHash), .bytes(device.currentHash),
                .bytes(device.previousHash), .time(device.createdAt), .time(device.rotatedAt),
                .time(device.expires),
            ])
        let others = try connection.fetch(.devices, [.user(device.user)])
            .all { $0.deviceRecord().id }.filter { $0 != device.id }
        let removed = Array(others.dropFirst(max(0, maximum - 1)))
        try remove(removed)
        return removed
    }

    func rotateDevice(_ rotation: DeviceRotation) throws(PostgresFailure) -> DeviceRecord? {
        let device = try connection.fetch(.lockDevice, [.device(rotation.id)])
            .first { $0.deviceRecord() }
        guard let device, let rotated = rotation.applied(to: device) else { return nil }
        try connection.send(
            .rotateDevice,
            [
                .device(rotated.id), .bytes(rotated.currentHash), .bytes(rotated.previousHash),
                .time(rotated.rotatedAt), .time(rotated.expires),
            ])
        return rotated
    }

    func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?, earlier: [DeviceID]
    ) throws(PostgresFailure) -> [DeviceID] {
        let removed = try connection.fetch(.devices, [.user(user)])
            .all { $0.deviceRecord().id }
            .filter { id in id != kept && ids.map { $0.contains(id) } ?? true }
        try remove(removed)
        return removed + earlier.filter { !removed.contains($0) }
    }

    private func remove(_ ids: [DeviceID]) throws(PostgresFailure) {
        if ids.isEmpty { return }
        try connection.send(
            .deleteDevices, [.ints(ids.map { Int64(bitPattern: $0.rawValue) })])
    }

    func removeExpiredDevices(
        at time: Timestamp, limit: Int
    ) throws(PostgresFailure) -> Int {
        try connection.fetch(.deleteExpiredDevices, [.time(time), .number(max(1, limit))]).count
    }
}

extension PostgresValue {
    static func device(_ id: DeviceID) -> Self { .int(Int64(bitPattern: id.rawValue)) }
}

extension PostgresRow {
    /// The account of this row.
    func accountRecord() -> AccountRecord {
        AccountRecord(
            user: UserReference(id: user(0), name: text(1)), email: optionalText(2),
            passwordHash: text(3),
            // A state that this version does not know lets nobody in.
            state: AccountState(rawValue: UInt8(clamping: int(4))) ?? .locked, createdAt: time(5),
            lastLoginAt: optionalTime(6))
    }

    /// The device of this row.
    func deviceRecord() -> DeviceRecord {
        DeviceRecord(
            id: DeviceID(rawValue: UInt64(bitPattern: int(0))), user: user(1), client: text(2),
            familyHash: text(3), currentHash: text(4), previousHash: text(5), createdAt: time(6),
            rotatedAt: time(7), expires: time(8))
    }
}
