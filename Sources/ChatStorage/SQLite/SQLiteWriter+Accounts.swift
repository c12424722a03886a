// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteWriter {
    func addAccount(
        _ account: AccountRecord, profile: UserProfile
    ) throws(StorageError) -> AccountOutcome {
        try transaction { () throws(StorageError) in
            if let present = try connection.account(account.user.id) {
                return present.isSameRegistration(as: account) ? .stored(present) : .nameTaken
            }
            let find = try SQLiteStatement(
                connection, "SELECT 1 FROM users WHERE id = ?1 OR name_key = ?2")
            find.bind(1, account.user.id)
            find.bind(2, NameKey(account.user.name).folded)
            if try find.hasRow() { return .nameTaken }
            if let key = account.emailKey, try connection.account(emailKey: key) != nil {
                return .emailTaken
            }
            _ = try insert(account.userRecord(profile: profile))
            try put(account)
            return .stored(account)
        }
    }

    func updateAccount(
        _ changes: AccountChanges, of user: UserID
    ) throws(StorageError) -> AccountOutcome {
        try transaction { () throws(StorageError) in
            guard let present = try connection.account(user) else { return .notFound }
            if changes.isOutdated(for: present) { return .outdated }
            let changed = changes.applied(to: present)
            if let key = changed.emailKey, let other = try connection.account(emailKey: key),
                other.user.id != user
            {
                return .emailTaken
            }
            if let name = changes.name, try !rename(user, name) { return .nameTaken }
            try put(changed)
            return .stored(changed)
        }
    }

    /// Whether the name was free.
    private func rename(_ user: UserID, _ name: String) throws(StorageError) -> Bool {
        let update = try SQLiteStatement(
            connection, "UPDATE OR IGNORE users SET name = ?2, name_key = ?3 WHERE id = ?1")
        update.bind(1, user)
        update.bind(2, name)
        update.bind(3, NameKey(name).folded)
        try update.run()
        return connection.changes == 1
    }

    private func put(_ account: AccountRecord) throws(StorageError) {
        let insert = try SQLiteStatement(
            connection, "INSERT OR REPLACE INTO accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        insert.bind(1, account.user.id)
        insert.bind(2, optional: account.email)
        insert.bind(3, optional: account.emailKey)
        insert.bind(4, account.passwordHash)
        insert.bind(5, Int64(account.state.rawValue))
        insert.bind(6, account.createdAt)
        insert.bind(7, optional: account.lastLoginAt?.milliseconds)
        try insert.run()
    }

    /// Part of the erasure of a user.
    func removeAccount(of user: UserID) throws(StorageError) {
        for table in ["accounts", "devices"] {
            let delete = try SQLiteStatement(connection, "DELETE FROM \(table) WHERE user = ?1")
            delete.bind(1, user)
            try delete.run()
        }
    }

    // MARK: Devices

    func addDevice(
        _ device: DeviceRecord, passwordHash: String, maximum: Int
    ) throws(StorageError) -> [DeviceID]? {
        try transaction { () throws(StorageError) in
            guard let account = try connection.account(device.user), account.state == .active,
                account.passwordHash == passwordHash
            else { return nil }
            let insert = try SQLiteStatement(
                connection,
                """
                INSERT OR IGNORE INTO devices VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                """)
            insert.bind(1, device.id)
            insert.bind(2, device.user)
            insert.bind(3, device.client)
            insert.bind(4, device.familyHash)
            insert.bind(5, device.currentHash)
            insert.bind(6, device.previousHash)
            insert.bind(7, device.createdAt)
            insert.bind(8, device.rotatedAt)
            insert.bind(9, device.expires)
            try insert.run()
            let others = try connection.devices(of: device.user).filter { $0.id != device.id }
            let removed = others.dropFirst(max(0, maximum - 1)).map(\.id)
            try remove(removed)
            return removed
        }
    }

    func rotateDevice(_ rotation: DeviceRotation) throws(StorageError) -> DeviceRecord? {
        try transaction { () throws(StorageError) in
            guard let device = try connection.device(rotation.id),
                let rotated = rotation.applied(to: device)
            else { return nil }
            let update = try SQLiteStatement(
                connection,
                """
                UPDATE devices SET current_hash = ?2, previous_hash = ?3, rotated_at = ?4,
                    expires = ?5 WHERE id = ?1
                """)
            update.bind(1, rotated.id)
            update.bind(2, rotated.currentHash)
            update.bind(3, rotated.previousHash)
            update.bind(4, rotated.rotatedAt)
            update.bind(5, rotated.expires)
            try update.run()
            return rotated
        }
    }

    func removeDevices(
        of user: UserID, _ ids: [DeviceID]?, except kept: DeviceID?
    ) throws(StorageError) -> [DeviceID] {
        try transaction { () throws(StorageError) in
            let removed = try connection.devices(of: user).map(\.id).filter { id in
                id != kept && ids.map { $0.contains(id) } ?? true
            }
            try remove(removed)
            return removed
        }
    }

    private func remove(_ ids: [DeviceID]) throws(StorageError) {
        let delete = try SQLiteStatement(connection, "DELETE FROM devices WHERE id = ?1")
        for id in ids {
            delete.bind(1, id)
            try delete.run()
        }
    }

    func removeExpiredDevices(at time: Timestamp, limit: Int) throws(StorageError) -> Int {
        try transaction { () throws(StorageError) in
            let delete = try SQLiteStatement(
                connection,
                """
                DELETE FROM devices WHERE id IN
                    (SELECT id FROM devices WHERE expires <= ?1 LIMIT ?2)
                """)
            delete.bind(1, time)
            delete.bind(2, max(1, limit))
            try delete.run()
            return Int(connection.changes)
        }
    }
}
