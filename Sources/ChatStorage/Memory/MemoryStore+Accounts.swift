// SPDX-License-Identifier: MIT

public import ChatCore

extension MemoryStore: AccountStore {
    /// See ``AccountStore/addAccount(_:profile:)``.
    public func addAccount(
        _ account: AccountRecord, profile: UserProfile
    ) async throws(StorageError) -> AccountOutcome {
        try withState { $0.addAccount(account, profile: profile) }
    }

    /// See ``AccountStore/account(_:)``.
    public func account(_ user: UserID) async throws(StorageError) -> AccountRecord? {
        try withState { $0.account(user) }
    }

    /// See ``AccountStore/account(named:)``.
    public func account(named name: NameKey) async throws(StorageError) -> AccountRecord? {
        try withState { state in state.userNames[name].flatMap { state.account($0) } }
    }

    /// See ``AccountStore/account(emailKey:)``.
    public func account(emailKey key: String) async throws(StorageError) -> AccountRecord? {
        try withState { state in state.accounts.emails[key].flatMap { state.account($0) } }
    }

    /// See ``AccountStore/updateAccount(_:of:)``.
    public func updateAccount(
        _ changes: AccountChanges, of user: UserID
    ) async throws(StorageError) -> AccountOutcome {
        try withState { $0.updateAccount(changes, of: user) }
    }

    /// See ``AccountStore/addDevice(_:passwordHash:maximum:)``.
    public func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) async throws(StorageError) -> [DeviceID]? {
        try withState { $0.addDevice(device, passwordHash: passwordHash, maximum: maximum) }
    }

    /// See ``AccountStore/device(_:)``.
    public func device(_ id: DeviceID) async throws(StorageError) -> DeviceRecord? {
        try withState { $0.accounts.devices[id] }
    }

    /// See ``AccountStore/devices(of:)``.
    public func devices(of user: UserID) async throws(StorageError) -> [DeviceRecord] {
        try withState { $0.accounts.devices(of: user) }
    }

    /// See ``AccountStore/rotateDevice(_:)``.
    public func rotateDevice(
        _ rotation: DeviceRotation
    ) async throws(StorageError) -> DeviceRecord? {
        try withState { $0.rotateDevice(rotation) }
    }

    /// See ``AccountStore/removeDevices(of:_:except:)``.
    public func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    ) async throws(StorageError) -> [DeviceID] {
        try withState { $0.removeDevices(of: user, ids, except: kept) }
    }

    /// See ``AccountStore/removeExpiredDevices(at:limit:)``.
    public func removeExpiredDevices(
        at time: Timestamp, limit: Int
    ) async throws(StorageError) -> Int {
        try withState { $0.removeExpiredDevices(at: time, limit: limit) }
    }
}
