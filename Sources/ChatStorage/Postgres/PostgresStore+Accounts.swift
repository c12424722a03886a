// SPDX-License-Identifier: MIT

public import ChatCore

extension PostgresStore: AccountStore {
    /// See ``AccountStore/addAccount(_:profile:)``.
    public func addAccount(
        _ account: AccountRecord, profile: UserProfile
    ) async throws(StorageError) -> AccountOutcome {
        try await write { session, _ throws(PostgresFailure) in
            try session.addAccount(account, profile: profile)
        }
    }

    /// See ``AccountStore/account(_:)``.
    public func account(_ user: UserID) async throws(StorageError) -> AccountRecord? {
        try await read { session throws(PostgresFailure) in
            try session.fetch(.account, [.user(user)]).first { $0.accountRecord() }
        }
    }

    /// See ``AccountStore/account(named:)``.
    public func account(named name: NameKey) async throws(StorageError) -> AccountRecord? {
        try await read { session throws(PostgresFailure) in
            try session.fetch(.accountNamed, [.bytes(name.folded)]).first { $0.accountRecord() }
        }
    }

    /// See ``AccountStore/account(emailKey:)``.
    public func account(emailKey key: String) async throws(StorageError) -> AccountRecord? {
        try await read { session throws(PostgresFailure) in
            try session.fetch(.accountWithEmail, [.bytes(key)]).first { $0.accountRecord() }
        }
    }

    /// See ``AccountStore/updateAccount(_:of:)``.
    public func updateAccount(
        _ changes: AccountChanges, of user: UserID
    ) async throws(StorageError) -> AccountOutcome {
        try await write { session, _ throws(PostgresFailure) in
            try session.updateAccount(changes, of: user)
        }
    }

    /// See ``AccountStore/addDevice(_:passwordHash:maximum:)``.
    public func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) async throws(StorageError) -> [DeviceID]? {
        try await write { session, earlier throws(PostgresFailure) in
            let removed = try session.addDevice(
                device, passwordHash: passwordHash, maximum: maximum)
            // What an earlier attempt has removed is not there any more.
            guard let removed, let earlier, let before = earlier else { return removed }
            return removed + before.filter { !removed.contains($0) }
        }
    }

    /// See ``AccountStore/device(_:)``.
    public func device(_ id: DeviceID) async throws(StorageError) -> DeviceRecord? {
        try await read { session throws(PostgresFailure) in
            try session.fetch(.device, [.device(id)]).first { $0.deviceRecord() }
        }
    }

    /// See ``AccountStore/devices(of:)``.
    public func devices(of user: UserID) async throws(StorageError) -> [DeviceRecord] {
        try await read { session throws(PostgresFailure) in
            try session.fetch(.devices, [.user(user)]).all { $0.deviceRecord() }
        }
    }

    /// See ``AccountStore/rotateDevice(_:)``.
    public func rotateDevice(
        _ rotation: DeviceRotation
    ) async throws(StorageError) -> DeviceRecord? {
        try await write { session, _ throws(PostgresFailure) in
            try session.rotateDevice(rotation)
        }
    }

    /// See ``AccountStore/removeDevices(of:_:except:)``.
    public func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    ) async throws(StorageError) -> [DeviceID] {
        try await write { session, earlier throws(PostgresFailure) in
            try session.removeDevices(of: user, ids, except: kept, earlier: earlier ?? [])
        }
    }

    /// See ``AccountStore/removeExpiredDevices(at:limit:)``.
    public func removeExpiredDevices(
        at time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try await write { session, earlier throws(PostgresFailure) in
            try session.removeExpiredDevices(at: time, limit: limit) + (earlier ?? 0)
        }
    }
}
