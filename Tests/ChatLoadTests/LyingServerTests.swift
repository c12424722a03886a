// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

/// Whole runs against a server that does one thing wrong: the check says what.
@Suite(.timeLimit(.minutes(15)))
struct LyingServerTests {
    private func run(_ lie: LyingServer.Lie, _ words: String = "") async throws -> LoadReport {
        let server = try LyingServer(lie, clients: 3)
        defer { server.stop() }
        let arguments =
            "fanout --tcp --port \(server.port) --conns 3 --senders 1 --window 8 --warmup 0.1 "
            + "--duration 0.1 --drain 3 " + words
        let plan = try #require(
            try LoadPlan.parse(arguments.split(separator: " ").map(String.init)))
        return try await withCheckedContinuation { continuation in
            LyingServer.inBackground {
                continuation.resume(returning: Result { try LoadRun(plan: plan).run() })
            }
        }.get()
    }

    @Test func `a server that does everything right is well`() async throws {
        let report = try await run(.none)
        #expect(report.faults == [])
        #expect(report.delivered == report.expected)
        #expect(report.result.sent >= 8)
        #expect(report.result.latency.count > 0)
    }

    @Test func `a lost delivery is found`() async throws {
        let report = try await run(.dropsOne)
        #expect(report.numberFaults.missing == 1)
        #expect(report.unaccounted.missing == 1)
        #expect(report.numberFaults.duplicates == 0 && report.numberFaults.reordered == 0)
        #expect(report.numberFaults.first == "connection 2: 3...3 is missing before 4")
        #expect(!report.faults.isEmpty)
    }

    @Test func `a second delivery of the same is found`() async throws {
        let report = try await run(.sendsOneTwice)
        #expect(report.numberFaults.duplicates == 1)
        #expect(report.unaccounted.surplus == 1)
        #expect(report.numberFaults.missing == 0 && report.numberFaults.reordered == 0)
    }

    @Test func `two deliveries in the wrong order are found`() async throws {
        let report = try await run(.swapsTwo)
        #expect(report.numberFaults.reordered == 1)
        #expect(report.numberFaults.missing == 0 && report.numberFaults.duplicates == 0)
        #expect(report.unaccounted == (0, 0))
        #expect(!report.faults.isEmpty)
    }

    @Test func `a message without an answer is found`() async throws {
        #expect(try await run(.leavesOneUnanswered).faults == ["1 messages were not answered"])
    }

    @Test func `a refused message is found`() async throws {
        let report = try await run(.refusesOne)
        #expect(report.result.refused > 0)
        #expect(!report.faults.isEmpty)
    }

    @Test func `a connection that is closed is found`() async throws {
        let report = try await run(.closesOne)
        #expect(report.closed == 1)
        #expect(report.unaccounted.missing > 0)
    }

    @Test func `a slow member whom the server closes is told of, and is no fault`() async throws {
        let report = try await run(.closesOne, "--slow 1")
        #expect(report.result.slowClosed == 1)
        #expect(report.faults == [])
        #expect(report.delivered == report.expected)
    }

    @Test func `a slow member whom the server keeps counts neither as closed nor as served`()
        async throws
    {
        let report = try await run(.none, "--slow 1")
        #expect(report.result.slowClosed == 0)
        #expect(report.faults == [])
        #expect(report.delivered == report.expected)
        #expect(report.expected == report.result.sent * 2)
    }

    @Test func `without the check the deliveries are still counted`() async throws {
        let report = try await run(.dropsOne, "--no-verify")
        #expect(report.numberFaults.isEmpty || report.numberFaults.missing == 1)
        #expect(report.unaccounted.missing == 1)
    }
}
