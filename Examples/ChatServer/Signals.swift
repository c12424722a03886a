// SPDX-License-Identifier: MIT

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SIGTERM and SIGINT as something to wait for.
enum Signals {
    /// Blocks the signals for every thread that is made later. Call it before anything else.
    static func block() {
        var signals = termination
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Suspends until one of them comes; returns its name.
    static func wait() async -> String {
        await withCheckedContinuation { continuation in
            let thread = SignalThread { continuation.resume(returning: $0) }
            thread.start()
        }
    }

    static var termination: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        return signals
    }
}

/// A thread that waits for one signal: no handler, so nothing has to be async-signal-safe.
private final class SignalThread: Sendable {
    private let body: @Sendable (String) -> Void

    init(_ body: @escaping @Sendable (String) -> Void) { self.body = body }

    func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let me = Unmanaged<SignalThread>.fromOpaque(context).takeRetainedValue()
                var signals = Signals.termination
                var signal: Int32 = 0
                sigwait(&signals, &signal)
                me.body(signal == SIGTERM ? "SIGTERM" : "SIGINT")
                return nil
            }, context)
        precondition(result == 0, "no thread for signals could be made")
        pthread_detach(thread)
    }
}
