// SPDX-License-Identifier: MIT

/// How long rooms keep their events. By default forever, unless a room says otherwise: see ``RoomRetention``.
public struct RetentionPolicy: Sendable, Equatable {
    /// The longest age, in seconds: a hundred years.
    public static let maximumSeconds = 3_155_760_000
    /// The most days for which it is known when members read what: a hundred years.
    public static let maximumReadTimeDays = 36_500

    /// How old an event becomes before it is removed, in seconds; 0: it stays.
    public var seconds: Int {
        didSet { seconds = min(max(0, seconds), Self.maximumSeconds) }
    }
    /// How many of its newest messages a room keeps; 0: all.
    public var messages: Int {
        didSet { messages = max(0, messages) }
    }
    /// How many days it is known when members read what; 0: no such times are kept. See ``ReadTimeStore``.
    public var readTimeDays = 90 {
        didSet { readTimeDays = min(max(0, readTimeDays), Self.maximumReadTimeDays) }
    }
    /// The time between two walks over all rooms, in seconds; 1 to 86 400.
    public var intervalSeconds = 3_600 {
        didSet { intervalSeconds = min(max(1, intervalSeconds), 86_400) }
    }
    /// How many events (or rows of deleted rooms) one transaction removes; 1 to 10 000.
    public var sliceEvents = 200 {
        didSet { sliceEvents = min(max(1, sliceEvents), 10_000) }
    }
    /// The pause between two such transactions, in milliseconds, in which others write; 1 to 10 000.
    public var pauseMilliseconds: Int64 = 20 {
        didSet { pauseMilliseconds = min(max(1, pauseMilliseconds), 10_000) }
    }

    /// Makes a policy.
    public init(seconds: Int = 0, messages: Int = 0) {
        self.seconds = min(max(0, seconds), Self.maximumSeconds)
        self.messages = max(0, messages)
    }

    /// Whether anything is ever removed.
    public var isUnlimited: Bool { seconds == 0 && messages == 0 }

    /// What of a room is to stay at `time`: of its own policy and this one the stricter, for each bound.
    package func bound(
        for room: RoomRetention = RoomRetention(), at time: Timestamp
    ) -> TrimBound {
        let own = min(room.days, Self.maximumSeconds / 86_400) * 86_400
        let seconds = Self.stricter(seconds, own)
        let messages = Self.stricter(messages, room.messages)
        return TrimBound(
            before: seconds == 0
                ? nil : Timestamp(milliseconds: time.milliseconds - Int64(seconds) * 1_000),
            keepingMessages: messages == 0 ? nil : messages)
    }

    /// Read times from before this time go, at `time`.
    package func oldestReadTime(at time: Timestamp) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds - Int64(readTimeDays) * 86_400_000)
    }

    /// The lesser of two bounds, of which 0 is none.
    private static func stricter(_ one: Int, _ other: Int) -> Int {
        one == 0 ? other : other == 0 ? one : min(one, other)
    }
}
