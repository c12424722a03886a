// SPDX-License-Identifier: MIT

public import ChatCore

extension SQLiteStore: AccountStore {
    /// See ``AccountStore/addAccount(_:profile:)``.
    public func addAccount(
        _ account: AccountRecord, profile: UserProfile
    ) async throws(StorageError) -> AccountOutcome {
        try await writer.perform { writer throws(StorageError) in
            try writer.addAccount(account, profile: profile)
        }
    }

    /// See ``AccountStore/account(_:)``.
    public func account(_ user: UserID) async throws(StorageError) -> AccountRecord? {
        try await read { reader throws(StorageError) in try reader.connection.account(user) }
    }

    /// See ``AccountStore/account(named:)``.
    public func account(named name: NameKey) async throws(StorageError) -> AccountRecord? {
        try await read { reader throws(StorageError) in try reader.connection.account(named: name) }
    }

    /// See ``AccountStore/account(emailKey:)``.
    public func account(emailKey key: String) async throws(StorageError) -> AccountRecord? {
        try await read { reader throws(StorageError) in
            try reader.connection.account(emailKey: key)
        }
    }

    /// See ``AccountStore/updateAccount(_:of:)``.
    public func updateAccount(
        _ changes: AccountChanges, of user: UserID
    ) async throws(StorageError) -> AccountOutcome {
        try await writer.perform { writer throws(StorageError) in
            try writer.updateAccount(changes, of: user)
        }
    }

    /// See ``AccountStore/addDevice(_:passwordHash:maximum:)``.
    public func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) async throws(StorageError) -> [DeviceID]? {
        try await writer.perform { writer throws(StorageError) in
            try writer.addDevice(device, passwordHash: passwordHash, maximum: maximum)
        }
    }

    /// See ``AccountStore/device(_:)``.
    public func device(_ id: DeviceID) async throws(StorageError) -> DeviceRecord? {
        try await read { reader throws(StorageError) in try reader.connection.device(id) }
    }

    /// See ``AccountStore/devices(of:)``.
    public func devices(of user: UserID) async throws(StorageError) -> [DeviceRecord] {
        try await read { reader throws(StorageError) in try reader.connection.devices(of: user) }
    }

    /// See ``AccountStore/rotateDevice(_:)``.
    public func rotateDevice(
        _ rotation: DeviceRotation
    ) async throws(StorageError) -> DeviceRecord? {
        try await writer.perform { writer throws(StorageError) in
            try writer.rotateDevice(rotation)
        }
    }

    /// See ``AccountStore/removeDevices(of:_:except:)``.
    public func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    ) async throws(StorageError) -> [DeviceID] {
        try await writer.perform { writer throws(StorageError) in
            try writer.removeDevices(of: user, ids, except: kept)
        }
    }

    /// See ``AccountStore/removeExpiredDevices(at:limit:)``.
    public func removeExpiredDevices(
        at time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try await writer.perform { writer throws(StorageError) in
            try writer.removeExpiredDevices(at: time, limit: limit)
        }
    }
}
