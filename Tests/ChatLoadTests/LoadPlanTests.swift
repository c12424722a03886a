// SPDX-License-Identifier: MIT

import Testing

@testable import ChatLoad

struct LoadPlanTests {
    private func plan(_ words: String) throws -> LoadPlan {
        try #require(try LoadPlan.parse(words.split(separator: " ").map(String.init)))
    }

    @Test func `a command line says what is measured`() throws {
        let plan = try plan(
            "rooms --port 9 --rooms 20 --members 5 --senders 2 --window=3 --pid 4,5 --json --client-ids"
        )
        #expect(plan.mode == .rooms)
        #expect(plan.connectionCount == 100)
        #expect(plan.senderCount == 40)
        #expect(plan.window == 3)
        #expect(plan.processes == [4, 5])
        #expect(plan.isJSON && plan.sendsClientIDs && plan.isVerifying)
        #expect(plan.framing == .webSocket)
    }

    @Test func `only our own protocol is verified unless it is asked for`() throws {
        #expect(try !plan("fanout --port 9 --raw").isVerifying)
        #expect(try plan("fanout --port 9 --raw --verify").isVerifying)
        #expect(try !plan("fanout --port 9 --no-verify").isVerifying)
    }

    @Test(arguments: [
        "", "walk --port 9", "fanout", "fanout --port 9 --nonsense", "fanout --port 9 --conns",
        "fanout --port 9 --conns 0", "fanout --port 9 --conns many", "fanout --port 9 --json=1",
        "fanout --port 9 --conns 5 --senders 6", "fanout --port 9 --size 39", "fanout --port 70000",
        "fanout --port 9 --protocol smtp", "rooms --port 9 --slow 1", "fanout --port 9 --rate -1",
        "fanout --port 9 --protocol irc --conns 5 --senders 3", "fanout --port 9 --raw --tcp",
        "fanout --port 9 --conns 10 --slow 9", "fanout --port 9 --pid x",
    ])
    func `a command line that makes no sense is refused with a reason`(_ words: String) {
        #expect(throws: UsageProblem.self) {
            try LoadPlan.parse(words.split(separator: " ").map(String.init))
        }
    }

    @Test func `the help has every option once`() throws {
        #expect(try LoadPlan.parse(["fanout", "--help"]) == nil)
        let names = LoadOption.all.map(\.name)
        #expect(Set(names).count == names.count)
        let lines = LoadPlan.help.split(separator: "\n")
        for name in names {
            let said = lines.count { $0.hasPrefix("  --\(name) ") }
            #expect(said == 1, "--\(name)")
        }
    }

    @Test(arguments: [Dialect.chat, .irc])
    func `senders are spread over their room, and each is known as one`(_ dialect: Dialect) throws {
        for members in 1...24 {
            for senders in 1...members where dialect.echoesToSender || senders * 2 <= members {
                let plan = try plan(
                    "rooms --port 9 --rooms 3 --members \(members) --senders \(senders) --protocol "
                        + dialect.rawValue)
                for room in 0..<3 {
                    let connections = room * members..<(room + 1) * members
                    let ordinals = connections.compactMap { plan.senderOrdinal(of: $0) }
                    #expect(ordinals == Array(0..<senders), "\(senders) of \(members)")
                    guard !dialect.echoesToSender else { continue }
                    // Each has a neighbour in the room who does not send itself.
                    for sender in connections where plan.senderOrdinal(of: sender) != nil {
                        #expect(connections.contains(sender + 1))
                        #expect(plan.senderOrdinal(of: sender + 1) == nil)
                    }
                }
            }
        }
    }

    @Test func `many connections come from several addresses`() throws {
        #expect(try plan("idle --port 9 --conns 15000").sourceCount == 1)
        #expect(try plan("idle --port 9 --conns 19000").sourceCount == 2)
        #expect(try plan("idle --port 9 --conns 19000 --sources 5").sourceCount == 5)
        #expect(try plan("connects --port 9 --conns 100000").sourceCount == 1)
    }
}

struct LoadReportTests {
    @Test func `numbers have the digits that were asked for`() {
        #expect(0.0.fixed(1) == "0.0")
        #expect(1.005.fixed(0) == "1")
        #expect(0.0284.fixed(3) == "0.028")
        #expect((-2.5).fixed(2) == "-2.50")
        #expect(1_234_567.89.fixed(1) == "1234567.9")
        #expect(Double.nan.fixed(1) == "0")
    }

    @Test func `a name cannot break the line of JSON`() {
        var object = JSONObject()
        object.add("name", "a\"b\\c\n")
        #expect(object.text == #"{"name":"a\"b\\c "}"#)
    }

    @Test func `a run with a fault is not well`() throws {
        let plan = try #require(try LoadPlan.parse(["fanout", "--port", "9", "--conns", "2"]))
        var report = LoadReport(plan: plan)
        #expect(report.faults == ["not all connections became ready"])
        report.isReady = true
        report.result.sentByRoom = [1]
        report.result.sent = 1
        report.result.acknowledged = 1
        report.result.received = [
            WorkerResult.Received(room: 0, sent: 1, delivered: 1),
            WorkerResult.Received(room: 0, sent: 0, delivered: 1),
        ]
        #expect(report.faults.isEmpty)
        #expect(report.expected == 2 && report.delivered == 2)
        report.result.acknowledged = 0
        #expect(report.faults == ["1 messages were not answered"])
        report.result.acknowledged = 1
        report.result.received.removeLast()
        report.result.received.append(WorkerResult.Received(room: 0, sent: 0, delivered: 0))
        #expect(report.faults == ["1 deliveries did not arrive"])
        #expect(report.json.contains(#""ok":false"#))
    }
}
