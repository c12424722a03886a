// SPDX-License-Identifier: MIT

import Glibc

/// What is run.
struct Options {
    var benchmarks: [Benchmark] = []
    var iterations: Int?
    var milliseconds: Int64 = 200
    var marks: Int?
    var isJSON = false
    var lists = false

    static let help = """
        chat-bench: what the codec and the rules cost, without sockets and disk.

        chat-bench [NAME…]     CPU time per operation of these benchmarks, or of all

          --list               the benchmarks
          --iterations N       run each so often, once (default: as often as fills the time below)
          --milliseconds N     CPU time of a measurement (200)
          --json               one JSON object per benchmark in an array
          --marks N            for callgrind: N operations and 2 N, between calls of instrumentmark; no figures
                               (scripts/cost-check.sh)
        """

    init(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h":
                print(Self.help)
                exit(0)
            case "--list": lists = true
            case "--json": isJSON = true
            case "--iterations": iterations = Self.number(argument, rest.popFirst())
            case "--milliseconds": milliseconds = Int64(Self.number(argument, rest.popFirst()))
            case "--marks": marks = Self.number(argument, rest.popFirst())
            default:
                guard let benchmark = Benchmark.all.first(where: { $0.name == argument }) else {
                    Main.fail("there is no benchmark or option \(argument): see --list and --help")
                }
                benchmarks.append(benchmark)
            }
        }
        if benchmarks.isEmpty { benchmarks = Benchmark.all }
    }

    private static func number(_ flag: String, _ text: String?) -> Int {
        guard let number = text.flatMap({ Int($0) }), number > 0 else {
            Main.fail("\(flag) needs a number above 0")
        }
        return number
    }
}
