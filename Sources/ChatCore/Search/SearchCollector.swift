// SPDX-License-Identifier: MIT

/// Makes a page of search out of candidates: the part of a search that is the same for every store.
///
/// A store hands in messages, the newest of each room first, until it has no more or the collector
/// has enough. Which messages it leaves out because of an index is its own affair: the collector
/// looks at each text again.
public struct SearchCollector {
    /// A message that may match.
    public struct Candidate: Sendable {
        /// Where.
        public var room: RoomID
        /// Its place in the room's log.
        public var seq: SequenceNumber
        /// When it was posted.
        public var at: Timestamp
        /// Who posted it, with their name now.
        public var sender: UserReference
        /// When it was last edited.
        public var editedAt: Timestamp?
        /// Its text now.
        public var text: String
        /// Its files, if they are at hand; a store with an index may add those of the page's hits at the end.
        public var attachments: [MessageAttachment]

        /// Makes a candidate.
        public init(
            room: RoomID, seq: SequenceNumber, at: Timestamp, sender: UserReference,
            editedAt: Timestamp?, text: String, attachments: [MessageAttachment] = []
        ) {
            self.room = room
            self.seq = seq
            self.at = at
            self.sender = sender
            self.editedAt = editedAt
            self.text = text
            self.attachments = attachments
        }
    }

    private struct Found {
        var candidate: Candidate
        var match: SearchPattern.Match
    }

    private let query: SearchQuery
    private let offset: Int
    private let limit: Int
    /// How many matches the page can depend on.
    private let capacity: Int
    private var found: [Found] = []
    /// The earliest time of the first matches, as many as the page can depend on.
    private var earliest = Timestamp(milliseconds: .max)

    /// Makes a collector for one search.
    public init(_ query: SearchQuery) {
        self.query = query
        offset = max(0, query.request.offset)
        limit = max(1, query.request.limit)
        // One more than the page holds, to see whether there is more.
        let needed = offset.addingReportingOverflow(limit)
        capacity =
            switch query.request.order {
            case .newest:
                needed.overflow || needed.partialValue == .max ? .max : needed.partialValue + 1
            case .relevance: max(1, query.rankedMessages)
            }
    }

    /// Whether an older message of the same room cannot change the page any more.
    public var isFull: Bool { found.count >= capacity }

    /// How many matches the page can depend on beside those that were found.
    public var missing: Int { max(0, capacity - found.count) }

    /// Whether no message of any room that was posted at `at` or before can change the page any
    /// more.
    ///
    /// Messages of several rooms may have the same time, and which of them a page shows does not
    /// depend on the order in which a store hands them in.
    public func isSettled(at: Timestamp) -> Bool { isFull && at < earliest }

    /// Takes a candidate.
    ///
    /// - Complexity: O(length of the text).
    public mutating func add(_ candidate: Candidate) {
        let request = query.request
        if let sender = request.sender, candidate.sender.id != sender { return }
        if let after = request.after, candidate.at < after { return }
        if let before = request.before, candidate.at >= before { return }
        guard let match = request.pattern.match(candidate.text) else { return }
        if !isFull { earliest = min(earliest, candidate.at) }
        found.append(Found(candidate: candidate, match: match))
    }

    /// Takes what another collector of the same search has, so that each room can be read by itself.
    public mutating func add(_ other: SearchCollector) {
        found += other.found
        guard found.count > capacity else { return }
        found.sort(by: Self.isNewer)
        found.removeLast(found.count - capacity)
    }

    /// The page.
    public func page() -> SearchPage {
        var sorted = Array(found.sorted(by: Self.isNewer).prefix(capacity))
        if query.request.order == .relevance { sorted.sort(by: Self.isBetter) }
        let rest = sorted.dropFirst(offset)
        let hits = rest.prefix(limit).map { found in
            SearchHit(
                room: found.candidate.room, seq: found.candidate.seq, at: found.candidate.at,
                sender: found.candidate.sender, editedAt: found.candidate.editedAt,
                excerpt: SearchExcerpt(
                    found.candidate.text, highlighting: found.match.ranges,
                    maximumScalars: query.excerptScalars),
                attachments: found.candidate.attachments)
        }
        return SearchPage(hits: hits, isEnd: rest.count <= limit)
    }

    private static func isNewer(_ left: Found, _ right: Found) -> Bool {
        (left.candidate.at, left.candidate.room, left.candidate.seq)
            > (right.candidate.at, right.candidate.room, right.candidate.seq)
    }

    private static func isBetter(_ left: Found, _ right: Found) -> Bool {
        left.match.score == right.match.score
            ? isNewer(left, right) : left.match.score > right.match.score
    }
}
