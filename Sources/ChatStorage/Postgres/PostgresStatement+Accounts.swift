// SPDX-License-Identifier: MIT

extension PostgresStatement {
    private static let accountRows = """
        SELECT a.user_id, u.name, a.email, a.password_hash, a.state, a.created_at, a.last_login_at
        FROM accounts a JOIN users u ON u.id = a.user_id
        """
    private static let deviceRows = """
        SELECT id, user_id, client, family_hash, current_hash, previous_hash, created_at,
            rotated_at, expires FROM devices
        """

    var accountSQL: String {
        switch self {
        case .account: "\(Self.accountRows) WHERE a.user_id = $1"
        case .accountNamed: "\(Self.accountRows) WHERE u.name_key = $1"
        case .accountWithEmail: "\(Self.accountRows) WHERE a.email_key = $1"
        case .lockAccount: "\(Self.accountRows) WHERE a.user_id = $1 FOR UPDATE OF a"
        case .insertAccount: "INSERT INTO accounts VALUES ($1, $2, $3, $4, $5, $6, $7)"
        case .updateAccount:
            """
            UPDATE accounts SET email = $2, email_key = $3, password_hash = $4, state = $5,
                last_login_at = $6 WHERE user_id = $1
            """
        case .nameHolder: "SELECT id FROM users WHERE name_key = $1"
        case .renameUser: "UPDATE users SET name = $2, name_key = $3 WHERE id = $1"
        case .insertDevice:
            """
            INSERT INTO devices VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (id) DO NOTHING
            """
        case .device: "\(Self.deviceRows) WHERE id = $1"
        case .lockDevice: "\(Self.deviceRows) WHERE id = $1 FOR UPDATE"
        case .devices: "\(Self.deviceRows) WHERE user_id = $1 ORDER BY rotated_at DESC, id DESC"
        case .rotateDevice:
            """
            UPDATE devices SET current_hash = $2, previous_hash = $3, rotated_at = $4, expires = $5
            WHERE id = $1
            """
        case .deleteDevices: "DELETE FROM devices WHERE id = ANY($1::bigint[])"
        case .deleteExpiredDevices:
            """
            DELETE FROM devices WHERE id = ANY(ARRAY(
                SELECT id FROM devices WHERE expires <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
            RETURNING 1
            """
        case .eraseAccount: "DELETE FROM accounts WHERE user_id = $1"
        default: "DELETE FROM devices WHERE user_id = $1"
        }
    }
}
