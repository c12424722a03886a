// SPDX-License-Identifier: MIT

import ChatCore

/// One call of the store: repeats what the server undid, and finds out what became of a commit
/// whose answer was lost.
struct PostgresCall {
    let pool: PostgresPool
    let options: PostgresOptions

    /// Runs `body` until it succeeds, fails for good, or time is up.
    func run<Value: Sendable>(
        _ body: @Sendable (PostgresSession) throws(PostgresFailure) -> PostgresOutcome<Value>
    ) async throws(StorageError) -> Value {
        let deadline = SystemClock().now().advanced(byMilliseconds: options.callMilliseconds)
        var retry = PostgresRetry(deadline: deadline)
        while true {
            do throws(PostgresFailure) {
                switch try await pool.perform(until: deadline, body) {
                case .committed(let value): return value
                case .unknown(let value, let transaction):
                    if try await hasCommitted(transaction) { return value }
                }
            } catch {
                let pause = retry.pause(
                    after: error.kind, random: .random(in: 0...(.max)), now: SystemClock().now())
                guard let pause else { throw error.error }
                if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            }
        }
    }

    /// Whether a transaction has committed, asked on another connection.
    ///
    /// - Throws: when the server does not tell within ``PostgresOptions/resolveMilliseconds``.
    private func hasCommitted(_ transaction: Int64) async throws(PostgresFailure) -> Bool {
        let deadline = SystemClock().now().advanced(byMilliseconds: options.resolveMilliseconds)
        var retry = PostgresRetry(deadline: deadline)
        while true {
            var kind = PostgresFailure.Kind.lost
            do throws(PostgresFailure) {
                let status = try await pool.perform(until: deadline) {
                    session throws(PostgresFailure) in
                    let result = try session.fetch(.transactionStatus, [.int(transaction)])
                    return .committed(result.first { $0.text(0) } ?? "")
                }
                switch status {
                case .committed("committed"): return true
                case .committed("aborted"): return false
                // Still in progress: the server has not noticed yet that nobody is there.
                default: break
                }
            } catch {
                if error.isOfTheFuture { return false }
                kind = error.kind
            }
            let pause = retry.pause(
                after: kind, random: .random(in: 0...(.max)), now: SystemClock().now())
            guard let pause else {
                throw PostgresFailure(
                    .lasting,
                    StorageError(
                        .unavailable,
                        "the connection to Postgres was lost during a commit, and the server does "
                            + "not tell whether it was done: a retry with the same client id is "
                            + "answered rightly; see whether the server is up"))
            }
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
        }
    }
}

/// Whether, and after which pause, a call is made again.
struct PostgresRetry {
    let deadline: ChatInstant
    private var attempts = 0

    init(deadline: ChatInstant) { self.deadline = deadline }

    /// - Returns: milliseconds; `nil` if the call has failed.
    mutating func pause(
        after kind: PostgresFailure.Kind, random: UInt64, now: ChatInstant
    ) -> Int64? {
        guard kind != .lasting else { return nil }
        attempts += 1
        // The first repetition at once: what was in the way is gone. Those that meet again spread.
        let longest: Int64 = attempts == 1 ? 0 : min(500, 1 << Int64(min(attempts, 9)))
        let pause = Int64(random % UInt64(longest + 1))
        return now.advanced(byMilliseconds: pause) < deadline ? pause : nil
    }
}
