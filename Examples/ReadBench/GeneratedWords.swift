// SPDX-License-Identifier: MIT

import ChatCore
import Glibc

/// Texts for search, made by the databases: six words, one each in all messages, in a tenth, a hundredth, a thousandth,
/// a 10 000th and a 100 000th of them.
///
/// Words are a letter and a number: `a7` is one of ten that share the messages, `b7` one of a hundred.
enum GeneratedWords {
    /// The text of event `i`, in the SQL of both databases.
    static let text = """
        'all a' || (i * 2654435761 % 4294967291 % 10)
        || ' b' || (i * 2654435761 % 4294967291 / 10 % 100)
        || ' c' || (i * 2654435761 % 4294967291 / 1000 % 1000)
        || ' d' || (i * 40503000017 % 4294967291 % 10000)
        || ' e' || (i * 40503000017 % 4294967291 / 10000 % 100000)
        """

    /// A number as the indexes write it in their keys, to base 36; below 1296.
    private static func key(_ column: String) -> String {
        let digits = "'0123456789abcdefghijklmnopqrstuvwxyz'"
        return """
            (CASE WHEN \(column) >= 36 THEN substr(\(digits), CAST(\(column) / 36 + 1 AS int), 1) ELSE '' END
            || substr(\(digits), CAST(\(column) % 36 + 1 AS int), 1))
            """
    }

    /// Fills the index of the SQLite store.
    static let indexSQLite = """
        INSERT INTO search_index (rowid, words, keys)
        SELECT position, text, 'r' || \(key("room")) || ' u' || \(key("sender"))
        FROM events WHERE kind = 0;
        """

    /// Fills the index of the Postgres store: without what makes it searchable, and that at the end.
    static let indexPostgres = [
        "SET maintenance_work_mem = '1GB'",
        "SELECT set_config('bench.index', pg_get_indexdef('search_by_words'::regclass), false)",
        "DROP INDEX search_by_words",
        """
        INSERT INTO search_index (room, seq, at, words)
        SELECT room, seq, at, array_to_tsvector(string_to_array(
            'R' || \(key("room")) || ' U' || \(key("sender")) || ' ' || convert_from(text, 'UTF8'), ' '))
        FROM events WHERE kind = 0
        """,
        "DO $$ BEGIN EXECUTE current_setting('bench.index'); END $$",
    ]

    /// What is searched: how often it is found in the log, and the question with a number in it.
    ///
    /// A blank at the end: no beginning of a longer word.
    static let questions: [(name: String, text: @Sendable (UInt64) -> String)] = [
        ("1 of 100000", { "e\($0 % 100_000) " }), ("1 of 10000", { "d\($0 % 10_000) " }),
        ("1 of 1000", { "c\($0 % 1_000) " }), ("1 of 10", { "a\($0 % 10) " }),
        ("all", { _ in "all " }), ("1 of 10 and 1 of 100", { "a\($0 % 10) b\($0 % 100) " }),
        ("beginning, 1 of 9000", { "e\(10 + $0 % 90)" }),
    ]
}

/// Searches a log of generated words, in one room, in 20 and in all.
struct SearchMeasurement {
    let log: GeneratedLog
    let searches: Int
    let name: String

    func run(_ store: some ChatStore) async throws {
        try await store.open()
        var random = Random()
        for (question, text) in GeneratedWords.questions {
            for count in Set([1, min(20, log.rooms), log.rooms]).sorted() {
                for order in [SearchRequest.Order.newest, .relevance] {
                    var queries: [SearchQuery] = []
                    for _ in 0..<searches {
                        let first = random.next()
                        let rooms = (0..<UInt64(count)).map { number in
                            RoomID(rawValue: 1 + (first &+ number) % UInt64(log.rooms))
                        }
                        guard let pattern = SearchPattern(text(random.next())) else { continue }
                        var request = SearchRequest(pattern: pattern, limit: 20)
                        request.order = order
                        queries.append(
                            SearchQuery(
                                request, by: GeneratedLog.reader,
                                in: count == log.rooms ? nil : rooms))
                    }
                    let scope = count == log.rooms ? "all" : "\(count)"
                    try await report(store, queries, "\(question), rooms \(scope), \(order)")
                }
            }
        }
        await store.close()
    }

    private func report(
        _ store: some ChatStore, _ queries: [SearchQuery], _ call: String
    ) async throws {
        var samples = Samples()
        var (hits, refused) = (0, 0)
        for query in queries {
            try await samples.measure {
                do throws(StorageError) {
                    hits += try await store.search(query).hits.count
                } catch {
                    // Postgres has a bound on how long a search takes.
                    guard error.code == .unavailable else { throw error }
                    refused += 1
                }
            }
        }
        print(
            "{\"store\":\"\(name)\",\"rooms\":\(log.rooms),\"messages\":\(log.messages),"
                + "\"call\":\"search \(call)\",\(samples.json),\"hits\":\(hits),\"refused\":\(refused)}"
        )
        fflush(nil)
    }
}
