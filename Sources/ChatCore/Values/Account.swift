// SPDX-License-Identifier: MIT

/// The identity of a device of an account: what signed in once and stays in by refresh tokens. Random, 64 bits;
/// on the wire `d_` and thirteen base-32 digits.
public struct DeviceID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identity as a number.
    public let rawValue: UInt64

    /// Makes an identity from its number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Reads the wire form; `nil` if `text` is not one.
    public init?(_ text: String) {
        guard let value = Base32.decode(text, prefix: "d") else { return nil }
        self.rawValue = value
    }

    /// The wire form.
    public var description: String { Base32.encode(rawValue, prefix: "d_") }

    /// Order by number.
    public static func < (left: DeviceID, right: DeviceID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Whether the owner of an account may sign in.
public enum AccountState: UInt8, Sendable, CaseIterable {
    /// They may.
    case active = 0
    /// An operator has locked the account.
    case locked = 1
    /// Its owner or an operator has put the account out of use.
    case deactivated = 2

    /// The name on the wire.
    public var name: String {
        switch self {
        case .active: "active"
        case .locked: "locked"
        case .deactivated: "deactivated"
        }
    }
}

/// An account as stored, beside its ``UserRecord``: the same id, the same unique name.
public struct AccountRecord: Sendable, Equatable {
    /// Whose.
    public var user: UserReference
    /// Their e-mail address as they wrote it; unique by ``emailKey``.
    public var email: String?
    /// The hash of their password, as a PHC string. Never sent to anybody.
    public var passwordHash: String
    /// Whether they may sign in.
    public var state: AccountState
    /// When it was registered.
    public var createdAt: Timestamp
    /// When its owner has signed in last; `nil` if never.
    public var lastLoginAt: Timestamp?

    /// Makes a record.
    public init(
        user: UserReference, email: String? = nil, passwordHash: String,
        state: AccountState = .active, createdAt: Timestamp, lastLoginAt: Timestamp? = nil
    ) {
        self.user = user
        self.email = email
        self.passwordHash = passwordHash
        self.state = state
        self.createdAt = createdAt
        self.lastLoginAt = lastLoginAt
    }

    /// The form in which addresses are compared.
    public static func key(ofEmail email: String) -> String { NameKey(email).folded }

    /// The user that is stored with it: nobody can take the name over, and no token is theirs.
    package func userRecord(profile: UserProfile) -> UserRecord {
        UserRecord(
            id: user.id, name: user.name, token: "", isNameKept: true, profile: profile,
            createdAt: createdAt)
    }

    /// Whether `other` is the same registration: what a repeated call finds.
    public func isSameRegistration(as other: AccountRecord) -> Bool {
        user.id == other.user.id && passwordHash == other.passwordHash
            && emailKey == other.emailKey
    }

    /// The form of this account's address that is unique.
    public var emailKey: String? { email.map(Self.key(ofEmail:)) }
}

/// A change of an account; `nil` leaves a property as it is.
public struct AccountChanges: Sendable, Equatable {
    /// A new name, already checked; unique among all users.
    public var name: String?
    /// A new e-mail address, already checked; empty to take it away.
    public var email: String?
    /// A new hash of the password.
    public var passwordHash: String?
    /// The hash that must still be there; otherwise nothing is changed.
    public var expectedPasswordHash: String?
    /// Whether the owner may sign in.
    public var state: AccountState?
    /// A later sign-in.
    public var lastLoginAt: Timestamp?

    /// Makes a change; what is not given stays.
    public init(
        name: String? = nil, email: String? = nil, passwordHash: String? = nil,
        expectedPasswordHash: String? = nil, state: AccountState? = nil,
        lastLoginAt: Timestamp? = nil
    ) {
        self.name = name
        self.email = email
        self.passwordHash = passwordHash
        self.expectedPasswordHash = expectedPasswordHash
        self.state = state
        self.lastLoginAt = lastLoginAt
    }

    /// Whether somebody else has changed the password meanwhile. Who repeats a change finds their own hash.
    public func isOutdated(for account: AccountRecord) -> Bool {
        guard let expectedPasswordHash else { return false }
        return account.passwordHash != expectedPasswordHash
            && account.passwordHash != passwordHash
    }

    /// The account with these changes made.
    public func applied(to account: AccountRecord) -> AccountRecord {
        var changed = account
        if let name { changed.user.name = name }
        if let email { changed.email = email.isEmpty ? nil : email }
        changed.passwordHash = passwordHash ?? account.passwordHash
        changed.state = state ?? account.state
        changed.lastLoginAt = lastLoginAt ?? account.lastLoginAt
        return changed
    }
}

/// A device as stored: a family of refresh tokens, of which one is valid.
public struct DeviceRecord: Sendable, Equatable {
    /// Which.
    public var id: DeviceID
    /// Whose.
    public var user: UserID
    /// What the client calls itself; may be empty.
    public var client: String
    /// The hash of what all refresh tokens of the family have in common.
    public var familyHash: String
    /// The hash of the valid refresh token's secret.
    public var currentHash: String
    /// The hash of the one before it; empty if there was none.
    public var previousHash: String
    /// When it signed in.
    public var createdAt: Timestamp
    /// When the valid refresh token was handed out.
    public var rotatedAt: Timestamp
    /// Until when the valid refresh token can be used.
    public var expires: Timestamp

    /// Makes a record.
    public init(
        id: DeviceID, user: UserID, client: String = "", familyHash: String, currentHash: String,
        previousHash: String = "", createdAt: Timestamp, rotatedAt: Timestamp, expires: Timestamp
    ) {
        self.id = id
        self.user = user
        self.client = client
        self.familyHash = familyHash
        self.currentHash = currentHash
        self.previousHash = previousHash
        self.createdAt = createdAt
        self.rotatedAt = rotatedAt
        self.expires = expires
    }
}

/// The next refresh token of a device.
public struct DeviceRotation: Sendable, Equatable {
    /// Which device.
    public var id: DeviceID
    /// The hash that must be the current one; it becomes the previous one.
    public var from: String
    /// The hash that becomes the current one.
    public var to: String
    /// When.
    public var at: Timestamp
    /// Until when the new token can be used.
    public var expires: Timestamp

    /// Makes a rotation.
    public init(id: DeviceID, from: String, to: String, at: Timestamp, expires: Timestamp) {
        self.id = id
        self.from = from
        self.to = to
        self.at = at
        self.expires = expires
    }

    /// The device after it, also if this rotation was made before; `nil` if another token is the current one.
    public func applied(to device: DeviceRecord) -> DeviceRecord? {
        if device.currentHash == to, device.previousHash == from { return device }
        guard device.currentHash == from else { return nil }
        var rotated = device
        rotated.previousHash = from
        rotated.currentHash = to
        rotated.rotatedAt = at
        rotated.expires = expires
        return rotated
    }
}
