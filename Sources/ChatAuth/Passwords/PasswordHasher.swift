// SPDX-License-Identifier: MIT

package import ChatCore
import ChatPlatform
import ChatSodium
import Synchronization

/// Hashes passwords on threads of its own, a bounded number at once and a bounded number waiting: a flood of logins
/// takes `threads` × ``PasswordParameters/memoryKiB`` of memory and no more, and no event loop waits for it.
package final class PasswordHasher: Sendable {
    /// What new hashes are made with.
    package let parameters: PasswordParameters
    private let threads: [HashingThread]
    private let maximumWaiting: Int
    private let pending = Atomic<Int>(0)
    private let turn = Atomic<UInt>(0)
    private let computed = Atomic<Int>(0)
    /// The hash of a password that nobody knows: what is compared for users who do not exist.
    private let decoy: String

    /// Makes a hasher; it computes one hash at once, for users who do not exist.
    ///
    /// - Parameters:
    ///   - threads: how many hashes are computed at once.
    ///   - maximumWaiting: how many more may wait.
    /// - Throws: ``AuthConfigurationError/Code/badNumber`` without a thread, or if there is no memory for one hash.
    package init(
        parameters: PasswordParameters, threads: Int, maximumWaiting: Int
    ) throws(AuthConfigurationError) {
        guard threads >= 1, threads <= 256, maximumWaiting >= 0 else {
            throw AuthConfigurationError(
                .badNumber, "password hashing takes 1 to 256 threads and a queue of 0 or more")
        }
        self.parameters = parameters
        self.maximumWaiting = maximumWaiting
        self.threads = (0..<threads).map { _ in HashingThread() }
        let nobodysPassword = Sodium.base64(Sodium.randomBytes(24))
        guard
            let decoy = Sodium.passwordHash(
                nobodysPassword, memoryKiB: parameters.memoryKiB, passes: parameters.passes)
        else {
            throw AuthConfigurationError(
                .badNumber,
                "there is no memory for a password hash of \(parameters.memoryKiB) KiB")
        }
        self.decoy = decoy
    }

    /// How many hashes are computed or wait now.
    package var pendingCount: Int { pending.load(ordering: .relaxed) }

    /// How many hashes were computed.
    package var computedCount: Int { computed.load(ordering: .relaxed) }

    /// The PHC string of a password, with a new salt.
    ///
    /// - Throws: `overloaded` if too many wait.
    package func hash(_ password: String) async throws(WireError) -> String {
        let parameters = parameters
        let hash = try await run {
            Sodium.passwordHash(
                password, memoryKiB: parameters.memoryKiB, passes: parameters.passes)
        }
        guard let hash else { throw Self.overloaded }
        return hash
    }

    /// Whether a password has that hash; with `nil` always false, after as much work.
    ///
    /// - Throws: `overloaded` if too many wait.
    package func verify(_ password: String, hash: String?) async throws(WireError) -> Bool {
        let compared = hash ?? decoy
        let isRight = try await run { Sodium.isPassword(password, hash: compared) }
        return isRight && hash != nil
    }

    /// Whether a hash was made with parameters that are not the present ones.
    package func needsRehash(_ hash: String) -> Bool {
        Sodium.needsRehash(
            hash, memoryKiB: parameters.memoryKiB, passes: parameters.passes)
    }

    /// Runs a computation as if it were a hash.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async throws(WireError) -> Value {
        let before = pending.wrappingAdd(1, ordering: .relaxed).oldValue
        defer { pending.wrappingSubtract(1, ordering: .relaxed) }
        guard before < threads.count + maximumWaiting else { throw Self.overloaded }
        computed.wrappingAdd(1, ordering: .relaxed)
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return await threads[Int(turn % UInt(threads.count))].run(body)
    }

    /// Passwords are hashed one after the other: there is no point in coming back at once.
    private static let overloaded = WireError(
        .overloaded, "too many sign in now: try again soon", retryAfterMilliseconds: 1_000)
}

/// A thread that computes hashes, one after the other.
private actor HashingThread {
    // A hash takes a core for tens of milliseconds: an event loop that has work to do must not wait for that.
    private nonisolated let thread = BlockingThread(givesWay: true)

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe thread.asUnownedSerialExecutor()
    }

    deinit { thread.stop() }

    func run<Value: Sendable>(_ body: @Sendable () -> Value) -> Value { body() }
}
