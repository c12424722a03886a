// SPDX-License-Identifier: MIT

/// A message as it is now: the posted text with every later edit, delete, reaction and pin applied.
public struct Message: Sendable, Equatable {
    /// Where it was posted in the room's log.
    public var seq: SequenceNumber
    /// When it was posted.
    public var at: Timestamp
    /// Who posted it.
    public var sender: UserID
    /// The sender's name now.
    public var senderName: String
    /// The sender's own key for it.
    public var clientID: String?
    /// The text now; empty if deleted.
    public var text: String
    /// The message that it answers.
    public var replyTo: SequenceNumber?
    /// When it was last edited.
    public var editedAt: Timestamp?
    /// Whether it was deleted.
    ///
    /// A deleted message keeps its place, time, sender and client id, and loses everything else.
    public var isDeleted: Bool
    /// Whether it is pinned.
    public var isPinned: Bool
    /// Reactions in the order of their first use.
    public var reactions: [Reaction]
    /// Its files, in order.
    public var attachments: [MessageAttachment]

    /// Makes a message.
    public init(
        seq: SequenceNumber, at: Timestamp, sender: UserID, senderName: String,
        clientID: String? = nil, text: String, replyTo: SequenceNumber? = nil,
        editedAt: Timestamp? = nil, isDeleted: Bool = false, isPinned: Bool = false,
        reactions: [Reaction] = [], attachments: [MessageAttachment] = []
    ) {
        self.seq = seq
        self.at = at
        self.sender = sender
        self.senderName = senderName
        self.clientID = clientID
        self.text = text
        self.replyTo = replyTo
        self.editedAt = editedAt
        self.isDeleted = isDeleted
        self.isPinned = isPinned
        self.reactions = reactions
        self.attachments = attachments
    }
}

/// One emoji under a message and who put it there.
public struct Reaction: Sendable, Equatable {
    /// The emoji.
    public var emoji: String
    /// Who, in the order in which they did.
    public var users: [UserID]

    /// Makes a reaction.
    public init(emoji: String, users: [UserID]) {
        self.emoji = emoji
        self.users = users
    }
}

/// An event as it stands in the log.
public struct LoggedEvent: Sendable, Equatable {
    /// Its place.
    public var seq: SequenceNumber
    /// Its time.
    public var at: Timestamp
    /// Who did it.
    public var sender: UserID
    /// The sender's name now.
    public var senderName: String
    /// The sender's own key for it.
    public var clientID: String?
    /// What happened. The text of a message that was deleted later is empty (and ``isRedacted`` true).
    public var change: LogChange
    /// The name of the user whom a membership event is about, if there is one.
    public var subjectName: String?
    /// Whether the text (or the emoji) is gone because the message was deleted or its author erased.
    public var isRedacted: Bool

    /// Makes an event.
    public init(
        seq: SequenceNumber, at: Timestamp, sender: UserID, senderName: String,
        clientID: String? = nil, change: LogChange, subjectName: String? = nil,
        isRedacted: Bool = false
    ) {
        self.seq = seq
        self.at = at
        self.sender = sender
        self.senderName = senderName
        self.clientID = clientID
        self.change = change
        self.subjectName = subjectName
        self.isRedacted = isRedacted
    }
}
