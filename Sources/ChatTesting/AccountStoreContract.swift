// SPDX-License-Identifier: MIT

public import ChatCore

/// What every ``AccountStore`` must do, as checks that any test framework can run: see ``StoreContract``.
public struct AccountStoreContract: Sendable {
    /// All checks.
    ///
    /// Each wants a store of its own.
    public static let checks: [AccountCheck] = accountChecks + changeChecks + deviceChecks

    private let makeStore: @Sendable () async throws -> any ChatStore & AccountStore

    /// Makes a contract.
    ///
    /// - Parameter makeStore: gives an empty store that is not open yet.
    public init(makeStore: @escaping @Sendable () async throws -> any ChatStore & AccountStore) {
        self.makeStore = makeStore
    }

    /// Runs one check on a new store, which is opened before and closed after it.
    ///
    /// - Throws: ``StoreContractViolation``, or what the store throws.
    public func run(_ check: AccountCheck) async throws {
        let store = try await makeStore()
        try await store.open()
        do {
            try await check.body(AccountProbe(store: store, check: check.name))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}

/// One thing that every store of accounts must do.
public struct AccountCheck: Sendable, CustomStringConvertible {
    /// What it is, as a sentence.
    public let name: String
    let body: @Sendable (AccountProbe) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (AccountProbe) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// The name.
    public var description: String { name }
}

/// A store of accounts under test.
struct AccountProbe: Sendable {
    let store: any ChatStore & AccountStore
    let check: String

    func expect<Value: Equatable>(
        _ actual: Value, _ expected: Value, line: UInt = #line
    ) throws {
        if actual == expected { return }
        throw StoreContractViolation(
            check: check, finding: "expected \(expected), got \(actual)", line: line)
    }

    /// Ada, or whoever else is wanted.
    static func account(
        _ id: UInt64 = 11, _ name: String = "Ada", email: String? = "Ada@example.org"
    ) -> AccountRecord {
        AccountRecord(
            user: UserReference(id: UserID(rawValue: id), name: name), email: email,
            passwordHash: "hash of \(id)", createdAt: Timestamp(milliseconds: 1_000),
            lastLoginAt: Timestamp(milliseconds: 1_000))
    }

    /// Adds an account that is not there yet.
    @discardableResult
    func add(
        _ account: AccountRecord = Self.account(), line: UInt = #line
    ) async throws
        -> AccountRecord
    {
        let outcome = try await store.addAccount(account, profile: UserProfile())
        try expect(outcome, .stored(account), line: line)
        return account
    }

    /// A device; later numbers were used later.
    static func device(_ id: UInt64, of user: UInt64 = 11) -> DeviceRecord {
        let at = Timestamp(milliseconds: Int64(id % 1_000) * 1_000)
        return DeviceRecord(
            id: DeviceID(rawValue: id), user: UserID(rawValue: user), client: "client \(id)",
            familyHash: "family", currentHash: "one", createdAt: at, rotatedAt: at,
            expires: Timestamp(milliseconds: at.milliseconds + 60_000))
    }

    func add(_ device: DeviceRecord, maximum: Int = 10) async throws -> [DeviceID]? {
        try await store.addDevice(
            device, passwordHash: "hash of \(device.user.rawValue)", maximum: maximum)
    }

    func ids(of user: UInt64 = 11) async throws -> [UInt64] {
        try await store.devices(of: UserID(rawValue: user)).map(\.id.rawValue)
    }
}
