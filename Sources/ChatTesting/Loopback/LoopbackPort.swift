// SPDX-License-Identifier: MIT

import ChatCore

/// One event loop as a test drives it: what a reactor is to sockets.
final class LoopbackPort: LoopDriver {
    let loop: EventLoop
    let host: any ConnectionHost
    private var links: [LoopbackLink] = []
    private var needsPoll = false

    init(loop: EventLoop, host: any ConnectionHost) {
        self.loop = loop
        self.host = host
    }

    /// Whether a turn would do anything.
    var hasWork: Bool { needsPoll || loop.executor.hasPending }

    /// Whether a call of the store has not come back yet.
    var waitsForCalls: Bool {
        var waits = false
        loop.executor.asOwner { waits = host.waitsForCalls }
        return waits
    }

    func wake() { needsPoll = true }

    func add(_ link: LoopbackLink) { links.append(link) }

    /// Runs one turn on the calling thread: polls, runs jobs, ends the turn.
    func runTurn() {
        loop.executor.asOwner { poll(timeoutMilliseconds: 0) }
        loop.executor.runTurn()
    }

    /// Runs `body` as the loop.
    func asOwner(_ body: () -> Void) { loop.executor.asOwner(body) }

    /// When the loop next has something to do without being asked.
    var loopDeadline: ChatInstant? {
        var deadline: ChatInstant?
        loop.executor.asOwner { deadline = loop.assumeIsolated { $0.nextDeadline } }
        return deadline
    }

    // MARK: LoopDriver

    var nextDeadline: ChatInstant? { nil }

    func poll(timeoutMilliseconds: Int32) {
        needsPoll = false
        for link in links { link.poll() }
    }

    func flush(now: ChatInstant) {
        for link in links { link.flush() }
        links.removeAll { $0.isEnded }
    }
}

/// Carries a port out of its loop's island.
///
/// Unchecked: a world drives all of its loops on one thread at a time, so a port is never used by two.
struct LoopbackHandle: @unchecked Sendable {
    let port: LoopbackPort
}
