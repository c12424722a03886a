// SPDX-License-Identifier: MIT

package import ChatCore

/// One TCP connection on its reactor: reads for a ``ByteProtocol`` and writes once per turn.
///
/// Its life: open → closing (the rest is being written) → lingering (written; the peer's end is
/// awaited, so that a reset cannot destroy the last bytes) → ended. Failures lead to broken, which
/// ends in the next poll, so that nobody is told of an end while they are sending. An idle
/// connection holds no buffer.
package final class StreamConnection: ConnectionLink, ReactorHandler {
    enum Phase {
        case open
        case closing
        case lingering
        case broken
        case ended
    }

    /// The client's address without port: the peer's, or what a trusted proxy says.
    package internal(set) var peer: String
    /// How messages are framed.
    ///
    /// A handshake may set it before anything is sent.
    package var framing: any WireFraming { sharedFraming.value }
    package var sharedFraming: SharedFraming

    let reactor: Reactor
    private let sharedSettings: SharedStreamSettings
    let raw: Int32
    var descriptor: OwnedDescriptor?
    /// Until it is registered, a token that nobody has.
    var token = UInt64.max
    var handler: (any ByteProtocol)?
    var phase = Phase.open {
        didSet { updatePort() }
    }

    // Reading
    var isInputOpen = true
    var hasToldInputEnd = false
    /// Whether nothing is handed in until ``resumeReading()``.
    package internal(set) var isPaused = false
    var resumesWhenWritten = false
    var mustResume = false
    var tellsWhenWritten = false
    var leftover: [UInt8] = []
    var interest: Readiness = .input

    // Writing: what the turn has gathered, in this order, and what the kernel has not taken. The
    // first slice, mostly the only one, is in the reactor's port.
    var answers: [UInt8] = []
    var moreSlices: [OutboundSlice] = []
    private var rest: OutboundRest?
    var isDeferred = false
    /// Whether the backlog was full: nothing more is gathered, and the connection closes.
    var isTooSlow = false

    // Time
    package internal(set) var deadline: ChatInstant?
    var armedDeadline: ChatInstant?

    // Its place in the group that can close it.
    weak var group: ConnectionGroup?
    var groupIndex = 0

    // What lies between socket and protocol, and how it counts (see ``ConnectionGroup``).
    var layer: StreamLayer?
    var counted = ConnectionCount.none
    /// What it holds although nobody has signed in, in bytes; `nil` once somebody has.
    var newcomerBytes: Int32?
    var newcomerIndex: Int32 = 0

    /// Takes over an accepted socket.
    ///
    /// Call ``start(_:)`` next.
    init(
        _ raw: Int32, peer: String, reactor: Reactor, framing: SharedFraming,
        settings: SharedStreamSettings
    ) {
        self.raw = raw
        self.peer = peer
        self.reactor = reactor
        sharedFraming = framing
        sharedSettings = settings
        descriptor = OwnedDescriptor(raw)
    }

    /// What the kernel has not taken.
    var backlog: OutboundQueue<OutboundPart>? {
        get { rest?.backlog }
        set {
            if newValue == nil, rest == nil { return }
            let rest = rest ?? OutboundRest()
            rest.backlog = newValue
            self.rest = rest.isEmpty ? nil : rest
        }
    }

    /// The last words, behind all else.
    var farewell: [UInt8] {
        get { rest?.farewell ?? [] }
        set {
            if newValue.isEmpty, rest == nil { return }
            let rest = rest ?? OutboundRest()
            rest.farewell = newValue
            self.rest = rest.isEmpty ? nil : rest
        }
    }

    /// When the server cuts it off, whatever its protocol does.
    var stopDeadline: ChatInstant? {
        get { rest?.stopDeadline }
        set {
            let rest = rest ?? OutboundRest()
            rest.stopDeadline = newValue
            self.rest = rest.isEmpty ? nil : rest
        }
    }

    /// Its place on the reactor.
    var slot: UInt32 { UInt32(truncatingIfNeeded: token) }

    package var fanOutPlace: FanOutPlace? { FanOutPlace(group: reactor, index: slot) }

    var settings: StreamSettings { sharedSettings.values }

    /// Starts reading for `handler`.
    ///
    /// - Returns: whether the kernel watches the socket. If not, the connection has ended already.
    @discardableResult
    package func start(_ handler: any ByteProtocol) -> Bool {
        // Behind a layer it is registered already.
        guard token != .max || register() else {
            handler.ended()
            return false
        }
        self.handler = handler
        return true
    }

    /// Has the kernel watch the socket.
    ///
    /// - Returns: whether it does. If not, the connection has ended.
    func register() -> Bool {
        do {
            token = try reactor.add(raw, self, as: .stream, for: interest)
        } catch {
            phase = .ended
            descriptor = nil
            group?.remove(self)
            return false
        }
        if layer != nil { updatePort() }
        reactor.newcomers.enter(self)
        return true
    }

    /// Hands what is read from now on to `handler`, after a handshake.
    package func switchProtocol(to handler: any ByteProtocol) {
        guard phase == .open else { return }
        self.handler = handler
    }

    /// The reactor's clock.
    package var clock: any ChatClock { reactor.clock }

    /// Whether messages can be sent.
    package var isOpen: Bool { phase == .open }

    // MARK: ReactorHandler

    func ready(_ readiness: Readiness) {
        if readiness.contains(.output) { writeBacklog() }
        if phase == .ended { return }
        if interest.contains(.input) {
            if !readiness.isDisjoint(with: [.input, .broken]) { read() }
        } else if !readiness.isDisjoint(with: .broken) {
            end()
        }
    }

    package func timerFired(now: ChatInstant) {
        // What is armed from now on needs an entry of its own, also if this one was taken back.
        if let armedDeadline, armedDeadline <= now { self.armedDeadline = nil }
        if let stopDeadline, stopDeadline <= now { return end() }
        guard let deadline else { return }
        guard deadline <= now else { return setDeadline(deadline) }
        self.deadline = nil
        switch phase {
        case .open:
            if layer?.begin != nil {
                tell(.handshakeTimeout)
                end()
            } else {
                hasToldInputEnd ? finish() : handler?.deadlineReached(on: self)
            }
        case .closing, .lingering, .broken: end()
        case .ended: break
        }
    }

    /// Asks for ``ByteProtocol/deadlineReached(on:)`` after so many milliseconds; `nil` takes it
    /// back.
    package func setDeadline(milliseconds: Int64?) {
        guard let milliseconds, phase != .ended else {
            deadline = nil
            return
        }
        setDeadline(reactor.clock.now().advanced(byMilliseconds: milliseconds))
    }

    func setDeadline(_ deadline: ChatInstant) {
        self.deadline = deadline
        // An entry that comes earlier finds the new deadline when it comes.
        if let armedDeadline, armedDeadline <= deadline { return }
        armedDeadline = deadline
        reactor.arm(deadline, token: token)
    }

    // MARK: Deferred work

    func deferWork() {
        if isDeferred { return }
        isDeferred = true
        reactor.runLater(self)
    }

    /// Runs in the next poll what could not be done where it came up.
    func runDeferred() {
        isDeferred = false
        if phase == .broken { return end() }
        if isTooSlow, phase == .open { letGo() }
        if tellsWhenWritten, backlog == nil, phase == .open {
            tellsWhenWritten = false
            handler?.caughtUp(staleRooms: [], on: self)
        }
        guard mustResume else { return }
        mustResume = false
        resumeNow()
    }

    /// Says goodbye to a peer that reads too slowly. Its session ends now, so that it can come back at once.
    private func letGo() {
        close(.slowConsumer)
        let handler = handler
        self.handler = nil
        handler?.ended()
    }

    func updateInterest() {
        var wanted: Readiness = []
        if isInputOpen, !isPaused, layer?.isHeld != true { wanted.insert(.input) }
        if backlog != nil { wanted.insert(.output) }
        guard wanted != interest, phase != .ended else { return }
        do {
            try reactor.change(raw, token: token, to: wanted)
            interest = wanted
        } catch {
            fail()
        }
    }
}
