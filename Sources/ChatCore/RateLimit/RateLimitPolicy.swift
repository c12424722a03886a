// SPDX-License-Identifier: MIT

/// Which budgets there are.
public struct RateLimitPolicy: Sendable, Equatable {
    /// Whether refusals are only counted: to see what limits would do before they do it.
    public var isDryRun = false
    private var sizes = [BucketSize?](
        repeating: nil, count: RateScope.allCases.count * CommandKind.allCases.count)
    /// How many entries of the table are set, so that a policy without any costs nothing.
    private var setSizes = 0

    /// Makes a policy without any limit.
    public init() {}

    /// The size of the bucket for `kind` in `scope`; `nil` for no limit.
    ///
    /// ``CommandKind/free`` has none, whatever is set.
    public subscript(scope: RateScope, kind: CommandKind) -> BucketSize? {
        get { sizes[Self.place(scope, kind)] }
        set {
            guard kind != .free else { return }
            let place = Self.place(scope, kind)
            setSizes += (newValue == nil ? 0 : 1) - (sizes[place] == nil ? 0 : 1)
            sizes[place] = newValue
        }
    }

    /// Whether there is no limit at all.
    public var isOff: Bool { setSizes == 0 }

    /// No limits: never refuses and remembers nothing.
    public static let off = RateLimitPolicy()

    /// The defaults.
    ///
    /// A connection may do twice what its user may, so that one bad client is told so by its user's
    /// budget; a connection's own budgets matter before it has signed in.
    public static let standard: RateLimitPolicy = {
        var policy = RateLimitPolicy()
        for (scope, kind, perMinute) in standardTokensPerMinute {
            policy[scope, kind] = BucketSize(capacity: perMinute, tokensPerMinute: perMinute)
        }
        return policy
    }()

    /// Bursts of the same size. `docs/limits.md` has the same table.
    public static let standardTokensPerMinute: [(RateScope, CommandKind, Int)] = [
        (.user, .message, 100),
        (.user, .typing, 120),
        (.user, .sync, 600),
        (.user, .room, 30),
        (.user, .other, 100),
        (.user, .join, 30),
        (.user, .password, 10),
        (.user, .upload, 20),
        (.user, .file, 1_200),
        (.connection, .message, 200),
        (.connection, .typing, 240),
        (.connection, .sync, 1_200),
        (.connection, .room, 60),
        (.connection, .signIn, 30),
        (.connection, .registration, 10),
        (.connection, .other, 200),
        (.connection, .join, 60),
        (.connection, .password, 20),
        (.connection, .upload, 40),
        (.address, .signIn, 60),
        (.address, .registration, 20),
        (.address, .password, 30),
        (.room, .message, 3_000),
    ]

    private static func place(_ scope: RateScope, _ kind: CommandKind) -> Int {
        Int(scope.rawValue) * CommandKind.allCases.count + Int(kind.rawValue)
    }
}
