// SPDX-License-Identifier: MIT

public import ChatCore

/// Searches made of what a conversation holds, so that they find something in any.
public struct SearchSamples: Sendable {
    /// Some of its messages.
    public struct Sample: Sendable {
        /// Where.
        public var room: RoomID
        /// Who wrote it.
        public var sender: UserID
        /// When.
        public var at: Timestamp
        /// What.
        public var text: String

        /// Makes a sample.
        public init(room: RoomID, sender: UserID, at: Timestamp, text: String) {
            (self.room, self.sender, self.at, self.text) = (room, sender, at, text)
        }
    }

    private let samples: [Sample]
    private let foreign: [Sample]

    /// Takes a conversation.
    public init(_ messages: [Sample]) {
        samples = messages.filter { Array(SearchWords($0.text)).count >= 3 }
        foreign = messages.filter { sample in
            SearchWords(sample.text).contains { !$0.folded.allSatisfy(\.isASCII) }
        }
    }

    /// Fifty searches, the same for the same conversation: words, beginnings of words, phrases,
    /// several words, by author, by time, in one room, by rank, later pages, and in other scripts.
    ///
    /// - Parameter searcher: by whom.
    public func queries(by searcher: UserID) -> [SearchQuery] {
        (0..<50).compactMap { number in
            let isForeign = number % 10 == 9 && !foreign.isEmpty
            let pool = isForeign ? foreign : samples
            guard !pool.isEmpty else { return nil }
            return query(number, pool[(number * 7_919 + 13) % pool.count], isForeign, searcher)
        }
    }

    private func query(
        _ number: Int, _ sample: Sample, _ isForeign: Bool, _ searcher: UserID
    ) -> SearchQuery? {
        let words = SearchWords(sample.text).map(\.folded)
        let middle = words.count / 2
        let text =
            switch number % 10 {
            case 0: words[0] + " "
            case 1: String(words[middle].prefix(3))
            case 2: "\"\(words[middle - 1]) \(words[middle])\""
            case 3: "\(words[middle]) \(words[0]) "
            case 9 where isForeign:
                words.first { !$0.allSatisfy(\.isASCII) } ?? words[0]
            default: words[middle] + " "
            }
        guard let pattern = SearchPattern(text) else { return nil }
        var request = SearchRequest(pattern: pattern, limit: 50)
        switch number % 10 {
        case 4: request.sender = sample.sender
        case 5: request.after = sample.at
        case 6: request.before = sample.at
        case 7: request.offset = 20
        default: break
        }
        if number / 10 % 2 == 1 { request.order = .relevance }
        return SearchQuery(request, by: searcher, in: number % 10 == 8 ? [sample.room] : nil)
    }
}
