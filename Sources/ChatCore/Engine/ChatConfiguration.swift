// SPDX-License-Identifier: MIT

/// Everything about an engine that can be set. The defaults suit a small public server.
public struct ChatConfiguration: Sendable {
    /// How many event loops rooms and connections are spread over: one per core is right.
    public var shards: Int = 1
    /// How the event loops of transports talk to the kernel.
    public var reactor = ReactorKind.epoll
    /// Every bound.
    public var limits = Limits()
    /// How often who may do what.
    public var rates = RateLimitPolicy.standard
    /// Hello, heartbeat.
    public var heartbeat = HeartbeatTimings()
    /// The grace before somebody is offline.
    public var presence = PresenceTimings()
    /// How long typing lasts.
    public var typing = TypingTimings()
    /// How often receipts are told.
    public var receipts = ReceiptTimings()
    /// How long a sign-in by name waits for the name's last connection to end before it is refused, in
    /// milliseconds: whoever reconnects at once may overtake the end of their old connection.
    public var signInPatienceMilliseconds: Int64 = 250
    /// How often a large room tells its counts, in milliseconds.
    public var countsIntervalMilliseconds: Int64 = 1_500
    /// How often a user's profile is told to those who share a room with them, in milliseconds, however often it changes.
    public var profileIntervalMilliseconds: Int64 = 1_500
    /// How many connections are let go at once when the engine stops, so that they do not come back in one wave.
    public var drainBatchConnections = 500
    /// The time between two such batches, in milliseconds.
    public var drainBatchMilliseconds: Int64 = 50
    /// How long rooms keep their events.
    public var retention = RetentionPolicy()
    /// The room that everybody is in; `nil` for none.
    public var defaultRoom: String? = "general"
    /// Where the engine takes its time from.
    public var clock: any ChatClock = SystemClock()
    /// May this user do this? Rewrite or refuse this message?
    public var policy: any ChatPolicy = OpenPolicy()
    /// Who keeps the files of messages; `nil`: clients send none.
    public var attachments: (any AttachmentResolving)?
    /// Is told what happens.
    public var observer: any ChatObserver = SilentObserver()
    /// Keeps a record of what people do; `nil` for none.
    public var activityLog: (any ActivityLog)?
    /// Makes and compares hashes of rooms' passwords; `nil`: rooms have no passwords.
    public var passwords: (any PasswordHashing)?
    /// The state machines: replace one to change a rule.
    public var machines = ChatMachines()
    /// Where the identities of rooms come from. A simulation puts a seeded source here.
    package var identity: @Sendable () -> UInt64 = { UInt64.random(in: 1...(.max)) }

    /// The defaults.
    public init() {}
}

/// Makes the state machines of an engine. Each is behind a protocol, so that an embedder can replace it.
public struct ChatMachines: Sendable {
    /// The rules of a room; the flag says whether it is the default room.
    public var room: @Sendable (RoomSnapshot, Bool, Limits) -> any RoomGoverning = {
        RoomMachine($0, isDefault: $1, limits: $2)
    }
    /// The rules of a connection; the flag says whether its transport makes peers answer probes.
    public var session:
        @Sendable (ChatInstant, HeartbeatTimings, Bool, Limits) -> any SessionGoverning = {
            SessionMachine(now: $0, timings: $1, answersProbes: $2, limits: $3)
        }
    /// Who is reachable.
    public var presence: @Sendable (PresenceTimings) -> any PresenceTracking = {
        PresenceMachine(timings: $0)
    }
    /// Who types in a room.
    public var typing: @Sendable (TypingTimings, Limits) -> any TypingTracking = {
        TypingMachine(timings: $0, maximumTypists: $1.typistsPerRoom)
    }
    /// Who has received and read what in a room.
    public var receipts: @Sendable (Int64) -> any ReceiptTracking = {
        ReceiptMachine(intervalMilliseconds: $0)
    }
    /// How often who may do what.
    public var rates: @Sendable (RateLimitPolicy, Limits) -> any RateLimiting = {
        RateLimitMachine(policy: $0, maximumBuckets: $1.rateBuckets)
    }

    /// The machines that the engine ships.
    public init() {}
}
