// SPDX-License-Identifier: MIT

package import ChatCore

/// What the bytes of a ``StreamConnection`` mean: lines, HTTP, WebSocket frames.
///
/// One object per connection, called on its event loop.
package protocol ByteProtocol: AnyObject {
    /// Takes what was read.
    ///
    /// - Parameters:
    ///   - bytes: what has not been consumed yet, from the first such byte on; after a pause
    ///     perhaps nothing. They may be overwritten up to what is consumed.
    ///   - connection: where it comes from.
    /// - Returns: how many bytes are done with. The others are handed in again, together with what
    ///   is read next, or after a pause.
    func received(_ bytes: inout MutableSpan<UInt8>, on connection: StreamConnection) -> Int

    /// The peer will send no more; everything it sent was handed in and `rest` of it was not
    /// consumed. Its own reading side may still be open.
    ///
    /// - Returns: whether that is done with. If not, reading pauses, and it is said again after
    ///   ``StreamConnection/resumeReading()``.
    func inputEnded(rest: Span<UInt8>, on connection: StreamConnection) -> Bool

    /// Whether everything the peer sent was answered. Asked after ``inputEnded(rest:on:)`` at the
    /// end of turns: once it is, the connection is finished.
    var isAnswered: Bool { get }

    /// The server stops. Called at most once.
    ///
    /// - Returns: whether the connection can be closed now. If not, the protocol closes it by
    ///   ``StreamConnection/finish()`` when it has said what is due; the server's deadline cuts it off.
    func stopping(on connection: StreamConnection) -> Bool

    /// A deadline set with ``StreamConnection/setDeadline(milliseconds:)`` has passed.
    func deadlineReached(on connection: StreamConnection)

    /// Appends the last words of this side.
    func appendFarewell(_ code: CloseCode, to bytes: inout [UInt8])

    /// Appends a question for a sign of life.
    func appendProbe(to bytes: inout [UInt8])

    /// All that waited was written; `staleRooms` had live events shed meanwhile.
    func caughtUp(staleRooms: [RoomID], on connection: StreamConnection)

    /// The connection is gone; nothing is called afterwards.
    func ended()
}

extension ByteProtocol {
    /// Nothing is due that is not queued already.
    package func stopping(on connection: StreamConnection) -> Bool { true }
}

/// The bounds of a ``StreamConnection``.
package struct StreamSettings: Sendable {
    /// What a closing connection gets to write its rest and to hear the peer's end, in
    /// milliseconds.
    package var closeMilliseconds: Int64 = 2_000
    /// What a peer that has been told everything gets to close its side, in milliseconds.
    package var lingerMilliseconds: Int64 = 1_000
    /// What answers get to arrive after the peer has closed its sending side, in milliseconds.
    package var halfCloseMilliseconds: Int64 = 10_000
    /// `queuedBytes` and `queuedSlices` bound what waits for the peer.
    package var limits: Limits

    package init(limits: Limits = Limits()) { self.limits = limits }
}

/// Settings that many connections refer to: a copy in each would be most of an idle connection.
final class SharedStreamSettings: Sendable {
    let values: StreamSettings

    init(_ values: StreamSettings) { self.values = values }
}

/// A framing that many connections refer to.
package final class SharedFraming: Sendable {
    package let value: any WireFraming

    package init(_ value: any WireFraming) { self.value = value }
}

/// What few connections have: a queue that the peer does not read fast enough, last words, and an end that others
/// have set.
final class OutboundRest {
    var backlog: OutboundQueue<OutboundPart>?
    var farewell: [UInt8] = []
    var stopDeadline: ChatInstant?

    var isEmpty: Bool { backlog == nil && farewell.isEmpty && stopDeadline == nil }
}
