// SPDX-License-Identifier: MIT

package import ChatCore

/// What lives behind a descriptor of a ``Reactor``.
///
/// Called on its loop, while it polls.
package protocol ReactorHandler: AnyObject {
    /// The kernel has something to say about the descriptor.
    func happened(_ event: PollerEvent)
    /// The time of an ``Reactor/arm(_:token:)`` has come; whether anything is due, the handler knows.
    func timerFired(now: ChatInstant)
}

/// Polls the descriptors of one event loop, by what its ``Poller`` hears from the kernel.
///
/// Handlers are reached by slot. The generation in each token keeps an event that was already
/// fetched when its descriptor was closed from reaching whoever got the slot since.
package final class Reactor: LoopDriver {
    private struct Slot {
        var generation: UInt32 = 0
        var handler: (any ReactorHandler)?
        /// The handler, if it is a connection.
        var connection: StreamConnection?
    }

    /// The first slot is the waker's.
    private static let wakeToken: UInt64 = 0
    /// How many steps of handshakes one turn makes. Each may take as long as hundreds of messages: a flood of them waits
    /// behind those who have signed in.
    static let handshakeStepsPerTurn = 8
    /// Emptied buffers that are kept for the next turn.
    private static let spareBuffers = 256
    private static let spareBufferBytes = 65_536

    let clock: any ChatClock
    let readBuffer: ReadBuffer
    /// What encrypted connections read is decrypted into.
    private(set) lazy var plainBuffer = ReadBuffer(
        capacity: readBuffer.capacity + SecureProgress.heldBytes)
    let vector = GatheringWriter()
    /// Those who have not signed in.
    let newcomers = Newcomers()

    let poller: any Poller
    private let waker: Waker
    private var slots: ContiguousArray<Slot> = [Slot()]
    private var freeSlots: ContiguousArray<UInt32> = []
    private var deadlines = DeadlineHeap()
    /// The slots that have something to write at the end of the turn.
    var dirty: ContiguousArray<UInt32> = []
    /// What was handed to connections in this turn.
    var turnSlices: ContiguousArray<TurnSlice> = []
    let ports = PortTable()
    private var deferred: ContiguousArray<StreamConnection> = []
    /// How many more steps of handshakes this turn may make.
    private var handshakeSteps = 0
    /// Connections in a handshake that wait for a turn with time for them, in order; all before the head are done.
    var heldHandshakes: ContiguousArray<StreamConnection> = []
    private var heldHead = 0
    private var spares: ContiguousArray<[UInt8]> = []
    /// Descriptors of others.
    var watches: ContiguousArray<DescriptorWatch> = []
    /// What listens on this loop, by the identity of its server.
    var listeners: [ObjectIdentifier: Listener] = [:]

    /// Makes a reactor that `waker` interrupts.
    ///
    /// Call it on the loop and attach it there.
    package convenience init(
        clock: any ChatClock, waker: Waker, kind: ReactorKind = .epoll
    ) throws(SocketError) {
        try self.init(clock: clock, waker: waker, poller: try kind.makePoller())
    }

    init(clock: any ChatClock, waker: Waker, poller: any Poller) throws(SocketError) {
        self.clock = clock
        self.waker = waker
        self.poller = poller
        readBuffer = poller.readBuffer
        try poller.add(waker.descriptor, token: Self.wakeToken, as: .other, for: .input)
    }

    /// Call it last, on the thread that polled.
    func close() {
        endWatches()
        poller.close()
    }

    // MARK: Descriptors

    /// Starts watching `descriptor`.
    ///
    /// - Returns: the token that names it until ``remove(_:token:)``.
    func add(
        _ descriptor: Int32, _ handler: any ReactorHandler, as source: PolledSource = .other,
        for interest: Readiness
    ) throws(SocketError) -> UInt64 {
        let index = freeSlots.popLast() ?? UInt32(slots.count)
        if Int(index) == slots.count { slots.append(Slot()) }
        let token = UInt64(slots[Int(index)].generation) << 32 | UInt64(index)
        do {
            try poller.add(descriptor, token: token, as: source, for: interest)
        } catch {
            freeSlots.append(index)
            throw error
        }
        slots[Int(index)].handler = handler
        if let connection = handler as? StreamConnection {
            slots[Int(index)].connection = connection
            ports.reserve(Int(index))
            ports[index] = Port(descriptor: descriptor, state: .plain)
        }
        return token
    }

    /// Watches for something else.
    func change(_ descriptor: Int32, token: UInt64, to interest: Readiness) throws(SocketError) {
        try poller.change(descriptor, token: token, to: interest)
    }

    /// Stops watching; call it before the descriptor is closed.
    func remove(_ descriptor: Int32, token: UInt64) {
        guard handler(of: token) != nil else { return }
        let index = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
        slots[index].handler = nil
        if slots[index].connection != nil {
            slots[index].connection = nil
            ports[UInt32(index)] = Port()
        }
        slots[index].generation &+= 1
        freeSlots.append(UInt32(index))
        poller.remove(descriptor, token: token)
    }

    private func handler(of token: UInt64) -> (any ReactorHandler)? {
        let index = Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else {
            return nil
        }
        return slots[index].handler
    }

    /// The connection in `slot`.
    func connection(_ slot: UInt32) -> StreamConnection? {
        Int(slot) < slots.count ? slots[Int(slot)].connection : nil
    }

    /// Asks for a call of `timerFired` of the handler behind `token` at `deadline`.
    func arm(_ deadline: ChatInstant, token: UInt64) { deadlines.insert(deadline, token: token) }

    // MARK: Work of connections

    /// `connection` wants to go on in the next poll, outside of whatever runs now.
    func runLater(_ connection: StreamConnection) { deferred.append(connection) }

    /// An empty buffer, with memory if one is left over.
    func takeBuffer() -> [UInt8] { spares.popLast() ?? [] }

    /// Keeps a buffer's memory for others.
    func giveBack(_ buffer: consuming [UInt8]) {
        guard spares.count < Self.spareBuffers, buffer.capacity <= Self.spareBufferBytes else {
            return
        }
        buffer.removeAll(keepingCapacity: true)
        spares.append(buffer)
    }

    // MARK: LoopDriver

    package var nextDeadline: ChatInstant? {
        guard let watch = watchDeadline else { return deadlines.earliest }
        return min(deadlines.earliest ?? watch, watch)
    }

    package func poll(timeoutMilliseconds: Int32) {
        let hasWork = !deferred.isEmpty || !dirty.isEmpty || heldHead < heldHandshakes.count
        let count = poller.wait(timeoutMilliseconds: hasWork ? 0 : timeoutMilliseconds)
        runDeferred()
        handshakeSteps = Self.handshakeStepsPerTurn
        runHeldHandshakes()
        for index in 0..<count {
            let (token, event) = poller.event(index)
            if token == Self.wakeToken {
                waker.drain()
            } else if let handler = handler(of: token) {
                handler.happened(event)
            } else if case .accepted(let descriptor) = event {
                Syscalls.close(descriptor)
            }
        }
        runDeadlines()
    }

    private func runDeferred() {
        if deferred.isEmpty { return }
        let connections = deferred
        deferred = []
        for connection in connections { connection.runDeferred() }
    }

    /// Whether a handshake may go on in this turn. Those who wait already go first.
    func takeHandshakeStep() -> Bool {
        guard handshakeSteps > 0 else { return false }
        handshakeSteps -= 1
        return true
    }

    private func runHeldHandshakes() {
        while heldHead < heldHandshakes.count, handshakeSteps > 0 {
            let connection = heldHandshakes[heldHead]
            heldHead += 1
            // Who has gone meanwhile costs nothing.
            if connection.runHeldHandshake() { handshakeSteps -= 1 }
        }
        if heldHead == heldHandshakes.count {
            heldHandshakes.removeAll(keepingCapacity: heldHead <= 1_024)
            heldHead = 0
        } else if heldHead > 1_024, heldHead > heldHandshakes.count / 2 {
            heldHandshakes.removeFirst(heldHead)
            heldHead = 0
        }
    }

    private func runDeadlines() {
        if nextDeadline == nil { return }
        let now = clock.now()
        runWatchDeadlines(now: now)
        while let entry = deadlines.popDue(now: now) {
            handler(of: entry.token)?.timerFired(now: now)
        }
    }
}
