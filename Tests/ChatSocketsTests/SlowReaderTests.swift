// SPDX-License-Identifier: MIT

import ChatSockets
import ChatTesting
import Testing

@testable import ChatCore

@Suite(.timeLimit(.minutes(15)))
struct SlowReaderTests {
    /// Far more than the kernel buffers for a connection.
    private static let large = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) }

    private static func limits(queuedBytes: Int) -> Limits {
        var limits = Limits()
        limits.queuedBytes = queuedBytes
        return limits
    }

    @Test(arguments: ReactorKind.usable)
    func `a slow reader gets everything and is then reported as caught up`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 32 << 20),
            greet: { $0.send(Self.large.span) })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        #expect(try await client.read(Self.large.count) == Self.large)
        await server.until(.caughtUp([]))
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer over the bound of the queue is cut off without being waited for`(
        _ kind: ReactorKind
    )
        async throws
    {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 65_536),
            greet: { connection in
                let buffer = SharedBuffer()
                buffer.bytes = Self.large
                connection.deliver(
                    SharedSlice(buffer: buffer, start: 0, end: Self.large.count), lane: .log)
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        await server.until(.ended)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a peer over the bound that still reads gets whole lines and then the reason`(
        _ kind: ReactorKind
    )
        async throws
    {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 1 << 20),
            greet: { connection in
                for number in 0..<200 {
                    let buffer = SharedBuffer()
                    buffer.bytes.append(contentsOf: "\(number) ".utf8)
                    buffer.bytes.append(contentsOf: [UInt8](repeating: 0x78, count: 100_000))
                    buffer.bytes.append(0x0A)
                    let slice = SharedSlice(buffer: buffer, start: 0, end: buffer.bytes.count)
                    connection.deliver(slice, lane: .log)
                }
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        let lines = try await client.readToEnd().split(separator: 0x0A)
        let numbers = lines.dropLast().map {
            String(decoding: $0.prefix { $0 != 0x20 }, as: UTF8.self)
        }
        #expect(numbers == (0..<numbers.count).map(String.init))
        #expect(lines.dropLast().allSatisfy { $0.count > 100_000 })
        #expect(numbers.count < 200)
        #expect(lines.last.map { String(decoding: $0, as: UTF8.self) } == "bye 4001")
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `an answer over the bound is written, and nothing is taken meanwhile`(
        _ kind: ReactorKind
    ) async throws {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 65_536),
            receive: { bytes, connection in
                // As a session does: one command at a time, the next after the answer.
                if bytes.isEmpty { return 0 }
                connection.send(Self.large.span)
                connection.pauseReading()
                connection.resumeReading()
                return 1
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        try await client.send("xyz")
        for _ in 0..<2 { #expect(try await client.read(Self.large.count) == Self.large) }
        await server.onConnections { #expect($0.pendingBytes <= Self.large.count) }
        #expect(try await client.read(Self.large.count) == Self.large)
        client.close()
        await server.until(.ended)
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `answers come first, then slices in order, however many`(_ kind: ReactorKind) async throws
    {
        let server = try await TestServer(reactor: kind)
        let client = try RawClient(port: server.port)
        try await client.send("x")
        _ = try await client.read(1)
        var expected = "answer\n"
        for number in 0..<200 { expected += "event \(number)\n" }
        await server.onConnections { connection in
            let buffer = SharedBuffer()
            for number in 0..<200 {
                let start = buffer.bytes.count
                buffer.bytes.append(contentsOf: "event \(number)\n".utf8)
                connection.deliver(
                    SharedSlice(buffer: buffer, start: start, end: buffer.bytes.count), lane: .log)
            }
            connection.sendFramed { $0.append(contentsOf: "answer\n".utf8) }
        }
        let received = try await client.read(expected.utf8.count)
        #expect(String(decoding: received, as: UTF8.self) == expected)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `live slices are shed behind a backlog and their rooms are named once`(
        _ kind: ReactorKind
    )
        async throws
    {
        let room = RoomID(rawValue: 5)
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 32 << 20),
            greet: { connection in
                connection.send(Self.large.span)
                let buffer = SharedBuffer()
                buffer.bytes = [1, 2, 3, 4]
                let slice = SharedSlice(buffer: buffer, start: 0, end: 4)
                connection.deliver(slice, lane: .live(room))
                connection.deliver(slice, lane: .log)
                connection.deliver(slice, lane: .live(room))
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        let received = try await client.read(Self.large.count + 4)
        #expect(received.suffix(4) == [1, 2, 3, 4])
        await server.until(.caughtUp([room]))
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a slice that was cut in the middle is written to its end, even if it is live`(
        _ kind: ReactorKind
    )
        async throws
    {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 32 << 20),
            greet: { connection in
                let buffer = SharedBuffer()
                buffer.bytes = Self.large
                connection.deliver(
                    SharedSlice(buffer: buffer, start: 0, end: Self.large.count),
                    lane: .live(RoomID(rawValue: 5)))
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        #expect(try await client.read(Self.large.count) == Self.large)
        client.close()
        await server.stop()
    }

    @Test(arguments: ReactorKind.usable)
    func `a closing connection ends by its deadline if the peer does not read`(
        _ kind: ReactorKind
    )
        async throws
    {
        let server = try await TestServer(
            reactor: kind, limits: Self.limits(queuedBytes: 32 << 20), closeMilliseconds: 50,
            greet: { connection in
                connection.send(Self.large.span)
                connection.close(.shutdown)
            })
        let client = try RawClient(port: server.port, receiveBufferBytes: 4_096)
        await server.until(.ended)
        client.close()
        await server.stop()
    }
}
