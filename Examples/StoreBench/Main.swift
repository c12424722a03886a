// SPDX-License-Identifier: MIT

import ChatCore
import Glibc

private let usage = """
    usage: store-bench --directory DIR | --postgres CONNINFO
                       [--seconds S] [--turns N] [--batches 1,10,100,1000] [--client-ids]

    Appends messages of 128 bytes in 100 rooms, in transactions of one batch after the other: through the store with
    all its rules, by one appender and by two at once (as two shards do), and with a bare loop over one prepared
    statement, into a table in which places are unique, each after 150000 messages. SQLite with synchronous=FULL, in
    DIR; there also a bare loop without the index. Postgres as the server is set up, the bare loop in pipeline mode.
    The loops take N turns (5 unless told) of S/N seconds each; between them a store indexes what it has not yet.
    Prints one line of JSON per size of batch: messages per second, and this process's CPU time per transaction in
    microseconds.

    """

/// How fast the store appends, beside the least that SQLite itself needs for it.
@main struct Main {
    static func main() async {
        var engine: Comparison.Engine?
        var seconds = 1.0
        var turns = 5
        var batches = [1, 10, 100, 1_000]
        var hasClientIDs = false
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--directory":
                engine = arguments.popFirst().map { .sqlite(directory: $0) }
            case "--postgres": engine = arguments.popFirst().map { .postgres(conninfo: $0) }
            case "--seconds": seconds = arguments.popFirst().flatMap(Double.init) ?? 0
            case "--turns": turns = arguments.popFirst().flatMap { Int($0) } ?? 0
            case "--batches":
                batches = (arguments.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 }
            case "--client-ids": hasClientIDs = true
            case "--help":
                print(usage, terminator: "")
                return
            default: fail("unknown argument: \(argument)")
            }
        }
        guard let engine, seconds > 0, turns > 0, !batches.isEmpty, batches.allSatisfy({ $0 > 0 })
        else {
            fail("a database, a duration, turns and sizes of batches are needed")
        }
        do {
            let comparison = try await Comparison(engine, hasClientIDs: hasClientIDs)
            for batch in batches {
                print(try await comparison.run(batch: batch, seconds: seconds, turns: turns))
            }
            await comparison.close()
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ text: String) -> Never {
        let message = "store-bench: \(text)\n\(usage)"
        write(2, message, message.utf8.count)
        exit(2)
    }
}
