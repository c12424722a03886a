// SPDX-License-Identifier: MIT

import ChatPlatform

/// How often one bucket has refused since the start.
public struct LimitCount: Sendable, Equatable {
    /// Whose bucket.
    public var scope: RateScope
    /// For what.
    public var kind: CommandKind
    /// Commands that were refused.
    public var refused: UInt64
    /// Commands that would have been, had limits been enforced (``RateLimitPolicy/isDryRun``).
    public var tolerated: UInt64

    /// The name on the wire, for example `user.message`.
    public var bucket: String { "\(scope.name).\(kind.name)" }
}

/// Counts refusals per bucket. Of fixed size; touched by refusals only.
final class LimitCounter: Sendable {
    private static let kinds = CommandKind.allCases.count
    private let counts = Lock(
        RateScope.allCases.flatMap { scope in
            CommandKind.allCases.map { kind in
                LimitCount(scope: scope, kind: kind, refused: 0, tolerated: 0)
            }
        })

    func note(_ scope: RateScope, _ kind: CommandKind, isRefused: Bool) {
        counts.withLock { counts in
            let place = Int(scope.rawValue) * Self.kinds + Int(kind.rawValue)
            if isRefused { counts[place].refused += 1 } else { counts[place].tolerated += 1 }
        }
    }

    /// The buckets that have refused anything.
    var report: [LimitCount] {
        counts.withLock { $0.filter { $0.refused > 0 || $0.tolerated > 0 } }
    }
}
