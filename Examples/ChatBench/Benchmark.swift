// SPDX-License-Identifier: MIT

/// One thing to measure.
struct Benchmark: Sendable {
    let name: String
    let what: String
    /// How many operations are done together.
    let turn: Int
    /// Sets up; what it returns does the operation that many times.
    let make: @Sendable () -> (Int) -> Void

    init(
        _ name: String, _ what: String, turn: Int = 1,
        make: @escaping @Sendable () -> (Int) -> Void
    ) {
        self.name = name
        self.what = what
        self.turn = turn
        self.make = make
    }

    /// `operations`, or as many more as fill whole turns.
    func wholeTurns(_ operations: Int) -> Int { (operations + turn - 1) / turn * turn }

    static let all = codec + webSocket + sending + states + engine
}

/// Where results go, so that no work is left out as unused.
final class Sink {
    private(set) var sum = 0

    @inline(never) func take(_ value: Int) { sum &+= value }
}
