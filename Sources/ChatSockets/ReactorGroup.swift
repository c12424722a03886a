// SPDX-License-Identifier: MIT

package import ChatCore

/// The reactors of one engine, one thread per event loop; its transports share them.
///
/// The first transport starts the threads, the last one to leave stops them.
package actor ReactorGroup {
    private let loops: [EventLoop]
    private let kind: ReactorKind
    private var users = 0
    private var running: Task<[ReactorThread], any Error>?
    private var stopping: Task<Void, Never>?

    /// Makes a group for `loops`; nothing runs yet.
    package init(loops: [EventLoop], kind: ReactorKind = .epoll) {
        self.loops = loops
        self.kind = kind
    }

    /// Makes sure that every loop has its thread.
    ///
    /// Pair it with ``release()``.
    package func acquire() async throws(SocketError) {
        users += 1
        while let stopping { await stopping.value }
        let (loops, kind) = (loops, kind)
        let task = running ?? Task { try await Self.start(loops, kind) }
        running = task
        if case .failure(let error) = await task.result {
            users -= 1
            if running == task { running = nil }
            throw error as? SocketError ?? SocketError("pthread_create", code: 0)
        }
    }

    private static func start(
        _ loops: [EventLoop], _ kind: ReactorKind
    ) async throws(SocketError) -> [ReactorThread] {
        var threads: [ReactorThread] = []
        do {
            for loop in loops { threads.append(try await ReactorThread.start(loop, kind)) }
        } catch {
            for thread in threads { await thread.stop() }
            throw error
        }
        return threads
    }

    /// Stops the threads if nobody else uses them; returns when they have ended.
    package func release() async {
        users -= 1
        guard users == 0, let task = running else { return }
        running = nil
        let stop = Task {
            guard case .success(let threads) = await task.result else { return }
            for thread in threads { await thread.stop() }
        }
        stopping = stop
        await stop.value
        stopping = nil
    }
}
