// SPDX-License-Identifier: MIT

import ChatPlatform

/// A chat engine (its face; grows below).
public final class ChatEngine: Sendable {
    /// The engine's event loops, one per shard.
    package let loops: [EventLoop]
    private let hosts = Lock<[ObjectIdentifier: any Sendable]>([:])

    init(loops: [EventLoop]) { self.loops = loops }

    /// Runs `body` on loop `index` with what takes connections there.
    package func onLoop<Result: Sendable>(
        _ index: Int, _ body: @Sendable (isolated EventLoop, any ConnectionHost) -> Result
    ) async -> Result {
        fatalError("replaced by the lead")
    }

    /// The one value of a type that transports share (their reactors), made on first use.
    package func shared<Value: Sendable>(_ type: Value.Type, make: @Sendable () -> Value) -> Value {
        hosts.withLock { hosts in
            if let value = hosts[ObjectIdentifier(type)] as? Value { return value }
            let value = make()
            hosts[ObjectIdentifier(type)] = value
            return value
        }
    }
}
