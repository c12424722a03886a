// SPDX-License-Identifier: MIT

import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// SIGTERM, SIGINT and SIGHUP as something to wait for.
///
/// The handler only writes the signal's number into a pipe: that is all a handler may safely do. (Blocking
/// the signals and `sigwait` would be simpler, but Swift's pool has threads before `main` runs.)
enum Signals {
    private static let writeEnd = Atomic<Int32>(-1)
    private static let readEnd = Atomic<Int32>(-1)

    /// Installs the handlers. Call it before anything else.
    static func catchTermination() {
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        precondition(result == 0, "no pipe for signals could be made")
        readEnd.store(ends[0], ordering: .relaxed)
        writeEnd.store(ends[1], ordering: .relaxed)
        for number in [SIGTERM, SIGINT, SIGHUP] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(Signals.writeEnd.load(ordering: .relaxed), &byte, 1)
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Suspends until one of them comes; returns its name.
    static func wait() async -> String {
        await withCheckedContinuation { continuation in
            SignalThread { continuation.resume(returning: $0) }.start()
        }
    }

    /// Blocks the calling thread until one of them comes.
    fileprivate static func read() -> String {
        var byte: UInt8 = 0
        while Glibc.read(readEnd.load(ordering: .relaxed), &byte, 1) != 1 {}
        switch Int32(byte) {
        case SIGTERM: return "SIGTERM"
        case SIGHUP: return "SIGHUP"
        default: return "SIGINT"
        }
    }
}

/// A thread that waits for one signal, so that no thread of Swift's pool is blocked.
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
                me.body(Signals.read())
                return nil
            }, context)
        precondition(result == 0, "no thread for signals could be made")
        pthread_detach(thread)
    }
}
