// SPDX-License-Identifier: MIT

/// What somebody asks for when they search.
public struct SearchRequest: Sendable, Equatable {
    /// In which order messages come.
    public enum Order: UInt8, Sendable, CaseIterable {
        /// The newest first.
        case newest
        /// Those that match best first, of equal ones the newest.
        case relevance

        /// The name on the wire.
        public var name: String {
            switch self {
            case .newest: "newest"
            case .relevance: "relevance"
            }
        }
    }

    /// Which words.
    public var pattern: SearchPattern
    /// By whom; `nil` for everybody.
    public var sender: UserID?
    /// Posted at this time or later.
    public var after: Timestamp?
    /// Posted before this time.
    public var before: Timestamp?
    /// In which order.
    public var order: Order
    /// How many to pass over.
    public var offset: Int
    /// How many at most, at least 1.
    public var limit: Int

    /// Makes a request.
    public init(
        pattern: SearchPattern, sender: UserID? = nil, after: Timestamp? = nil,
        before: Timestamp? = nil, order: Order = .newest, offset: Int = 0, limit: Int = 20
    ) {
        self.pattern = pattern
        self.sender = sender
        self.after = after
        self.before = before
        self.order = order
        self.offset = offset
        self.limit = limit
    }
}

/// What a store is to search: a request, and for whom.
public struct SearchQuery: Sendable, Equatable {
    /// What is asked for.
    public var request: SearchRequest
    /// Who asks. Only rooms of which they are a member are searched.
    public var searcher: UserID
    /// Only in these rooms; `nil` for all of the searcher's.
    public var rooms: [RoomID]?
    /// The length of an excerpt, in Unicode scalars.
    public var excerptScalars: Int
    /// How many messages are put in order by relevance: the newest of those that match.
    public var rankedMessages: Int

    /// Makes a query.
    ///
    /// - Parameter limits: of these it keeps the length of an excerpt and how many messages are
    ///   ranked.
    public init(
        _ request: SearchRequest, by searcher: UserID, in rooms: [RoomID]? = nil,
        limits: Limits = Limits()
    ) {
        self.request = request
        self.searcher = searcher
        self.rooms = rooms
        excerptScalars = limits.searchExcerptScalars
        rankedMessages = limits.searchRankedMessages
    }
}

/// A message that a search has found.
public struct SearchHit: Sendable, Equatable {
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
    /// Its text now, or a part of it, with what was looked for.
    public var excerpt: SearchExcerpt
    /// Its files, in order.
    public var attachments: [MessageAttachment]

    /// Makes a hit.
    public init(
        room: RoomID, seq: SequenceNumber, at: Timestamp, sender: UserReference,
        editedAt: Timestamp?, excerpt: SearchExcerpt, attachments: [MessageAttachment] = []
    ) {
        self.room = room
        self.seq = seq
        self.at = at
        self.sender = sender
        self.editedAt = editedAt
        self.excerpt = excerpt
        self.attachments = attachments
    }
}

/// A page of what a search has found.
public struct SearchPage: Sendable, Equatable {
    /// In the order that was asked for.
    public var hits: [SearchHit]
    /// Whether there are no more.
    public var isEnd: Bool

    /// Makes a page.
    public init(hits: [SearchHit], isEnd: Bool) {
        self.hits = hits
        self.isEnd = isEnd
    }
}
