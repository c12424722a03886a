// SPDX-License-Identifier: MIT

#if os(Linux)
    import Glibc

    /// Writes many connections with one system call.
    ///
    /// Every send is told to do what it can at once, so all are finished when ``run()`` returns,
    /// and nobody has to keep bytes alive for the kernel.
    @safe
    final class RingSender {
        private let ring: Ring
        /// What describes sends of several parts to the kernel.
        private let messages: UnsafeMutableBufferPointer<msghdr>
        private var outcomes: ContiguousArray<IOOutcome> = []
        private var count = 0

        /// How many sends go into one call.
        let capacity: Int

        init(_ ring: Ring) {
            self.ring = ring
            capacity = Int(ring.size.entries)
            outcomes = ContiguousArray(repeating: .wouldBlock, count: capacity)
            unsafe messages = .allocate(capacity: capacity)
            unsafe messages.initialize(repeating: msghdr())
        }

        deinit { unsafe messages.deallocate() }

        /// Whether ``run()`` must come before another send.
        var isFull: Bool { count == capacity }

        /// Prepares a send; the bytes must stay where they are until ``run()`` has returned.
        ///
        /// - Returns: the number of its outcome.
        func add(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
            unsafe ring.send(descriptor, bytes, tag: next())
            return count - 1
        }

        /// Prepares a send of several parts; they and their list must stay where they are as well.
        func add(_ descriptor: Int32, parts: UnsafeMutableBufferPointer<iovec>) -> Int {
            let tag = next()
            let index = count - 1
            unsafe messages[index].msg_iov = parts.baseAddress
            unsafe messages[index].msg_iovlen = parts.count
            let message = unsafe messages.baseAddress.map { unsafe UnsafePointer($0 + index) }
            if let message = unsafe message {
                unsafe ring.send(descriptor, message: message, tag: tag)
            }
            return index
        }

        private func next() -> UInt64 {
            precondition(count < capacity, "run() comes before another send")
            count += 1
            return RingPoller.Purpose.send.tag(UInt64(count - 1))
        }

        /// Submits all sends and collects their outcomes.
        func run() {
            var missing = count
            count = 0
            ring.submit()
            while missing > 0 {
                guard let completion = ring.take() else {
                    // The kernel had no place for more completions until now, or no memory.
                    ring.enter(nanoseconds: 0)
                    continue
                }
                guard RingPoller.Purpose(tag: completion.tag) == .send else {
                    ring.setAside(completion)
                    continue
                }
                let index = RingPoller.Purpose.token(completion.tag)
                outcomes[Int(index)] = Self.outcome(completion.result)
                missing -= 1
            }
        }

        /// What a send of the last ``run()`` came to.
        func outcome(_ index: Int) -> IOOutcome { outcomes[index] }

        private static func outcome(_ result: Int32) -> IOOutcome {
            switch result {
            case 0...: .bytes(Int(result))
            case -EAGAIN, -EINTR: .wouldBlock
            default: .failed(-result)
            }
        }
    }
#endif
