// SPDX-License-Identifier: MIT

#if os(Linux)
    import Glibc

    /// Hears from the kernel through io_uring: it reads and accepts ahead, without a system call
    /// each.
    ///
    /// One `io_uring_enter` per wait submits what became wanted and takes in what has happened.
    /// Descriptors are named in requests only right before they are submitted, so that none can
    /// reach whoever got the number of a closed one; what a request still says after its
    /// descriptor was removed is told apart by the token's upper half.
    final class RingPoller: Poller {
        /// How many events one wait hands out at most; others are there for the next.
        static let eventsPerWait = 1_024

        /// How often to look whether the kernel has ended everything, 10 ms apart.
        private static let closeAttempts = 100

        /// What a request is for: kept in its tag, between the two halves of a token.
        enum Purpose: UInt64 {
            case receive
            case accept
            case poll
            case cancel
            case send

            private static let shift: UInt64 = 24

            init?(tag: UInt64) { self.init(rawValue: tag >> Self.shift & 0xFF) }

            func tag(_ token: UInt64) -> UInt64 { token | rawValue << Self.shift }

            /// Whether the request lives on in the kernel after it was submitted.
            var isLasting: Bool { self == .receive || self == .accept || self == .poll }

            static func token(_ tag: UInt64) -> UInt64 { tag & ~(0xFF << shift) }
        }

        private struct Place {
            var watch = RingWatch(.other, wanted: [])
            var descriptor: Int32 = -1
            /// Of the token that it belongs to.
            var generation: UInt32 = 0
            var isChanged = false
        }

        var readBuffer: ReadBuffer { ring.memory }
        let sender: RingSender?

        private let ring: Ring
        private var isEnabled = false
        private var places: ContiguousArray<Place> = []
        /// Places whose orders have to be looked at.
        private var changed: ContiguousArray<Int> = []
        /// Requests of descriptors that are gone.
        private var abandoned: ContiguousArray<UInt64> = []
        private var events: ContiguousArray<(token: UInt64, event: PollerEvent)> = []
        /// How many requests the kernel has not said the last of, apart from sends and cancellations.
        private var underway = 0
        /// Buffers whose bytes have been handed out.
        private var usedBuffers: ContiguousArray<Int32> = []

        /// Makes a ring, which belongs to the thread that waits first.
        init(_ size: Ring.Size = Ring.Size()) throws(SocketError) {
            ring = try Ring(size)
            sender = RingSender(ring)
            events.reserveCapacity(Self.eventsPerWait)
        }

        // MARK: What is wanted

        func add(
            _ descriptor: Int32, token: UInt64, as source: PolledSource, for interest: Readiness
        ) throws(SocketError) {
            let index = Self.index(token)
            guard index < 1 << 24 else { throw SocketError("io_uring_enter", code: EMFILE) }
            while places.count <= index { places.append(Place()) }
            let isChanged = places[index].isChanged
            places[index] = Place(
                watch: RingWatch(source, wanted: interest), descriptor: descriptor,
                generation: UInt32(token >> 32), isChanged: isChanged)
            markChanged(index)
        }

        func change(
            _ descriptor: Int32, token: UInt64, to interest: Readiness
        ) throws(SocketError) {
            guard let index = place(of: token) else { return }
            places[index].watch.wanted = interest
            markChanged(index)
        }

        func remove(_ descriptor: Int32, token: UInt64) {
            guard let index = place(of: token) else { return }
            let watch = places[index].watch
            // As long as a request runs, the kernel keeps the connection although it is closed.
            if watch.input == .armed { abandoned.append(inputPurpose(watch).tag(token)) }
            if watch.poll == .armed { abandoned.append(Purpose.poll.tag(token)) }
            let isChanged = places[index].isChanged
            places[index] = Place()
            places[index].isChanged = isChanged
        }

        private static func index(_ token: UInt64) -> Int {
            Int(truncatingIfNeeded: token & 0xFFFF_FFFF)
        }

        private func place(of token: UInt64) -> Int? {
            let index = Self.index(token)
            guard index < places.count, places[index].descriptor >= 0,
                places[index].generation == UInt32(token >> 32)
            else { return nil }
            return index
        }

        private func inputPurpose(_ watch: RingWatch) -> Purpose {
            watch.source == .listener ? .accept : .receive
        }

        private func markChanged(_ index: Int) {
            if places[index].isChanged { return }
            places[index].isChanged = true
            changed.append(index)
        }

        // MARK: Waiting

        func wait(timeoutMilliseconds: Int32) -> Int {
            events.removeAll(keepingCapacity: true)
            if !isEnabled { enable() }
            if !usedBuffers.isEmpty {
                ring.giveBack(usedBuffers)
                usedBuffers.removeAll(keepingCapacity: true)
            }
            submitOrders()
            let isBusy = ring.hasSetAside || ring.hasCompletions
            if timeoutMilliseconds == 0 || isBusy {
                if ring.hasWork { ring.enter(nanoseconds: 0) }
            } else {
                ring.enter(
                    nanoseconds: timeoutMilliseconds < 0
                        ? -1 : Int64(timeoutMilliseconds) * 1_000_000)
            }
            takeCompletions()
            // The kernel does its part in portions; a turn should have all that is there, because
            // every turn writes to every member of a room once.
            while ring.hasWork, events.count < Self.eventsPerWait {
                let before = events.count
                ring.enter(nanoseconds: 0)
                takeCompletions()
                if events.count == before { break }
            }
            return events.count
        }

        private func takeCompletions() {
            while events.count < Self.eventsPerWait, let completion = ring.next() {
                take(completion)
            }
        }

        func event(_ index: Int) -> (token: UInt64, event: PollerEvent) { events[index] }

        /// On the thread that waits, because a ring has only one.
        private func enable() {
            do throws(SocketError) {
                try ring.enable()
            } catch {
                preconditionFailure("\(error): a ring that could be made must be usable")
            }
            isEnabled = true
        }

        func close() {
            places = []
            changed = []
            abandoned = []
            guard isEnabled else { return }
            ring.cancelAll(tag: Purpose.cancel.tag(0))
            // What ran keeps its descriptor's connection or port, and may write into the buffers.
            for _ in 0..<Self.closeAttempts where underway > 0 {
                ring.enter(nanoseconds: 10_000_000)
                while let completion = ring.next() { take(completion) }
            }
        }

        private func submitOrders() {
            for tag in abandoned { ring.cancel(tag, tag: Purpose.cancel.tag(0)) }
            abandoned.removeAll(keepingCapacity: true)
            for index in changed {
                places[index].isChanged = false
                if places[index].descriptor >= 0 { submitOrders(index) }
            }
            changed.removeAll(keepingCapacity: true)
        }

        private func submitOrders(_ index: Int) {
            let orders = places[index].watch.orders()
            if orders.isEmpty { return }
            let place = places[index]
            let token = UInt64(place.generation) << 32 | UInt64(index)
            let purpose = inputPurpose(place.watch)
            if orders.contains(.armInput) {
                underway += 1
                if purpose == .accept {
                    ring.accept(place.descriptor, tag: purpose.tag(token))
                } else {
                    ring.receive(place.descriptor, tag: purpose.tag(token))
                }
            }
            if orders.contains(.cancelInput) {
                ring.cancel(purpose.tag(token), tag: Purpose.cancel.tag(0))
            }
            if orders.contains(.armPoll) {
                underway += 1
                ring.poll(
                    place.descriptor, for: place.watch.polled, tag: Purpose.poll.tag(token))
            }
            if orders.contains(.cancelPoll) {
                ring.cancel(Purpose.poll.tag(token), tag: Purpose.cancel.tag(0))
            }
        }

        // MARK: Completions

        private func take(_ completion: Ring.Completion) {
            if completion.buffer >= 0 { usedBuffers.append(completion.buffer) }
            guard let purpose = Purpose(tag: completion.tag) else { return }
            if purpose.isLasting, !completion.hasMore { underway -= 1 }
            let token = Purpose.token(completion.tag)
            guard let index = place(of: token) else {
                // Of a descriptor that is gone. Whom it accepted nobody waits for.
                if purpose == .accept, completion.result >= 0 { Syscalls.close(completion.result) }
                return
            }
            let (result, hasMore) = (completion.result, completion.hasMore)
            let event: PollerEvent?
            switch purpose {
            case .receive:
                let range = ring.range(of: completion.buffer, count: result)
                event = places[index].watch.received(result, hasMore: hasMore, range: range)
            case .accept: event = places[index].watch.accepted(result, hasMore: hasMore)
            case .poll: event = places[index].watch.polled(result)
            // What was to be cancelled has said its last already.
            case .cancel, .send: return
            }
            markChanged(index)
            if let event { events.append((token, event)) }
        }
    }
#endif
