// SPDX-License-Identifier: MIT

import ChatCore

/// One call of the store: repeats what the server undid, and what may not have been committed.
struct PostgresCall {
    let pool: PostgresPool
    let options: PostgresOptions

    /// Another way to do what a call does.
    ///
    /// - Returns: `nil` if it does not fit.
    typealias Shortcut<Value: Sendable> =
        (PostgresPool, _ deadline: ChatInstant) async throws(PostgresFailure)
        -> PostgresOutcome<Value>?

    /// Runs `body` until it succeeds, fails for good, or time is up.
    ///
    /// - Parameters:
    ///   - first: is tried once, before `body`.
    ///   - body: what to do; after a commit whose answer was lost it gets the value of that
    ///     attempt, looks whether it has committed, and returns that value or does its work again.
    func run<Value: Sendable>(
        first: Shortcut<Value>? = nil,
        _ body:
            @Sendable (PostgresSession, Value?) throws(PostgresFailure) -> PostgresOutcome<Value>
    ) async throws(StorageError) -> Value {
        var deadline = SystemClock().now().advanced(byMilliseconds: options.callMilliseconds)
        var retry = PostgresRetry(deadline: deadline)
        var uncommitted: Value?
        var first = first
        while true {
            let earlier = uncommitted
            var kind = PostgresFailure.Kind.lost
            var failure = Self.noAnswer
            do throws(PostgresFailure) {
                let begun = first
                first = nil
                var outcome = try await begun?(pool, deadline)
                if outcome == nil {
                    outcome = try await pool.perform(until: deadline) {
                        session throws(PostgresFailure) in
                        try body(session, earlier)
                    }
                }
                switch outcome {
                case nil: break
                case .committed(let value): return value
                case .unknown(let value):
                    uncommitted = value
                    guard earlier == nil else { break }
                    deadline = SystemClock().now().advanced(
                        byMilliseconds: max(options.callMilliseconds, options.resolveMilliseconds))
                    retry = PostgresRetry(deadline: deadline)
                }
            } catch {
                // As long as nobody knows, whatever may pass is waited for.
                let isPassing = earlier != nil && error.error.code == .unavailable
                kind = isPassing ? .lost : error.kind
                failure = isPassing ? Self.noAnswer : error.error
            }
            let pause = retry.pause(
                after: kind, random: .random(in: 0...(.max)), now: SystemClock().now())
            guard let pause else { throw failure }
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
        }
    }

    private static var noAnswer: StorageError {
        StorageError(
            .unavailable,
            "the connection to Postgres was lost during a commit, and the server could not be asked "
                + "in time whether it was done: a retry with the same client id is answered "
                + "rightly; see whether the server is up")
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
