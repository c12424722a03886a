// SPDX-License-Identifier: MIT

import CChatSystem
import ChatCore
import ChatPlatform
import Glibc
import Synchronization

/// A thread that runs one event loop over a reactor.
final class ReactorThread: Sendable {
    /// What the new thread is given.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let loop: EventLoop
    private let waker: Waker
    private let mayRun = Atomic<Bool>(false)
    private let mustStop = Atomic<Bool>(false)
    private let thread = Lock<pthread_t?>(nil)
    private let exit = Lock(Exit())

    private struct Exit {
        var hasEnded = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// Puts a reactor on `loop` and takes the loop over.
    ///
    /// Returns at once; the pool's last turn may still run.
    static func start(
        _ loop: EventLoop, _ kind: ReactorKind
    ) async throws(SocketError) -> ReactorThread {
        let waker = try Waker()
        // The reactor is there before the thread is: whoever gets a turn on the loop finds it.
        try await loop.run { loop throws(SocketError) in
            loop.attach(try Reactor(clock: loop.clock, waker: waker, kind: kind))
        }
        let thread = ReactorThread(loop: loop, waker: waker)
        do {
            try thread.spawn()
        } catch {
            await loop.run { $0.attach(nil) }
            throw error
        }
        loop.executor.handOver(wake: { waker.wake() }, start: { thread.release() })
        return thread
    }

    private init(loop: EventLoop, waker: Waker) {
        self.loop = loop
        self.waker = waker
    }

    /// `pthread_create`.
    ///
    /// The thread waits for ``release()``, so that a failure is known before the hand-over.
    private func spawn() throws(SocketError) {
        let body = Body { [self] in run() }
        let context = unsafe Unmanaged.passRetained(body).toOpaque()
        var created = pthread_t()
        let code = unsafe pthread_create(
            &created, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context)
        guard code == 0 else {
            unsafe Unmanaged<Body>.fromOpaque(context).release()
            throw SocketError("pthread_create", code: code)
        }
        let handle = created
        thread.withLock { $0 = handle }
    }

    private func release() {
        mayRun.store(true, ordering: .releasing)
        waker.wake()
    }

    private func run() {
        unsafe chat_name_thread("chat-loop-\(loop.index)")
        while !mayRun.load(ordering: .acquiring) { waker.wait() }
        let executor = loop.executor
        executor.asOwner {
            while !mustStop.load(ordering: .acquiring) {
                loop.assumeIsolated { $0.poll() }
                executor.runTurn()
            }
            loop.assumeIsolated { loop in
                (loop.attachedDriver as? Reactor)?.close()
                loop.attach(nil)
            }
        }
        let waiter = exit.withLock { exit -> CheckedContinuation<Void, Never>? in
            exit.hasEnded = true
            return exit.waiter
        }
        waiter?.resume()
    }

    /// Ends the thread after its present turn and gives the loop back to Swift's pool.
    ///
    /// Call it once, not from the loop itself.
    func stop() async {
        mustStop.store(true, ordering: .releasing)
        waker.wake()
        await withCheckedContinuation { continuation in
            let hasEnded = exit.withLock { exit -> Bool in
                if !exit.hasEnded { exit.waiter = continuation }
                return exit.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        // The thread has nothing left to do, so this does not block.
        if let handle = thread.withLock({ $0 }) { pthread_join(handle, nil) }
        loop.executor.handBack()
    }
}
