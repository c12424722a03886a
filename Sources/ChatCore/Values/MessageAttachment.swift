// SPDX-License-Identifier: MIT

/// What a message says of a file that belongs to it. The file itself is elsewhere.
public struct MessageAttachment: Sendable, Equatable {
    /// What the file is known by.
    public var id: String
    /// What people call it.
    public var name: String
    /// How long it is, in bytes.
    public var byteCount: Int64
    /// What it is, for example `image/png`.
    public var mediaType: String
    /// The SHA-256 of its bytes, in 64 hexadecimal digits.
    public var sha256: String
    /// The width of a picture or film, in pixels.
    public var width: Int?
    /// The height of a picture or film, in pixels.
    public var height: Int?
    /// How long a film or sound plays, in milliseconds.
    public var durationMilliseconds: Int?
    /// A small picture of it as text (a data URL, for example), which the engine does not look at; may be empty.
    public var preview: String

    /// Makes a description of a file.
    public init(
        id: String, name: String, byteCount: Int64, mediaType: String, sha256: String,
        width: Int? = nil, height: Int? = nil, durationMilliseconds: Int? = nil,
        preview: String = ""
    ) {
        self.id = id
        self.name = name
        self.byteCount = byteCount
        self.mediaType = mediaType
        self.sha256 = sha256
        self.width = width
        self.height = height
        self.durationMilliseconds = durationMilliseconds
        self.preview = preview
    }
}

/// A message with files. Its text may be empty.
public struct Post: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The message that it answers.
    public var replyTo: SequenceNumber?
    /// The files, in order.
    public var attachments: [MessageAttachment]

    /// Makes a message.
    public init(text: String, replyTo: SequenceNumber? = nil, attachments: [MessageAttachment]) {
        self.text = text
        self.replyTo = replyTo
        self.attachments = attachments
    }
}

extension LogChange {
    /// A message, with files or without.
    public static func posting(
        text: String, replyTo: SequenceNumber?, attachments: [MessageAttachment]
    ) -> LogChange {
        if attachments.isEmpty { return .message(text: text, replyTo: replyTo) }
        return .post(Post(text: text, replyTo: replyTo, attachments: attachments))
    }

    /// Whether it is a message.
    public var isMessage: Bool {
        switch self {
        case .message, .post: true
        default: false
        }
    }

    /// The files of a message.
    public var attachments: [MessageAttachment] {
        if case .post(let post) = self { post.attachments } else { [] }
    }
}

extension [Message] {
    /// The messages with these files, which come in the order of the messages. For stores.
    package func adding(_ attachments: [(SequenceNumber, MessageAttachment)]) -> [Message] {
        var messages = self
        var index = 0
        for (seq, attachment) in attachments {
            while index < messages.count, messages[index].seq < seq { index += 1 }
            guard index < messages.count, messages[index].seq == seq else { continue }
            messages[index].attachments.append(attachment)
        }
        return messages
    }
}

extension [LoggedEvent] {
    /// The events with these files, which come in the order of the events. For stores.
    package func adding(_ attachments: [(SequenceNumber, MessageAttachment)]) -> [LoggedEvent] {
        var events = self
        var index = 0
        for (seq, attachment) in attachments {
            while index < events.count, events[index].seq < seq { index += 1 }
            guard index < events.count, events[index].seq == seq else { continue }
            events[index].change = events[index].change.adding(attachment)
        }
        return events
    }
}

extension LogChange {
    fileprivate func adding(_ attachment: MessageAttachment) -> LogChange {
        switch self {
        case .message(let text, let replyTo):
            return .post(Post(text: text, replyTo: replyTo, attachments: [attachment]))
        case .post(var post):
            post.attachments.append(attachment)
            return .post(post)
        default: return self
        }
    }
}
