// SPDX-License-Identifier: MIT

/// The bounds of the HTTP/1.1 side: what a peer may send before it has upgraded.
public struct HTTPLimits: Sendable, Equatable {
    /// The longest request target, in bytes; above it: 414.
    public var targetBytes = 4_096
    /// The longest request head (request line, fields and the empty line), in bytes; above it: 431.
    public var headBytes = 16_384
    /// The most header fields of a request; above it: 431.
    public var headerFields = 64
    /// The longest body of a request whose route sets no other bound, in bytes; above it: 413.
    public var bodyBytes = 65_536

    /// The defaults.
    public init() {}
}
