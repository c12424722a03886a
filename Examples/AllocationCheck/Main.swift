// SPDX-License-Identifier: MIT

import CAllocationCounter
import ChatCore
import ChatStorageMemory
import ChatTransportTCP
import ChatTransportWS
import Glibc

/// Counts what a real engine allocates per message and per delivery, and fails if that is over a bound.
@main struct Main {
    @MainActor static func main() async {
        let options = Options(CommandLine.arguments.dropFirst())
        guard allocations_are_counted() else {
            return print(
                "allocation-check: this system's allocations cannot be counted: not checked")
        }
        var isWithin = true
        for window in [1, options.window] {
            let few = await measure(members: options.few, window: window, options)
            let many = await measure(members: options.many, window: window, options)
            isWithin = report(few, many, window: window, options) && isWithin
        }
        if options.showsSites {
            allocations_sites { print("\($0) times\n\($1.map(String.init(cString:)) ?? "")") }
        }
        exit(isWithin ? 0 : 1)
    }

    private struct Figures {
        var allocations: UInt64
        var messages: Int
        var deliveries: Int
    }

    /// Allocations for a number of messages in one room, once everything has its size.
    @MainActor private static func measure(
        members: Int, window: Int, _ options: Options
    ) async -> Figures {
        var configuration = ChatConfiguration()
        configuration.limits = .unlimitedConnections
        configuration.rates = .off
        configuration.countsIntervalMilliseconds = 50
        let crowd: Crowd
        let engine: ChatEngine
        do {
            engine = try await ChatEngine(store: MemoryStore(), configuration: configuration)
            try await engine.serve(WebSocketTransport(port: 0), TCPTransport(port: 0))
        } catch {
            fail("\(error)")
        }
        crowd = Crowd(count: members, ports: engine.ports)
        let messages = options.messages * window
        _ = crowd.exchange(messages: messages, window: window)
        crowd.settle()
        // The crowd runs on this thread, the engine on its own. (Not earlier: after each `await` another
        // thread may be the main one.)
        allocations_exclude_thread()
        let before = allocations_count()
        if options.showsSites, members == options.many { allocations_sample(1) }
        let deliveries = crowd.exchange(messages: messages, window: window)
        allocations_sample(0)
        let after = allocations_count()
        _ = crowd
        await engine.shutdown(deadlineMilliseconds: 100)
        return Figures(allocations: after - before, messages: messages, deliveries: deliveries)
    }

    private static func report(
        _ few: Figures, _ many: Figures, window: Int, _ options: Options
    ) -> Bool {
        let more = Double(many.allocations) - Double(few.allocations)
        let perDelivery = more / Double(many.deliveries - few.deliveries)
        let perMessage = Double(few.allocations) / Double(few.messages)
        let bound = window == 1 ? options.perMessageAlone : options.perMessage
        print(
            "\(window) in flight: \(rounded(perDelivery, 5)) allocations per delivery",
            "(\(many.allocations) for \(many.deliveries) deliveries to \(options.many) members,",
            "\(few.allocations) for \(few.deliveries) to \(options.few)),",
            "\(rounded(perMessage, 2)) per message")
        if perDelivery > options.perDelivery {
            print("too many per delivery: at most \(options.perDelivery); see --sites")
        }
        if perMessage > bound { print("too many per message: at most \(bound); see --sites") }
        return perDelivery <= options.perDelivery && perMessage <= bound
    }

    private static func rounded(_ value: Double, _ digits: Int) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        return (value * scale).rounded() / scale
    }

    static func fail(_ text: String) -> Never {
        print("allocation-check: \(text)")
        exit(2)
    }
}
