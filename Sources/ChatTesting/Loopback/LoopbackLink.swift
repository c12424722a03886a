// SPDX-License-Identifier: MIT

import ChatCore

/// Lines, in one of several kinds that the engine must not confuse.
struct LoopbackFraming: WireFraming {
    let identifier: Int

    func append(_ payload: Span<UInt8>, to bytes: inout [UInt8]) {
        for index in payload.indices { bytes.append(payload[index]) }
        bytes.append(0x0A)
    }
}

/// The engine's end of a loopback connection. It behaves like a socket's: one write per turn, and what the
/// peer does not take waits in an ``OutboundQueue``.
final class LoopbackLink: ConnectionLink {
    private enum Phase { case open, closing(CloseCode), ended }

    let framing: any WireFraming
    var session: ChatSession?
    /// What the peer will still take, in bytes.
    var window = Int.max
    private(set) var isPaused = false
    private(set) var probes = 0
    private weak var client: LoopbackClient?
    private let limits: Limits
    private let wake: () -> Void
    private var phase = Phase.open
    private var input: [UInt8] = []
    private var answers: [UInt8] = []
    private var slices: [(SharedSlice, DeliveryLane)] = []
    private var backlog: OutboundQueue<[UInt8]>
    private var mustResume = false
    private var heardPong = false
    private var tellsWhenWritten = false

    init(
        client: LoopbackClient, framing: any WireFraming, limits: Limits, wake: @escaping () -> Void
    ) {
        self.client = client
        self.framing = framing
        self.limits = limits
        self.wake = wake
        backlog = OutboundQueue(limits: limits)
    }

    var isEnded: Bool { if case .ended = phase { true } else { false } }
    private var isOpen: Bool { if case .open = phase { true } else { false } }

    // MARK: From the peer

    /// Bytes that the peer has written.
    func write(_ bytes: [UInt8]) {
        input.append(contentsOf: bytes)
        wake()
    }

    func pong() {
        heardPong = true
        wake()
    }

    /// What a socket's poll does: writes what waits, hands in what was read.
    func poll() {
        drain()
        if tellsWhenWritten, backlog.isEmpty, isOpen {
            tellsWhenWritten = false
            session?.caughtUp(staleRooms: [])
        }
        if mustResume {
            mustResume = false
            isPaused = false
        }
        if heardPong, isOpen {
            heardPong = false
            session?.heard()
        }
        while isOpen, !isPaused, let end = input.firstIndex(of: 0x0A) {
            let line = Array(input[..<end])
            guard session?.receive(line.span) ?? true else {
                isPaused = true
                return
            }
            // Closing throws the rest of the input away.
            if isOpen { input.removeFirst(end + 1) }
        }
        if isOpen, !isPaused, input.count > limits.frameBytes {
            session?.reject(WireError(.tooLarge, "a line is too long"))
            close(.protocolError)
            session?.ended()
        }
    }

    /// The connection is gone without a word.
    func cut() {
        guard !isEnded else { return }
        let session = session
        end(nil)
        session?.ended()
        wake()
    }

    // MARK: From the engine

    var pendingBytes: Int {
        answers.count + backlog.bytes + slices.reduce(0) { $0 + $1.0.count }
    }

    func send(_ payload: Span<UInt8>) {
        if isOpen { framing.append(payload, to: &answers) }
    }

    func deliver(_ slice: SharedSlice, lane: DeliveryLane) {
        if isOpen { slices.append((slice, lane)) }
    }

    func close(_ code: CloseCode) {
        guard isOpen else { return }
        phase = .closing(code)
        input = []
        let text =
            #"{"type":"goodbye","code":\#(code.rawValue),"reason":"\#(code.name)","#
            + #""reconnect":\#(code.isReconnectable)}"# + "\n"
        slices.append((Self.slice(of: Array(text.utf8)), .log))
        wake()
    }

    func resumeReading() {
        mustResume = true
        wake()
    }

    func tellWhenWritten() {
        tellsWhenWritten = true
        wake()
    }

    func probe() {
        probes += 1
        client?.probed()
    }

    // MARK: The end of a turn

    func flush() {
        guard !isEnded else { return }
        var parts = [(answers, OutboundLane.answer)]
        for (slice, lane) in slices {
            let bytes = Array(slice.buffer.bytes[slice.start..<slice.end])
            switch lane {
            case .log: parts.append((bytes, .log))
            case .live(let room): parts.append((bytes, .live(room: room)))
            }
        }
        answers = []
        slices = []
        for (bytes, lane) in parts where !bytes.isEmpty {
            guard put(bytes, lane) else { return fail() }
        }
        finishIfWritten()
    }

    private func put(_ bytes: [UInt8], _ lane: OutboundLane) -> Bool {
        guard backlog.isEmpty else {
            return backlog.offer(bytes, bytes: bytes.count, lane: lane) != .overflow
        }
        let count = min(window, bytes.count)
        take(bytes[..<count])
        if count == bytes.count { return true }
        // Half a line must be followed by its other half: it cannot be shed any more.
        let rest = Array(bytes[count...])
        return backlog.offer(rest, bytes: rest.count, lane: count > 0 ? .answer : lane) != .overflow
    }

    private func drain() {
        guard !isEnded, !backlog.isEmpty else { return }
        while window > 0, let front = backlog.front {
            let rest = front[backlog.frontOffset...]
            let count = min(window, rest.count)
            take(rest.prefix(count))
            backlog.consume(count)
        }
        guard backlog.isEmpty else { return }
        let stale = backlog.takeStaleRooms()
        if isOpen { session?.caughtUp(staleRooms: stale) }
        wake()
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        if window != .max { window -= bytes.count }
        client?.take(bytes)
    }

    private func finishIfWritten() {
        if case .closing(let code) = phase, backlog.isEmpty { end(code) }
    }

    /// The peer is too far behind: nothing more reaches it, as with a socket whose buffer is full.
    private func fail() {
        let session = session
        end(.slowConsumer)
        session?.ended()
    }

    private func end(_ code: CloseCode?) {
        phase = .ended
        session = nil
        client?.ended(code)
    }

    private static func slice(of bytes: [UInt8]) -> SharedSlice {
        let buffer = SharedBuffer(bytes)
        return SharedSlice(buffer: buffer, start: 0, end: bytes.count)
    }
}
