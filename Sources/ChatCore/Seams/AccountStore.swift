// SPDX-License-Identifier: MIT

/// Where accounts and their devices are kept: beside the users of a ``ChatStore``, whose ids and names they share.
///
/// Every call is one transaction, and may be repeated by whoever has got no answer. Erasing a user
/// (``UpkeepStore/beginErasure(of:)``) removes their account and devices.
public protocol AccountStore: Sendable {
    /// Adds an account with its user, if neither the name nor the e-mail address is taken.
    ///
    /// - Parameters:
    ///   - account: the account; an account that is there already with the same user, address and password hash
    ///     counts as stored.
    ///   - profile: what the user shows of themselves.
    func addAccount(
        _ account: AccountRecord, profile: UserProfile
    )
        async throws(StorageError) -> AccountOutcome

    /// The account of that user.
    func account(_ user: UserID) async throws(StorageError) -> AccountRecord?

    /// The account of the user of that name.
    func account(named name: NameKey) async throws(StorageError) -> AccountRecord?

    /// The account with that e-mail address.
    ///
    /// - Parameter key: see ``AccountRecord/key(ofEmail:)``.
    func account(emailKey key: String) async throws(StorageError) -> AccountRecord?

    /// Changes an account, all of it or nothing.
    func updateAccount(
        _ changes: AccountChanges, of user: UserID
    )
        async throws(StorageError) -> AccountOutcome

    /// Adds a device of an active account.
    ///
    /// - Parameters:
    ///   - device: the device; one that is there already is not changed.
    ///   - passwordHash: what must still be the account's: a password that is changed meanwhile lets nobody in.
    ///   - maximum: how many devices the account keeps; those that were used longest ago go.
    /// - Returns: those that went; `nil` if the account is not active or has another password.
    func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    )
        async throws(StorageError) -> [DeviceID]?

    /// The device with that id.
    func device(_ id: DeviceID) async throws(StorageError) -> DeviceRecord?

    /// The devices of a user, the one that was used last first.
    func devices(of user: UserID) async throws(StorageError) -> [DeviceRecord]

    /// Gives a device its next refresh token.
    ///
    /// - Returns: the device as it is now; `nil` if there is none or another token is the current one.
    func rotateDevice(_ rotation: DeviceRotation) async throws(StorageError) -> DeviceRecord?

    /// Removes devices of a user.
    ///
    /// - Parameters:
    ///   - ids: which; `nil` for all.
    ///   - kept: one that stays.
    /// - Returns: those that went.
    func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    )
        async throws(StorageError) -> [DeviceID]

    /// Removes devices whose refresh token has expired at `time`, at most `limit`.
    ///
    /// - Returns: how many.
    func removeExpiredDevices(
        at time: Timestamp, limit: Int
    )
        async throws(StorageError) -> Int
}

/// What came of adding or changing an account.
public enum AccountOutcome: Sendable, Equatable {
    /// It is stored; the account as it is now.
    case stored(AccountRecord)
    /// Somebody else has the name.
    case nameTaken
    /// Somebody else has the e-mail address.
    case emailTaken
    /// There is no such account.
    case notFound
    /// The password has been changed meanwhile.
    case outdated
}
