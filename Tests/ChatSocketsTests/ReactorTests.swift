// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Glibc
import Testing

@testable import ChatSockets

@Suite(.timeLimit(.minutes(15)))
struct ReactorTests {
    @Test(arguments: ReactorKind.usable)
    func `work from other threads wakes a sleeping reactor`(_ kind: ReactorKind) async throws {
        let loops = [EventLoop(index: 0), EventLoop(index: 1)]
        let reactors = ReactorGroup(loops: loops, kind: kind)
        try await reactors.acquire()
        await withTaskGroup(of: Int.self) { group in
            for number in 0..<2_000 {
                group.addTask { await loops[number % 2].run { _ in number } }
            }
            var sum = 0
            for await number in group { sum += number }
            #expect(sum == 1_999_000)
        }
        await reactors.release()
        // The pool has the loops again.
        #expect(await loops[0].run { $0.attachedDriver == nil })
    }

    @Test(arguments: ReactorKind.usable)
    func `servers share the reactors, the last one to leave stops them`(
        _ kind: ReactorKind
    ) async throws {
        let loop = EventLoop()
        let reactors = ReactorGroup(loops: [loop], kind: kind)
        for _ in 0..<20 {
            try await reactors.acquire()
            try await reactors.acquire()
            await reactors.release()
            #expect(await loop.run { $0.attachedDriver != nil })
            await reactors.release()
            #expect(await loop.run { $0.attachedDriver == nil })
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `a port can be bound again at once after connections were served`(
        _ kind: ReactorKind
    ) async throws {
        var port = 0
        for _ in 0..<3 {
            let server = try await TestServer(reactor: kind, loops: 2, port: port)
            port = server.port
            let client = try RawClient(port: port)
            try await client.send("x\n")
            #expect(try await client.readLine() == "x")
            async let stopped: Void = server.stop()
            #expect(try await client.readLine() == "bye 4000")
            client.close()
            await stopped
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `a port is free as soon as its server has stopped, also without connections`(
        _ kind: ReactorKind
    ) async {
        // Alone in its process: a child that another test forks holds the listener until it is replaced by its program.
        let name = kind.rawValue
        await #expect(processExitsWith: .success) { [name = name as String] in
            let kind = try #require(ReactorKind(rawValue: name))
            var port = 0
            for _ in 0..<100 {
                let server = try await TestServer(reactor: kind, port: port)
                port = server.port
                await server.stop()
            }
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `a port that is taken is an error, even for several loops`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(reactor: kind, loops: 2)
        await #expect(throws: SocketError("bind", code: EADDRINUSE)) {
            _ = try await TestServer(reactor: kind, loops: 2, port: server.port)
        }
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `after stopping, every descriptor is closed`(_ kind: ReactorKind) async {
        let name = kind.rawValue
        await #expect(processExitsWith: .success) { [name = name as String] in
            let kind = try #require(ReactorKind(rawValue: name))
            // The first round opens what the process keeps.
            try await serveFifty(kind)
            let base = openDescriptors()
            for _ in 0..<5 { try await serveFifty(kind) }
            // The runtime frees finished tasks, which hold a thread's eventfd, a moment later.
            let deadline = SystemClock().now().advanced(byMilliseconds: 10_000)
            while openDescriptors() > base, SystemClock().now() < deadline { await Task.yield() }
            #expect(openDescriptors() <= base)
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `without descriptors the listener waits and goes on when there are some`(
        _ kind: ReactorKind
    ) async {
        let name = kind.rawValue
        await #expect(processExitsWith: .success) { [name = name as String] in
            let kind = try #require(ReactorKind(rawValue: name))
            let server = try await TestServer(reactor: kind)
            let first = try RawClient(port: server.port)
            try await first.send("x")
            _ = try await first.read(1)
            var limit = rlimit(rlim_cur: 128, rlim_max: 128)
            setrlimit(__rlimit_resource_t(7), &limit)
            var held: [Int32] = []
            while case let descriptor = dup(0), descriptor >= 0 { held.append(descriptor) }
            // The last one is for the client's side; the server has none.
            Glibc.close(held.removeLast())
            let second = try RawClient(port: server.port)
            try await second.send("y")
            try await first.send("z")
            #expect(try await first.read(1) == Array("z".utf8))
            for descriptor in held { Glibc.close(descriptor) }
            #expect(try await second.read(1) == Array("y".utf8))
            first.close()
            second.close()
            await server.stop()
        }
    }

    @Test(arguments: ReactorKind.usable)
    func `a slot that is used again has another token`(_ kind: ReactorKind) async throws {
        let loop = EventLoop()
        try await loop.run { loop in
            let reactor = try Reactor(clock: loop.clock, waker: try Waker(), kind: kind)
            let (first, second) = (try Waker(), try Waker())
            let handler = IdleHandler()
            let old = try reactor.add(first.descriptor, handler, for: .input)
            reactor.remove(first.descriptor, token: old)
            let new = try reactor.add(second.descriptor, handler, for: .input)
            #expect(old != new)
            #expect(old & 0xFFFF_FFFF == new & 0xFFFF_FFFF)
            second.wake()
            reactor.poll(timeoutMilliseconds: -1)
            #expect(handler.calls == 1)
            reactor.remove(second.descriptor, token: old)
            reactor.poll(timeoutMilliseconds: -1)
            #expect(handler.calls == 2)
            reactor.remove(second.descriptor, token: new)
            reactor.poll(timeoutMilliseconds: 0)
            #expect(handler.calls == 2)
        }
    }
}

private func openDescriptors() -> Int {
    (0..<1_024).reduce(0) { $0 + (fcntl($1, F_GETFD) >= 0 ? 1 : 0) }
}

private func serveFifty(_ kind: ReactorKind) async throws {
    let server = try await TestServer(reactor: kind, loops: 2)
    let clients = try (0..<50).map { _ in try RawClient(port: server.port) }
    for client in clients {
        try await client.send("x")
        _ = try await client.read(1)
    }
    async let stopped: Void = server.stop()
    for client in clients {
        _ = try await client.readToEnd()
        client.close()
    }
    await stopped
}

private final class IdleHandler: ReactorHandler {
    var calls = 0
    func happened(_ event: PollerEvent) { calls += 1 }
    func timerFired(now: ChatInstant) {}
}
