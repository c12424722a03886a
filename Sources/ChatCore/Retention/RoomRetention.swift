// SPDX-License-Identifier: MIT

/// How long one room keeps its events. Where the engine's ``RetentionPolicy`` is stricter, that one counts.
public struct RoomRetention: Sendable, Equatable {
    /// How old an event becomes before it is removed, in days; 0: no bound of the room's own.
    public var days: Int
    /// How many of its newest messages the room keeps; 0: no bound of the room's own.
    public var messages: Int

    /// Makes a room's policy; negative bounds are none.
    public init(days: Int = 0, messages: Int = 0) {
        self.days = max(0, days)
        self.messages = max(0, messages)
    }

    /// Whether the room leaves it to the engine.
    public var isUnlimited: Bool { days == 0 && messages == 0 }

    /// The policy after a change of the room.
    package func changed(by changes: RoomChanges) -> RoomRetention {
        RoomRetention(
            days: changes.retentionDays ?? days, messages: changes.retentionMessages ?? messages)
    }
}
