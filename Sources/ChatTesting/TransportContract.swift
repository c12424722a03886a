// SPDX-License-Identifier: MIT

public import ChatCore
import ChatStorageMemory

/// A client's end of a transport under test: carries whole messages.
public protocol TestWire: Sendable {
    /// Sends one message.
    func send(_ text: String) async throws
    /// The next message; `nil` once the connection has ended.
    func receive() async throws -> String?
    /// Ends the connection.
    func close()
    /// Why the server has ended it, in words, if it said so and this wire understands it.
    var farewell: String? { get }
}

extension TestWire {
    /// Nothing.
    public var farewell: String? { nil }
}

/// What every transport must do, whatever it puts on the wire. Independent of any test framework: run each of
/// ``checks`` with ``run(_:over:connect:)`` and report what it throws.
public enum TransportContract {
    /// One thing that a transport must do.
    public struct Check: Sendable, CustomStringConvertible {
        /// What, as a sentence.
        public let description: String
        let body: @Sendable (TransportProbe) async throws -> Void

        init(
            _ description: String, _ body: @escaping @Sendable (TransportProbe) async throws -> Void
        ) {
            self.description = description
            self.body = body
        }
    }

    /// What was expected and did not happen.
    public struct Violation: Error, CustomStringConvertible {
        /// The expectation.
        public let description: String
    }

    /// Runs one check with an engine and a store of its own.
    ///
    /// - Parameters:
    ///   - transport: the transport, bound to port 0.
    ///   - reactor: how the engine's event loops talk to the kernel.
    ///   - connect: opens a client's connection to a port.
    /// - Throws: ``Violation``, or what the connection threw.
    public static func run(
        _ check: Check, over transport: any Transport, reactor: ReactorKind = .epoll,
        connect: @escaping @Sendable (Int) async throws -> any TestWire
    ) async throws {
        var configuration = ChatConfiguration()
        configuration.shards = 2
        configuration.reactor = reactor
        configuration.rates = .off
        configuration.presence.presenceGraceMilliseconds = 0
        // However slow the machine is, nobody is let go for that.
        configuration.heartbeat.helloTimeoutMilliseconds = 600_000
        configuration.heartbeat.intervalMilliseconds = 600_000
        configuration.heartbeat.timeoutMilliseconds = 1_200_000
        let engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
        try await engine.serve(transport)
        let probe = TransportProbe(engine: engine) { try await connect(engine.ports[0]) }
        do {
            try await check.body(probe)
        } catch {
            await engine.shutdown(deadlineMilliseconds: 1_000)
            throw error
        }
        await engine.shutdown(deadlineMilliseconds: 1_000)
    }

    /// Texts that a careless transport would change, cut or take for something else.
    static let texts = [
        "[x]", "{\"type\":\"logout\"}", "a:b]c", "line\nbreak\r\n", "\u{0}NUL\u{0}", "🙂👩‍👩‍👧‍👦",
        "\u{FEFF}mark", "\u{2028}separator", "\\u0041", " ", String(repeating: "é", count: 4_000),
    ]

    /// All checks.
    public static let checks: [Check] = [
        Check("commands sent at once are answered in order") { probe in
            let wire = try await probe.connect()
            try await wire.send(TransportProbe.hello("ana"))
            for number in 2..<40 { try await wire.send(#"{"type":"whoami","id":\#(number)}"#) }
            for number in 1..<40 {
                let answer = try await probe.next(wire) { $0["id"] != .null }
                try probe.expect(answer["id"].integer == number, "answer \(number) in its place")
            }
        },
        Check("texts arrive as they were sent, and never run as commands") { probe in
            let (ana, bo) = (try await probe.guest("ana"), try await probe.guest("bo"))
            for (number, text) in texts.enumerated() {
                let command: JSONValue = [
                    "type": "send", "id": .integer(Int64(number + 10)), "room": "general",
                    "text": .string(text),
                ]
                try await ana.send(command.description)
                let event = try await probe.next(bo) { $0["type"] == "message" }
                try probe.expect(event["text"].string == text, "text \(number) unchanged")
            }
        },
        Check("the answer comes before the event that it caused") { probe in
            let ana = try await probe.guest("ana")
            for number in 2..<30 {
                try await ana.send(
                    #"{"type":"send","id":\#(number),"room":"general","text":"\#(number)"}"#)
            }
            for number in 2..<30 {
                let answer = try await probe.next(ana) { $0["id"].integer == number }
                try probe.expect(answer["type"] == "ok", "\(number) is stored")
            }
        },
        Check("what is no message is answered, and the connection goes on") { probe in
            let ana = try await probe.guest("ana")
            try await ana.send("no json")
            let error = try await probe.next(ana) { $0["type"] == "error" }
            try probe.expect(error["code"] == "bad_json", "a typed error")
            try await ana.send(#"{"type":"ping","id":9}"#)
            _ = try await probe.next(ana) { $0["id"].integer == 9 }
        },
        Check("a message over the limit ends the connection, and nobody else's") { probe in
            let (ana, bo) = (try await probe.guest("ana"), try await probe.guest("bo"))
            let long = String(repeating: "x", count: probe.engine.configuration.limits.frameBytes)
            try await ana.send(#"{"type":"ping","x":"\#(long)"}"#)
            try await probe.end(of: ana)
            try await bo.send(#"{"type":"ping","id":9}"#)
            _ = try await probe.next(bo) { $0["id"].integer == 9 }
        },
        Check("a peer that goes away is offline") { probe in
            let (ana, bo) = (try await probe.guest("ana"), try await probe.guest("bo"))
            ana.close()
            let event = try await probe.next(bo) {
                $0["type"] == "presence" && $0["status"] == "offline"
            }
            try probe.expect(event["user"]["name"] == "ana", "ana is offline")
        },
        Check("who comes back gets what they missed, once and in order") { probe in
            let (ana, bo) = (try await probe.guest("ana"), try await probe.guest("bo"))
            try await ana.send(#"{"type":"send","id":2,"room":"general","text":"0"}"#)
            let first = try await probe.next(bo) { $0["type"] == "message" }
            bo.close()
            for number in 1..<400 {
                try await ana.send(
                    #"{"type":"send","id":3,"room":"general","text":"\#(number)"}"#)
                _ = try await probe.next(ana) { $0["type"] == "message" }
            }
            let again = try await probe.connect()
            let position = first["seq"].integer ?? 0
            try await again.send(
                #"{"type":"hello","id":1,"name":"bo","resume":{"general":\#(position)}}"#)
            for number in 1..<400 {
                let event = try await probe.next(again) { $0["type"] == "message" }
                try probe.expect(event["text"].string == "\(number)", "\(number) in its place")
            }
        },
        Check("an engine that stops tells its clients and ends their connections") { probe in
            let ana = try await probe.guest("ana")
            await probe.engine.shutdown(deadlineMilliseconds: 1_000)
            try await probe.end(of: ana)
        },
    ]
}

/// What a check works with.
struct TransportProbe: Sendable {
    let engine: ChatEngine
    let connect: @Sendable () async throws -> any TestWire

    static func hello(_ name: String) -> String { #"{"type":"hello","id":1,"name":"\#(name)"}"# }

    /// A connection on which a guest has signed in.
    func guest(_ name: String) async throws -> any TestWire {
        let wire = try await connect()
        try await wire.send(Self.hello(name))
        let answer = try await next(wire) { $0["id"].integer == 1 }
        try expect(answer["type"] == "ok", "\(name) signs in")
        return wire
    }

    /// The next message that `isWanted`.
    func next(
        _ wire: any TestWire, _ isWanted: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        var last = "nothing"
        do {
            while let text = try await wire.receive() {
                guard let message = JSONValue(parsing: text) else {
                    throw TransportContract.Violation(description: "not JSON: \(text)")
                }
                if isWanted(message) { return message }
                last = text
            }
        } catch let violation as TransportContract.Violation {
            throw violation
        } catch {
            throw TransportContract.Violation(description: "\(error), after \(last)")
        }
        let reason = wire.farewell ?? "without a word"
        throw TransportContract.Violation(
            description: "the connection ended too early (\(reason)), after \(last)")
    }

    /// Waits for the end of the connection.
    func end(of wire: any TestWire) async throws {
        while try await wire.receive() != nil {}
    }

    func expect(_ condition: Bool, _ expectation: String) throws {
        if !condition { throw TransportContract.Violation(description: expectation) }
    }
}
