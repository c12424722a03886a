// SPDX-License-Identifier: MIT

/// Who gives a single command: see ``ChatEngine/run(_:by:from:)``.
public enum CommandSource: Sendable, Equatable {
    /// Nobody yet: the command signs in (`login`, `register`, `refresh`, a guest's `hello`).
    case nobody
    /// Whoever has this token, as in `hello`.
    case token(String)
    /// A user whom the embedding service has checked.
    case user(UserReference)
}

extension ChatEngine {
    /// Runs one command without a connection: what a call over HTTP needs.
    ///
    /// The same rules, limits and hooks hold as for the same command of a connection, and the answer is the same
    /// object. But nobody sees the user online by it, and no events come: the user's connections, if they have any,
    /// get them. Commands about a connection (`typing`, `presence.set`) are refused.
    ///
    /// - Parameters:
    ///   - command: one JSON object without `id`.
    ///   - source: who gives it.
    ///   - peer: where it comes from, for limits and logs.
    /// - Returns: the answer, `{"type":"ok",…}` or `{"type":"error",…}`.
    /// - Complexity: that of the command, and of the authenticator for a token.
    public func run(
        _ command: [UInt8], by source: CommandSource, from peer: PeerInfo
    ) async -> [UInt8] {
        let loop = loops[Int.random(in: 0..<loops.count)]
        return await withCheckedContinuation { continuation in
            Task {
                await loop.run { loop in
                    guard let shard = loop.resident(Shard.self) else {
                        preconditionFailure("every loop of an engine has its shard")
                    }
                    shard.start(command, by: source, from: peer) {
                        continuation.resume(returning: $0)
                    }
                }
            }
        }
    }
}
