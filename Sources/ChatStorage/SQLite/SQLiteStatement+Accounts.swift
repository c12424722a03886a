// SPDX-License-Identifier: MIT

import ChatCore

// What accounts are read from; seldom, so the statements are compiled when they are needed.
extension SQLiteConnection {
    static var accountSQL: String {
        """
        SELECT a.user, u.name, a.email, a.password_hash, a.state, a.created_at, a.last_login_at
        FROM accounts a JOIN users u ON u.id = a.user
        """
    }

    static var deviceSQL: String {
        """
        SELECT id, user, client, family_hash, current_hash, previous_hash, created_at, rotated_at,
            expires FROM devices
        """
    }

    func account(_ user: UserID) throws(StorageError) -> AccountRecord? {
        let find = try SQLiteStatement(self, "\(Self.accountSQL) WHERE a.user = ?1")
        find.bind(1, user)
        return try find.first { $0.accountRecord() }
    }

    func account(named name: NameKey) throws(StorageError) -> AccountRecord? {
        let find = try SQLiteStatement(self, "\(Self.accountSQL) WHERE u.name_key = ?1")
        find.bind(1, name.folded)
        return try find.first { $0.accountRecord() }
    }

    func account(emailKey key: String) throws(StorageError) -> AccountRecord? {
        let find = try SQLiteStatement(self, "\(Self.accountSQL) WHERE a.email_key = ?1")
        find.bind(1, key)
        return try find.first { $0.accountRecord() }
    }

    func device(_ id: DeviceID) throws(StorageError) -> DeviceRecord? {
        let find = try SQLiteStatement(self, "\(Self.deviceSQL) WHERE id = ?1")
        find.bind(1, id)
        return try find.first { $0.deviceRecord() }
    }

    /// The device that was used last first.
    func devices(of user: UserID) throws(StorageError) -> [DeviceRecord] {
        let find = try SQLiteStatement(
            self, "\(Self.deviceSQL) WHERE user = ?1 ORDER BY rotated_at DESC, id DESC")
        find.bind(1, user)
        return try find.all { $0.deviceRecord() }
    }
}

extension SQLiteStatement {
    /// Sets a parameter to a device.
    func bind(_ index: Int32, _ device: DeviceID) {
        bind(index, Int64(bitPattern: device.rawValue))
    }

    /// The account of the present row.
    fileprivate func accountRecord() -> AccountRecord {
        AccountRecord(
            user: UserReference(id: user(0), name: text(1)), email: optionalText(2),
            passwordHash: text(3),
            // A state that this version does not know lets nobody in.
            state: AccountState(rawValue: UInt8(clamping: int(4))) ?? .locked, createdAt: time(5),
            lastLoginAt: optionalTime(6))
    }

    /// The device of the present row.
    fileprivate func deviceRecord() -> DeviceRecord {
        DeviceRecord(
            id: DeviceID(rawValue: UInt64(bitPattern: int(0))), user: user(1), client: text(2),
            familyHash: text(3), currentHash: text(4), previousHash: text(5), createdAt: time(6),
            rotatedAt: time(7), expires: time(8))
    }
}
