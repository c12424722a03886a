// SPDX-License-Identifier: MIT

#if os(Linux)
    import CChatSystem
    import Glibc

    /// An io_uring instance with buffers to read into: queues of requests and completions that are
    /// shared with the kernel.
    ///
    /// Anybody may make it; the thread that calls ``enable()`` is the only one that uses it.
    @safe
    final class Ring {
        /// How large the queues are.
        struct Size {
            /// Requests that are submitted with one call at most.
            var entries: UInt32 = 1_024
            /// Completions that fit; the kernel keeps what is more elsewhere, at a price.
            var completions: UInt32 = 4_096
            /// Buffers for what is read: a power of two.
            ///
            /// So many connections are heard in one turn. All of them together are what a connection
            /// that has paused may still be handed.
            var buffers: UInt32 = 512
            /// A few messages as they are typed.
            var bufferBytes = 1_024
        }

        /// A completed request.
        struct Completion {
            let tag: UInt64
            /// A count, a descriptor, or `-errno`.
            let result: Int32
            /// The buffer that was read into; to be given back.
            let buffer: Int32
            /// Whether the request goes on.
            let hasMore: Bool
        }

        let size: Size
        /// All buffers, one after the other.
        let memory: ReadBuffer
        private let ring: OpaquePointer
        /// Completions that were met while others were looked for, oldest first.
        private var aside: ContiguousArray<Completion> = []
        private var nextAside = 0

        /// `io_uring_setup`.
        ///
        /// - Throws: `EINVAL` or `ENOSYS` if the kernel is older than Linux 6.1, or the headers are
        ///   that this was built with; `EPERM` where it is not allowed.
        init(_ size: Size = Size()) throws(SocketError) {
            self.size = size
            memory = ReadBuffer(capacity: Int(size.buffers) * size.bufferBytes)
            var opened: OpaquePointer?
            var code = unsafe chat_ring_open(size.entries, size.completions, &opened)
            guard code == 0, let ring = unsafe opened else {
                throw SocketError("io_uring_setup", code: -code)
            }
            unsafe self.ring = ring
            code = unsafe chat_ring_provide(
                ring, memory.base, UInt32(size.bufferBytes), size.buffers)
            guard code == 0 else { throw SocketError("io_uring_register", code: -code) }
        }

        /// Closed before the memory is freed that the kernel reads into.
        deinit { unsafe chat_ring_close(ring) }

        /// Makes the calling thread the ring's.
        func enable() throws(SocketError) {
            let code = unsafe chat_ring_enable(ring)
            guard code == 0 else { throw SocketError("io_uring_register", code: -code) }
        }

        /// Does one request.
        ///
        /// For a new ring that is thrown away afterwards: it then belongs to the calling thread.
        ///
        /// - Throws: what ``enter(nanoseconds:)`` would end the process with, where a sandbox lets
        ///   rings be made but not be used.
        func tryOut() throws(SocketError) {
            try enable()
            nothing(tag: 1)
            let code = unsafe chat_ring_enter(ring, 0)
            guard code >= 0, take()?.tag == 1 else {
                throw SocketError("io_uring_enter", code: code < 0 ? -code : EIO)
            }
        }

        // MARK: Requests

        /// Makes room for `count` entries.
        func reserve(_ count: UInt32) {
            while unsafe chat_ring_free_entries(ring) < count { submit() }
        }

        var freeEntries: Int { unsafe Int(chat_ring_free_entries(ring)) }

        func poll(_ descriptor: Int32, for events: Readiness, tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_poll(ring, descriptor, events.rawValue, tag)
        }

        func receive(_ descriptor: Int32, tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_receive(ring, descriptor, tag)
        }

        func accept(_ descriptor: Int32, tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_accept(ring, descriptor, tag)
        }

        /// Cancels the request with `target`; if there is none, `tag` is told so.
        func cancel(_ target: UInt64, tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_cancel(ring, target, tag)
        }

        /// Cancels all that are under way; `tag` is told how many.
        func cancelAll(tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_cancel_all(ring, tag)
        }

        /// Sends at once or fails with `EAGAIN`.
        func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_send(ring, descriptor, bytes.baseAddress, bytes.count, tag)
        }

        /// Does nothing and says so.
        func nothing(tag: UInt64) {
            reserve(1)
            unsafe chat_ring_prepare_nothing(ring, tag)
        }

        // MARK: The kernel

        /// Submits what is prepared; what completes at once is there afterwards.
        func submit() { unsafe settle(chat_ring_submit(ring)) }

        /// Submits what is prepared, takes in what is finished, and waits for it at most
        /// that long (below zero: without end).
        func enter(nanoseconds: Int64) {
            unsafe settle(chat_ring_enter(ring, nanoseconds))
            // The kernel had no memory for some. They must not wait here until the descriptors that
            // they name are those of others.
            while unsafe chat_ring_prepared(ring) > 0 { submit() }
        }

        /// Whether ``enter(nanoseconds:)`` would find anything without waiting.
        var hasWork: Bool { unsafe chat_ring_has_work(ring) != 0 }

        var hasCompletions: Bool { unsafe chat_ring_has_completions(ring) != 0 }

        /// Ends with a message where going on would lose requests.
        private func settle(_ result: Int32) {
            switch -result {
            // Nothing came in time, a signal did, or completions must be taken first.
            case ...0, ETIME, EINTR, EBUSY, EAGAIN: break
            case let code:
                let error = SocketError("io_uring_enter", code: code)
                preconditionFailure(
                    "\(error): another thread's ring, or the kernel has lost completions")
            }
        }

        /// The oldest completion that was not taken yet.
        func take() -> Completion? {
            var taken = chat_completion()
            guard unsafe chat_ring_take(ring, &taken) != 0 else { return nil }
            return Completion(
                tag: taken.tag, result: taken.result, buffer: taken.buffer,
                hasMore: taken.has_more != 0)
        }

        /// Keeps a completion for ``next()``.
        func setAside(_ completion: Completion) { aside.append(completion) }

        var hasSetAside: Bool { nextAside < aside.count }

        /// The oldest completion, first of those that were set aside.
        func next() -> Completion? {
            guard nextAside < aside.count else { return take() }
            let completion = aside[nextAside]
            nextAside += 1
            if nextAside == aside.count {
                aside.removeAll(keepingCapacity: true)
                nextAside = 0
            }
            return completion
        }

        // MARK: Buffers

        /// Where the bytes of a buffer are in ``memory``.
        func range(of buffer: Int32, count: Int32) -> Range<Int> {
            let start = Int(max(0, buffer)) * size.bufferBytes
            return start..<start + Int(max(0, count))
        }

        /// Lets the kernel use buffers again.
        func giveBack(_ buffers: ContiguousArray<Int32>) {
            for buffer in buffers { unsafe chat_ring_give_back(ring, UInt32(buffer)) }
            unsafe chat_ring_publish_buffers(ring)
        }
    }
#endif
