// SPDX-License-Identifier: MIT

public import ChatCore

/// What every ``ChatStore`` must do, as checks that any test framework can run.
///
///     @Test(arguments: StoreContract.checks)
///     func `my store keeps the contract`(check: StoreCheck) async throws {
///         try await StoreContract { MyStore() }.run(check)
///     }
public struct StoreContract: Sendable {
    /// All checks.
    ///
    /// Each wants a store of its own.
    public static let checks: [StoreCheck] =
        logChecks + retryChecks + messageChecks + reactionChecks + memberChecks + readTimeChecks
        + readTimeEndChecks + manyReadTimesChecks + roomChecks
        + banChecks + muteChecks + invitationChecks
        + linkChecks + auditChecks + directRoomChecks + blockChecks
        + profileChecks + sightingChecks + attachmentChecks
        + roomListChecks + roomListLifeChecks + historyChecks + searchChecks + searchScopeChecks
        + searchOrderChecks
        + userChecks + lifeChecks
        + trimChecks + trimEdgeChecks + sweepChecks + erasureChecks
        + endOfDataChecks

    private let makeStore: @Sendable () async throws -> any ChatStore

    /// Makes a contract.
    ///
    /// - Parameter makeStore: gives an empty store that is not open yet, with default ``Limits``.
    public init(makeStore: @escaping @Sendable () async throws -> any ChatStore) {
        self.makeStore = makeStore
    }

    /// Runs one check on a new store, which is opened before and closed after it.
    ///
    /// - Throws: ``StoreContractViolation``, or what the store throws.
    public func run(_ check: StoreCheck) async throws {
        let store = try await makeStore()
        try await store.open()
        do {
            try await check.body(StoreProbe(store: store, check: check.name))
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    /// Runs all checks, one after the other, up to the first that fails.
    public func runAll() async throws {
        for check in Self.checks { try await run(check) }
    }
}

/// One thing that every store must do.
public struct StoreCheck: Sendable, CustomStringConvertible {
    /// What it is, as a sentence.
    public let name: String
    let body: @Sendable (StoreProbe) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (StoreProbe) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// The name.
    public var description: String { name }
}

/// A store did what it must not.
public struct StoreContractViolation: Error, Sendable, CustomStringConvertible {
    /// The name of the check.
    public let check: String
    /// What was expected, and what came.
    public let finding: String
    /// Where in the suite's source.
    public let line: UInt

    /// All of it in one line.
    public var description: String { "store contract: \(check): \(finding) (line \(line))" }
}
