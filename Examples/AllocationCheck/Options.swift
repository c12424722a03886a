// SPDX-License-Identifier: MIT

import Glibc

/// What is measured, and the bounds.
struct Options {
    /// Sizes of the two rooms that are compared.
    var few = 100
    var many = 1_000
    /// Rounds of messages per measurement.
    var messages = 100
    /// How many messages are on their way at once, in the second measurement.
    var window = 20
    var perDelivery = 0.001
    /// Bounds per message: one in flight, and `window`.
    var perMessageAlone = Double.infinity
    var perMessage = Double.infinity
    var showsSites = false

    static let help = """
        allocation-check: counts what the engine allocates per message and per delivery.

        Real engine, memory store, WebSocket and TCP over loopback sockets, one room. Compares a room of 100
        with one of 1 000: what the larger one costs more is what deliveries cost. Status 1 if over a bound.

          --rounds N              rounds of messages per measurement (100)
          --window N              messages in flight in the second measurement (20)
          --per-delivery X        at most so many allocations per delivery (0.001)
          --per-message-alone X   at most so many per message, one in flight (no bound)
          --per-message X         at most so many per message, window in flight (no bound)
          --sites                 say from where; pipe it through `swift demangle --simplified`
        """

    init(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let flag = rest.popFirst() {
            switch flag {
            case "--help", "-h":
                print(Self.help)
                exit(0)
            case "--sites": showsSites = true
            case "--rounds": messages = Self.number(flag, rest.popFirst())
            case "--window": window = Self.number(flag, rest.popFirst())
            case "--per-delivery": perDelivery = Self.number(flag, rest.popFirst())
            case "--per-message-alone": perMessageAlone = Self.number(flag, rest.popFirst())
            case "--per-message": perMessage = Self.number(flag, rest.popFirst())
            default: Main.fail("there is no \(flag): see --help")
            }
        }
    }

    private static func number<Value: LosslessStringConvertible & Comparable & Numeric>(
        _ flag: String, _ text: String?
    ) -> Value {
        guard let value = text.flatMap(Value.init), value > 0 else {
            Main.fail("\(flag) needs a number above 0")
        }
        return value
    }
}
