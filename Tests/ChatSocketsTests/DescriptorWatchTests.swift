// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatSockets

/// A loop that waits for input on a descriptor that is not a connection of its own.
@Suite(.timeLimit(.minutes(15)))
struct DescriptorWatchTests {
    private static let later = SystemClock().now().advanced(byMilliseconds: 600_000)

    private let loop = EventLoop()

    @Test(arguments: ReactorKind.usable)
    func `input ends the wait, again and again`(_ kind: ReactorKind) async throws {
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        try await reactors.acquire()
        let pair = try SocketPair()
        let near = pair.near
        for _ in 0..<100 {
            async let wait = loop.input(on: near, until: Self.later)
            await watched(1)
            pair.write("x")
            #expect(await wait == .ready)
            #expect(pair.readNear() == 1)
        }
        // What is there already is found as well.
        pair.write("x")
        #expect(await loop.input(on: near, until: Self.later) == .ready)
        await watched(0)
        await reactors.release()
    }

    @Test(arguments: ReactorKind.usable)
    func `a far end that is closed ends the wait`(_ kind: ReactorKind) async throws {
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        try await reactors.acquire()
        let pair = try SocketPair()
        let near = pair.near
        async let wait = loop.input(on: near, until: Self.later)
        await watched(1)
        pair.closeFar()
        #expect(await wait == .ready)
        await reactors.release()
    }

    @Test(arguments: ReactorKind.usable)
    func `waits end at their deadlines, each at its own`(_ kind: ReactorKind) async throws {
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        try await reactors.acquire()
        let (first, second) = (try SocketPair(), try SocketPair())
        let (near, other) = (first.near, second.near)
        async let long = loop.input(on: near, until: Self.later)
        await watched(1)
        let soon = SystemClock().now().advanced(byMilliseconds: 1)
        #expect(await loop.input(on: other, until: soon) == .timedOut)
        #expect(SystemClock().now() >= soon)
        await watched(1)
        first.write("x")
        #expect(await long == .ready)
        await reactors.release()
    }

    @Test(arguments: ReactorKind.usable)
    func `who waits is told when the reactor goes, or is not there`(
        _ kind: ReactorKind
    ) async throws {
        let pair = try SocketPair()
        let near = pair.near
        #expect(await loop.input(on: near, until: Self.later) == .unpolled)
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        try await reactors.acquire()
        async let wait = loop.input(on: near, until: Self.later)
        await watched(1)
        await reactors.release()
        #expect(await wait == .unpolled)
    }

    @Test(arguments: ReactorKind.usable)
    func `the loop goes on while somebody waits, and goes on with them on its thread`(
        _ kind: ReactorKind
    ) async throws {
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        try await reactors.acquire()
        let pair = try SocketPair()
        let near = pair.near
        async let isOwner = ownsLoop(after: near, loop)
        await watched(1)
        for number in 0..<100 { #expect(await loop.run { _ in number } == number) }
        pair.write("x")
        #expect(await isOwner)
        await reactors.release()
    }

    private func ownsLoop(after descriptor: Int32, _ loop: isolated EventLoop) async -> Bool {
        guard await loop.input(on: descriptor, until: Self.later) == .ready else { return false }
        return loop.executor.isOwner
    }

    /// Until that many wait.
    private func watched(_ count: Int) async {
        while await loop.run({ ($0.attachedDriver as? Reactor)?.watches.count }) != count {
            await Task.yield()
        }
    }
}
