// SPDX-License-Identifier: MIT

/// Every bound of the engine, with its unit in its name. Nothing that a peer can grow is without one.
///
/// Change what you need and hand it to ``ChatConfiguration``. Each is tested at its value and one above.
public struct Limits: Sendable, Equatable {
    // MARK: One command

    /// The longest command, in bytes of JSON (one TCP line, one WebSocket message).
    public var frameBytes = 65_536
    /// The deepest nesting of JSON arrays and objects in a command.
    public var jsonDepth = 16
    /// The longest message, in Unicode scalars.
    public var textScalars = 4_000
    /// The longest message, in bytes of UTF-8.
    public var textBytes = 16_000
    /// The longest client id, in bytes.
    public var clientIDBytes = 256
    /// The longest request id (the JSON text of `id`), in bytes.
    public var requestIDBytes = 64

    // MARK: Names

    /// The shortest room name, in characters.
    public var roomNameMinimumCharacters = 1
    /// The longest room name, in characters.
    public var roomNameCharacters = 100
    /// The longest room description, in characters.
    public var roomDescriptionCharacters = 500
    /// The longest user name, in characters.
    public var userNameCharacters = 50
    /// The longest display name, in characters.
    public var displayNameCharacters = 100
    /// The longest status text, in characters.
    public var statusTextCharacters = 140
    /// The longest reference to a picture of a user, in bytes.
    public var avatarBytes = 500
    /// The longest emoji, in bytes.
    public var emojiBytes = 64

    // MARK: Rooms

    /// The most rooms of one user.
    public var roomsPerUser = 1_000
    /// The most members of a room.
    public var membersPerRoom = 100_000
    /// Above this many members a room tells joins, presence, receipts and typing as counts and intervals.
    public var smallRoomMembers = 100
    /// The most different emoji under one message.
    public var reactionsPerMessage = 20
    /// The most pinned messages of a room.
    public var pinsPerRoom = 50
    /// The most users who are banned from a room at once.
    public var bansPerRoom = 10_000
    /// The most users who are muted in a room at once.
    public var mutesPerRoom = 10_000
    /// The most invitations to a room that wait at once.
    public var invitationsPerRoom = 1_000
    /// The most invitations of a user that wait at once.
    public var invitationsPerUser = 100
    /// How long an invitation waits if nothing else is asked for, in seconds: thirty days.
    public var invitationSeconds = 2_592_000
    /// The longest ban or mute that has an end, in seconds: ten years.
    public var sanctionSeconds = 315_360_000
    /// The longest reason of a ban, in characters.
    public var banReasonCharacters = 200
    /// The most uses of a join link.
    public var linkUses = 10_000
    /// The uses of a join link if nothing else is asked for.
    public var linkUsesDefault = 100
    /// The shortest password of a room, in characters.
    public var roomPasswordMinimumCharacters = 8
    /// The longest password of a room, in bytes.
    public var roomPasswordBytes = 512
    /// The newest entries that the audit log of a room keeps.
    public var auditEntriesPerRoom = 10_000
    /// The most users whom one user blocks.
    public var blocksPerUser = 1_000
    /// The longest slow mode, in seconds.
    public var slowModeSeconds = 21_600
    /// The longest age that a room may ask its events to be kept, in days.
    public var retentionDays = 36_500
    /// The most messages that a room may ask to be kept.
    public var retentionMessages = 1_000_000_000
    /// The most users who are shown as typing in a room.
    public var typistsPerRoom = 50

    // MARK: Attachments

    /// The most attachments of one message.
    public var attachmentsPerMessage = 10
    /// The longest id of an attachment, in bytes.
    public var attachmentIDBytes = 64
    /// The longest name of an attachment, in characters.
    public var attachmentNameCharacters = 255
    /// The longest media type, in bytes.
    public var mediaTypeBytes = 100
    /// The longest preview of an attachment, in bytes.
    public var attachmentPreviewBytes = 2_048

    // MARK: Pages

    /// The size of a history page when none is asked for, in messages.
    public var historyPageDefault = 50
    /// The largest history page, in messages.
    public var historyPage = 200
    /// The size of a list page (rooms, members) when none is asked for.
    public var listPageDefault = 20
    /// The largest list page (rooms, members).
    public var listPage = 100
    /// The size of a page of one's own rooms when none is asked for.
    public var joinedRoomsPageDefault = 100
    /// The largest page of one's own rooms.
    public var joinedRoomsPage = 500
    /// How many members a list of one's own rooms shows of each.
    public var listedMembers = 8
    /// Events read from the log at once during a resume.
    public var resumePageEvents = 256

    // MARK: Search

    /// The longest search text, in Unicode scalars.
    public var searchScalars = 256
    /// The most words of a search text.
    public var searchWords = 16
    /// The size of a page of search when none is asked for, in messages.
    public var searchPageDefault = 20
    /// The largest page of search, in messages.
    public var searchPage = 50
    /// How many messages a page of search may pass over.
    public var searchOffset = 1_000
    /// How many messages are put in order by relevance: the newest of those that match.
    public var searchRankedMessages = 1_000
    /// The length of a search excerpt, in Unicode scalars.
    public var searchExcerptScalars = 200
    /// What a search takes from the budget of sync commands, in tokens.
    public var searchCostTokens = 10

    // MARK: One connection

    /// What may wait for a connection that reads too slowly, in bytes.
    public var queuedBytes = 1_048_576
    /// What may wait for a connection that reads too slowly, in slices of a turn.
    public var queuedSlices = 4_096
    /// Commands of one session whose answer is still to come.
    public var pipelinedCommands = 1_024
    /// Bytes of recent events that a room keeps in memory for resuming.
    public var ringBytes = 65_536
    /// Recent events that a room keeps in memory for resuming.
    public var ringEvents = 256

    // MARK: The engine

    /// The most connections at once.
    public var connections = 10_000
    /// The most connections at once from one address; an IPv6 network of 64 bits counts as one.
    public var connectionsPerAddress = 100
    /// What all connections on which nobody has signed in may hold together, in bytes; beyond that the oldest of them
    /// is let go.
    public var newcomerBytes = 67_108_864
    /// The most log entries in one transaction.
    public var batchEntries = 4_096
    /// How long a turn's events may wait for the transaction under way, for each subscriber: about what writing to one
    /// costs. 0: they never wait.
    public var heldFanOutNanosecondsPerSubscriber: Int64 = 4_000
    /// How long they may wait at most.
    public var heldFanOutNanoseconds: Int64 = 4_000_000
    /// Log entries that may wait for storage on one shard.
    public var queuedEntries = 65_536
    /// Users of whom it may wait to be stored that they were seen, per shard; of others the time is lost.
    public var queuedSightings = 65_536
    /// The most users of whom it is stored in one transaction that they were seen.
    public var batchSightings = 512
    /// Rooms without subscribers that stay in memory, per shard.
    public var idleRooms = 1_024
    /// Room names whose ids a shard remembers.
    public var rememberedNames = 16_384
    /// Token buckets that are remembered at once, per stripe.
    public var rateBuckets = 100_000

    /// The defaults.
    public init() {}

    /// The defaults without any cap on connections, for benchmarks.
    public static var unlimitedConnections: Limits {
        var limits = Limits()
        limits.connections = .max
        limits.connectionsPerAddress = .max
        return limits
    }
}
