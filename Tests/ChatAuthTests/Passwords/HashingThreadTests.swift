// SPDX-License-Identifier: MIT

import ChatPlatform
import ChatTesting
import Dispatch
import Testing

@testable import ChatAuth

@Suite(.timeLimit(.minutes(5))) struct `Threads that hash passwords` {
    @Test func `A4: hashing blocks no event loop, however long it takes`() async throws {
        let world = try await InBandWorld { $0.hashingThreads = 1 }
        _ = await world.registered("ana")
        let other = world.client(shard: 0)
        await world.ask(other, "hello", ["name": "bo"])
        let (begun, isOver) = (Latch(), DispatchSemaphore(value: 0))
        let hasher = world.accounts.service.hasher
        // A hash that takes until it is told to end, on the only thread.
        let long = Task {
            try await hasher.run {
                begun.open()
                isOver.wait()
            }
        }
        await begun.wait()
        let waiting = world.client(shard: 0)
        let login = waiting.post(
            "login", ["login": "ana", "password": .string(AccountWorld.password)])
        while hasher.pendingCount < 2 {
            world.world.settle()
            await Task.yield()
        }
        #expect(other.ask("ping").type == "ok")
        #expect(waiting.answer(to: login) == .null)
        isOver.signal()
        try await long.value
        await world.world.settleCalls()
        #expect(waiting.answer(to: login).type == "ok")
    }

    @Test func `give way to event loops, and are half as many as processors`() async throws {
        let hasher = try PasswordHasher(parameters: .weakest, threads: 1, maximumWaiting: 1)
        let niceness = try await hasher.run { SystemSource.niceness() }
        #if os(Linux)
            #expect(niceness >= 10)
        #endif
        #expect(AccountOptions().hashingThreads == max(1, SystemSource.processorCount / 2))
    }
}
