// SPDX-License-Identifier: MIT

#if os(Linux)
    import Glibc

    /// Writes to many connections with one system call.
    ///
    /// Every send is told to do what it can at once, so all are finished when ``run()`` returns,
    /// and nobody has to keep bytes alive for the kernel.
    @safe
    final class RingSender {
        /// How many sends go into one call.
        let capacity: Int

        private let ring: Ring
        private var slots: ContiguousArray<UInt32>
        private var results: ContiguousArray<Int32>
        private var count = 0
        /// How many sends the last ``run()`` has made.
        private(set) var finished = 0

        /// Makes a sender for the thread of `ring`.
        init(_ ring: Ring) {
            self.ring = ring
            capacity = Int(ring.size.entries)
            slots = ContiguousArray(repeating: 0, count: capacity)
            results = ContiguousArray(repeating: 0, count: capacity)
        }

        /// Whether ``run()`` must come before another send.
        var isFull: Bool { count == capacity }

        /// Prepares a send for whoever is in `slot`; the bytes must stay where they are until
        /// ``run()`` has returned.
        func add(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, for slot: UInt32) {
            precondition(count < capacity, "run() comes before another send")
            unsafe ring.send(
                descriptor, bytes, tag: RingPoller.Purpose.send.tag(UInt64(count)))
            slots[count] = slot
            count += 1
        }

        /// Submits all sends and collects what became of them.
        func run() {
            finished = count
            var missing = count
            count = 0
            if missing > 0 { ring.submit() }
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
                results[Int(RingPoller.Purpose.token(completion.tag))] = completion.result
                missing -= 1
            }
        }

        /// Whose send it was.
        func slot(_ index: Int) -> UInt32 { slots[index] }

        /// How many bytes a send of the last ``run()`` wrote, or `-errno`.
        func result(_ index: Int) -> Int32 { results[index] }

        /// What a send of the last ``run()`` came to.
        func outcome(_ index: Int) -> IOOutcome {
            switch results[index] {
            case 0...: .bytes(Int(results[index]))
            case -EAGAIN, -EINTR: .wouldBlock
            default: .failed(-results[index])
            }
        }
    }
#endif
