// SPDX-License-Identifier: MIT

/// A way for clients to reach an engine. ``ChatEngine/serve(_:)`` starts it.
public protocol Transport: Sendable {
    /// Binds, listens, and hands every connection to `engine`.
    ///
    /// - Returns: the running transport, once connections are accepted.
    /// - Throws: ``TransportError`` if the address cannot be bound.
    func start(_ engine: ChatEngine) async throws(TransportError) -> any RunningTransport
}

/// A transport that accepts connections.
public protocol RunningTransport: Sendable {
    /// What it is and where, for people: `ws://127.0.0.1:8080/ws`.
    var endpoint: String { get }
    /// The port that is bound (useful if 0 was asked for).
    var port: Int { get }
    /// Takes no further connection; those there are stay.
    func stopAccepting() async
    /// Lets the remaining connections go, writes what is queued until `deadline`, and frees everything.
    func stop(deadline: ChatInstant) async
}

/// Why a transport cannot start.
public struct TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong and what to do.
    public let description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}
