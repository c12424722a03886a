// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTesting
import Testing

/// What limits tell of themselves, and whom they take for one.
@Suite struct LimitReportTests {
    private final class Watcher: ChatObserver {
        let seen = Lock<[String]>([])

        func limited(_ bucket: String, isRefused: Bool) {
            seen.withLock { $0.append("\(bucket) \(isRefused)") }
        }
    }

    @Test(arguments: [true, false])
    func `refusals are counted per bucket and told, in a dry run without refusing`(
        isDryRun: Bool
    ) async throws {
        let watcher = Watcher()
        let world = try await LoopbackWorld(shards: 2) {
            $0.rates[.user, .message] = BucketSize(capacity: 1, tokensPerMinute: 1)
            $0.rates[.connection, .other] = BucketSize(capacity: 1, tokensPerMinute: 1)
            $0.rates.isDryRun = isDryRun
            $0.observer = watcher
        }
        let ana = world.guest("ana")
        #expect(world.engine.limitCounts.isEmpty)
        let answers = (0..<3).map { ana.say("\($0)").type }
        #expect(answers == (isDryRun ? ["ok", "ok", "ok"] : ["ok", "error", "error"]))
        for _ in 0..<2 { ana.ask("presence.set", ["status": "busy"]) }
        let counts = world.engine.limitCounts
        #expect(counts.map(\.bucket) == ["connection.other", "user.message"])
        #expect(counts.map(\.refused) == (isDryRun ? [0, 0] : [1, 2]))
        #expect(counts.map(\.tolerated) == (isDryRun ? [1, 2] : [0, 0]))
        let told = ["user.message", "user.message", "connection.other"].map { "\($0) \(!isDryRun)" }
        #expect(watcher.seen.withLock { $0 } == told)
    }

    @Test
    func `making accounts has a budget of its own, for each address and each IPv6 subscriber`()
        async throws
    {
        let world = try await LoopbackWorld {
            $0.rates[.address, .registration] = BucketSize(capacity: 2, tokensPerMinute: 1)
        }
        func register(_ address: String) -> JSONValue {
            world.connect(LoopbackClient.Options(address: address))
                .ask("register", ["username": "ana", "password": "long enough"])
        }
        for addresses in [
            ["192.0.2.1", "192.0.2.1", "192.0.2.1"],
            ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::3"],
        ] {
            #expect(register(addresses[0]).code == "no_accounts")
            #expect(register(addresses[1]).code == "no_accounts")
            let refusal = register(addresses[2])
            #expect(refusal.code == "rate_limited")
            #expect(refusal["bucket"] == "address.register")
            // Signing in goes on.
            let client = world.connect(LoopbackClient.Options(address: addresses[2]))
            #expect(client.ask("hello", ["name": .string(addresses[2])]).type == "ok")
        }
        #expect(register("192.0.2.2").code == "no_accounts")
        #expect(register("2001:db8:1:3::1").code == "no_accounts")
    }

    @Test func `addresses of one IPv6 subscriber share their budget and their connections`()
        async throws
    {
        let world = try await LoopbackWorld {
            $0.rates[.address, .signIn] = BucketSize(capacity: 1, tokensPerMinute: 1)
            $0.limits.connectionsPerAddress = 2
        }
        func client(_ address: String) -> LoopbackClient {
            world.connect(LoopbackClient.Options(address: address))
        }
        let first = client("2001:db8:1:2::1")
        #expect(first.ask("hello", ["name": "a"]).type == "ok")
        let second = client("2001:db8:1:2:ffff::9")
        #expect(second.ask("hello", ["name": "b"])["bucket"] == "address.sign_in")
        #expect(client("2001:db8:1:2::3").closeCode == .tooManyFromAddress)
        #expect(client("2001:db8:1:3::1").ask("hello", ["name": "c"]).type == "ok")
        second.cut()
        #expect(client("2001:db8:1:2::3").isConnected)
    }

    @Test
    func `by default a user sends a hundred messages and asks a hundred other things a minute`()
        async throws
    {
        let world = try await LoopbackWorld { $0.rates = .standard }
        let ana = world.guest("ana")
        for number in 0..<100 {
            #expect(ana.say("\(number)").type == "ok")
            #expect(ana.ask("presence.set", ["status": "online"]).type == "ok")
        }
        #expect(ana.say("100")["bucket"] == "user.message")
        let refusal = ana.ask("presence.set", ["status": "online"])
        #expect(refusal["bucket"] == "user.other")
        #expect(refusal["retry_after_ms"] == 600)
        #expect(ana.ask("ping").type == "ok")
        world.advance(milliseconds: 60_000)
        for number in 0..<100 { #expect(ana.say("again \(number)").type == "ok") }
    }
}
