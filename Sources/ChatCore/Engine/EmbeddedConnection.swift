// SPDX-License-Identifier: MIT

import ChatPlatform
import Synchronization

/// A client inside the service: send it what your socket reads, send what it yields to your socket.
public final class EmbeddedConnection: Sendable {
    /// What the client gets: one JSON object per element. Ends when the engine lets the connection go.
    ///
    /// The stream holds what is not read yet, up to `Limits.queuedSlices` messages. A reader that is slower
    /// is let go: the stream ends, and the client resumes with its next hello.
    public let messages: AsyncStream<[UInt8]>

    private let id: SessionID
    private let loop: EventLoop

    init(id: SessionID, loop: EventLoop, messages: AsyncStream<[UInt8]>) {
        self.id = id
        self.loop = loop
        self.messages = messages
    }

    /// Hands in one message (a JSON object) of the client.
    ///
    /// A message that has to wait for the answer to an earlier one is kept; after `Limits.pipelinedCommands`
    /// of them the connection is closed with ``CloseCode/protocolError``.
    public func receive(_ message: [UInt8]) async {
        await loop.run { [id] loop in
            guard let session = loop.resident(Shard.self)?.sessions[id],
                let link = session.link as? EmbeddedLink
            else { return }
            link.receive(message)
        }
    }

    /// Hands in one message of the client, as text.
    public func receive(_ message: String) async { await receive(Array(message.utf8)) }

    /// The client is gone.
    public func disconnect() async {
        await loop.run { [id] loop in
            guard let session = loop.resident(Shard.self)?.sessions[id] else { return }
            (session.link as? EmbeddedLink)?.finish()
            session.ended()
        }
    }
}

/// The framing of connections that take whole messages: no frame at all. One message per delivery.
struct BareFraming: WireFraming {
    var identifier: Int { 0 }

    /// A line feed separates the messages of a turn; JSON text as we write it holds none.
    func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        for index in payload.indices { bytes.append(payload[index]) }
        bytes.append(0x0A)
    }
}

/// The engine's end of an ``EmbeddedConnection``.
final class EmbeddedLink: ConnectionLink {
    let framing: any WireFraming = BareFraming()
    weak var session: ChatSession?
    private let output: AsyncStream<[UInt8]>.Continuation
    private let maximumMessages: Int
    private var waiting: [[UInt8]] = []
    private var isResuming = false
    private var isFinished = false
    /// Ends the session in a later turn: nobody may be told of an end while they are sending.
    private let endLater: () -> Void

    init(
        _ output: AsyncStream<[UInt8]>.Continuation, limits: Limits,
        endLater: @escaping () -> Void
    ) {
        self.output = output
        self.endLater = endLater
        maximumMessages = limits.pipelinedCommands
    }

    var pendingBytes: Int { 0 }

    func receive(_ message: [UInt8]) {
        guard let session else { return }
        if waiting.isEmpty && session.receive(message.span) { return }
        waiting.append(message)
        if waiting.count > maximumMessages { close(.protocolError) }
    }

    func resumeReading() {
        guard !isResuming, let session else { return }
        isResuming = true
        while let first = waiting.first, session.receive(first.span) { waiting.removeFirst() }
        isResuming = false
    }

    func send(_ payload: Span<UInt8>) {
        var message: [UInt8] = []
        message.reserveCapacity(payload.count)
        for index in payload.indices { message.append(payload[index]) }
        yield(message)
    }

    /// A dropped message would be a hole that nobody told of: the connection ends instead.
    private func yield(_ message: [UInt8]) {
        if isFinished { return }
        guard case .dropped = output.yield(message) else { return }
        finish()
        endLater()
    }

    func deliver(_ slice: SharedSlice, lane: DeliveryLane) {
        for message in slice.buffer.bytes[slice.start..<slice.end].split(separator: 0x0A) {
            yield(Array(message))
        }
    }

    func close(_ code: CloseCode) {
        let text =
            "{\"type\":\"goodbye\",\"code\":\(code.rawValue),\"reason\":\"\(code.name)\",\"reconnect\":\(code.isReconnectable)}"
        yield(Array(text.utf8))
        finish()
    }

    /// Nothing ever waits here: the session never has a reason to ask.
    func tellWhenWritten() {}

    func finish() {
        isFinished = true
        output.finish()
    }

    func probe() { yield(Array("{\"type\":\"ping\"}".utf8)) }
}

/// Ends a session by way of its loop's queue.
final class SessionEnd {
    var session: SessionID?
    private let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    func run() {
        guard let session else { return }
        let loop = loop
        Task { await loop.run { $0.resident(Shard.self)?.sessions[session]?.ended() } }
    }
}
