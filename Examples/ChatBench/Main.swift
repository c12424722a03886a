// SPDX-License-Identifier: MIT

import Glibc

/// Micro-benchmarks of the codec and the machines.
@main struct Main {
    static func main() {
        let options = Options(CommandLine.arguments.dropFirst())
        if options.lists {
            for benchmark in Benchmark.all {
                print("\(Table.padded(benchmark.name))\(benchmark.what)")
            }
            return
        }
        var results: [Result] = []
        for benchmark in options.benchmarks {
            let run = benchmark.make()
            if let marks = options.marks {
                // Two lengths between marks: their difference is free of set-up and of the marks' own cost.
                let iterations = benchmark.wholeTurns(marks)
                run(iterations)
                Marks.set()
                run(iterations)
                Marks.set()
                run(2 * iterations)
                Marks.set()
                print("\(benchmark.name) \(iterations)")
            } else {
                results.append(measure(benchmark, run, options))
            }
        }
        if options.marks != nil { return }
        if options.isJSON {
            print(Table.json(results))
        } else {
            print(Table.text(results), terminator: "")
        }
    }

    private static func measure(
        _ benchmark: Benchmark, _ run: (Int) -> Void, _ options: Options
    ) -> Result {
        var iterations = benchmark.wholeTurns(options.iterations ?? 1_000)
        run(min(iterations, 1_000))
        while true {
            let start = processorNanoseconds()
            run(iterations)
            let spent = processorNanoseconds() - start
            if options.iterations != nil || spent >= options.milliseconds * 1_000_000 {
                return Result(
                    benchmark: benchmark, iterations: iterations,
                    nanoseconds: Double(spent) / Double(iterations))
            }
            iterations *= 2
        }
    }

    /// CPU time of this process: what runs beside it does not count.
    private static func processorNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func fail(_ text: String) -> Never {
        print("chat-bench: \(text)")
        exit(2)
    }
}

/// What one benchmark has shown.
struct Result {
    var benchmark: Benchmark
    var iterations: Int
    var nanoseconds: Double
}

/// Calls that an instrument such as callgrind recognises by name (`--dump-before='*instrumentmark*'`). The name
/// is one word, because the mangling of names abbreviates words that come twice.
enum Marks {
    nonisolated(unsafe) private static var count = 0

    static func set() { instrumentmark() }

    @inline(never) private static func instrumentmark() { count &+= 1 }
}
