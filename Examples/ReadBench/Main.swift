// SPDX-License-Identifier: MIT

import ChatCore
import ChatStoragePostgres
import ChatStorageSQLite
import Glibc

private let usage = """
    usage: read-bench compare --data DIR --sqlite FILE --postgres CONNINFO
           read-bench fill|measure --sqlite FILE --postgres CONNINFO [--rooms N] [--messages N] [--pages N]
           read-bench fill-search|measure-search --sqlite FILE --postgres CONNINFO [--rooms N] [--messages N] [--searches N]

    compare: takes a folder of IRC logs (files YYYY-MM-DD….txt with lines `[HH:MM] <nick> text`) into both stores, each
    file a room, and compares all pages of history and 50 searches byte by byte.
    fill: fills both with so many rooms (1) of so many messages (50000). measure, with the same numbers: reads pages of 50
    at random places and times, and of several rooms the list for a user who has read none; says what came from the disk.
    fill-search, measure-search: the same with texts of words; searches rare and frequent ones (20 times each), in one room,
    in 20 and in all, by time and by rank.
    compare and both fills want no file and an empty database. They print lines of JSON; times are in microseconds.

    """

/// How fast the stores are read, and whether they answer alike.
@main struct Main {
    static func main() async {
        var options: [String: String] = [:]
        var arguments = CommandLine.arguments.dropFirst()
        let mode = arguments.popFirst() ?? ""
        while let argument = arguments.popFirst() {
            guard argument.hasPrefix("--"), let value = arguments.popFirst() else {
                fail("unknown argument: \(argument)")
            }
            options[String(argument.dropFirst(2))] = value
        }
        guard let file = options["sqlite"], let conninfo = options["postgres"] else {
            fail("both stores are needed")
        }
        do {
            switch mode {
            case "compare":
                guard let data = options["data"] else { fail("a folder of logs is needed") }
                try await Conversation(data).compare(file: file, conninfo: conninfo)
            case "fill", "measure", "fill-search", "measure-search":
                func number(_ name: String, _ usual: Int) -> Int {
                    options[name].flatMap { Int($0) } ?? usual
                }
                let log = GeneratedLog(
                    rooms: number("rooms", 1), messages: number("messages", 50_000),
                    hasWords: mode.hasSuffix("-search"))
                if mode.hasPrefix("fill") {
                    try await log.makeRooms(SQLiteStore(path: file))
                    try log.fillSQLite(file: file)
                    try await log.makeRooms(PostgresStore(conninfo))
                    try log.fillPostgres(conninfo: conninfo)
                } else if log.hasWords {
                    let searches = number("searches", 20)
                    try await SearchMeasurement(log: log, searches: searches, name: "sqlite").run(
                        SQLiteStore(path: file))
                    try await SearchMeasurement(log: log, searches: searches, name: "postgres").run(
                        PostgresStore(conninfo))
                } else {
                    let pages = number("pages", 2_000)
                    try await Measurement(log: log, pages: pages, name: "sqlite").run(
                        SQLiteStore(path: file))
                    try await Measurement(log: log, pages: pages, name: "postgres").run(
                        PostgresStore(conninfo))
                }
            default: fail("compare, fill or measure")
            }
        } catch {
            let message = "read-bench: \(error)\n"
            write(2, message, message.utf8.count)
            exit(1)
        }
    }

    private static func fail(_ text: String) -> Never {
        let message = "read-bench: \(text)\n\(usage)"
        write(2, message, message.utf8.count)
        exit(2)
    }
}
