// SPDX-License-Identifier: MIT

import ChatClient
import ChatPlatform
import ChatTerminal
import Glibc

/// What wakes the program.
enum Wake: Sendable {
    case incoming(Incoming)
    /// An event; the next one comes when this one has been dealt with.
    case event(ChatEvent, CheckedContinuation<Void, Never>)
    case keys([Key])
    case line(String)
    case endOfInput
    case signal(Int32)
    /// It is time to draw, or to give up.
    case draw
    case giveUp
}

typealias Inbox = AsyncStream<Wake>.Continuation

/// Signals become bytes in a pipe: a handler may do little else.
enum Signals {
    // Set once, before the handlers are.
    private nonisolated(unsafe) static var writing: Int32 = -1

    /// Reports these from now on; returns where their numbers can be read.
    static func report(_ numbers: [Int32]) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return -1 }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        writing = ends[1]
        for number in numbers { watch(number) }
        return ends[0]
    }

    static func watch(_ number: Int32) {
        signal(number) { number in
            var byte = UInt8(truncatingIfNeeded: number)
            let saved = errno
            _ = write(Signals.writing, &byte, 1)
            errno = saved
        }
    }
}

/// Reads the standard input and the signals, on a thread of its own.
actor InputLoop {
    private nonisolated let thread = BlockingThread()
    private let inbox: Inbox
    private let signals: Int32
    private let readsKeys: Bool
    /// Before each read of lines, a byte comes here.
    private let permission: Int32
    private var parser = KeyParser()
    private var partial: [UInt8] = []
    /// So long after an Escape that nothing follows, it was the key.
    private static let escapeMilliseconds: Int32 = 50

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameter permission: where to wait before each read of lines; -1 to read keys at once.
    init(_ inbox: Inbox, signals: Int32, permission: Int32 = -1) {
        self.inbox = inbox
        self.signals = signals
        self.permission = permission
        readsKeys = permission < 0
    }

    /// Reads until the input ends. The actor has a thread of its own, which this keeps.
    func run() {
        var isOpen = true
        var mayRead = readsKeys
        while true {
            var entries = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
            if isOpen {
                let next = mayRead ? 0 : permission
                entries.append(pollfd(fd: next, events: Int16(POLLIN), revents: 0))
            }
            let wait = parser.isWaiting ? Self.escapeMilliseconds : -1
            let count = poll(&entries, nfds_t(entries.count), wait)
            if count == 0 { inbox.yield(.keys(parser.idle())) }
            guard count > 0 else { continue }
            if entries[0].revents != 0 { takeSignals() }
            guard isOpen, entries[1].revents != 0 else { continue }
            if mayRead {
                isOpen = take()
                mayRead = readsKeys
            } else {
                var byte: UInt8 = 0
                mayRead = read(permission, &byte, 1) == 1
            }
        }
    }

    private func takeSignals() {
        var numbers = [UInt8](repeating: 0, count: 16)
        let count = read(signals, &numbers, numbers.count)
        for number in numbers.prefix(max(0, count)) { inbox.yield(.signal(Int32(number))) }
    }

    /// Returns whether more may come.
    private func take() -> Bool {
        var space = [UInt8](repeating: 0, count: 65_536)
        let count = read(0, &space, space.count)
        if count < 0, errno == EINTR || errno == EAGAIN {
            if !readsKeys { inbox.yield(.line("")) }
            return true
        }
        guard count > 0 else {
            if !partial.isEmpty { inbox.yield(.line(String(decoding: partial, as: UTF8.self))) }
            inbox.yield(.endOfInput)
            return false
        }
        if readsKeys {
            let keys = parser.take(space[..<count])
            if !keys.isEmpty { inbox.yield(.keys(keys)) }
        } else {
            lines(space[..<count])
        }
        return true
    }

    private func lines(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        var isAny = false
        while let end = rest.firstIndex(of: 0x0A) {
            var line = partial + rest[..<end]
            if line.last == 0x0D { line.removeLast() }
            inbox.yield(.line(String(decoding: line, as: UTF8.self)))
            partial = []
            rest = rest[(end + 1)...]
            isAny = true
        }
        partial += rest
        // Without a whole line nobody would allow the next read.
        if !isAny { inbox.yield(.line("")) }
    }
}
