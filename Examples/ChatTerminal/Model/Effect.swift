// SPDX-License-Identifier: MIT

public import ChatClient
public import ChatCore

/// What the terminal wants done.
public enum Effect: Sendable {
    /// Ask the server, and hand the answer back.
    case call(JSONValue, Purpose, isRepeatable: Bool)
    case send(OutgoingMessage)
    /// Bring a file to the server.
    case upload(transfer: Int, path: String, room: RoomID)
    /// Save a file; a path that is a folder means the file's own name in it.
    case download(transfer: Int, file: ChatFile, room: RoomID, path: String)
    /// End the transfers that are under way.
    case cancelTransfers
    case markRead(SequenceNumber, RoomID)
    case typed(RoomID)
    /// A sound.
    case bell
    /// A line for those who read no screen.
    case print(String)
    /// Leave, with that exit code.
    case quit(Int32)
}

/// A message on its way.
public struct OutgoingMessage: Sendable {
    /// The key under which it is stored once.
    public var clientID: String
    /// Where it is said.
    public var room: RoomID
    /// What is said.
    public var text: String
    /// What it answers.
    public var replyTo: SequenceNumber?
    /// Files that were uploaded for it.
    public var files: [ChatFile] = []
}

/// What an answer is for.
public enum Purpose: Sendable {
    /// The user's rooms, from that place of the list on.
    case rooms(offset: Int)
    /// The room of the answer is to be shown, perhaps with something to say there.
    case enter(saying: String?)
    case history(RoomID, isOlder: Bool)
    case snapshot(RoomID)
    case members(RoomID)
    case who(RoomID)
    case list(offset: Int)
    case search
    case around(RoomID)
    case pins(RoomID)
    case readers(Int)
    case invitations
    case left(RoomID)
    /// The members of a room, to find somebody for a command.
    case find(name: String, command: JSONValue, rest: [RoomID])
    /// A message whose files are to be saved.
    case files(Int, RoomID, path: String)
    /// Nothing but whether it was done; and what to say then.
    case done(String)
}

/// What happened, for ``ChatModel``.
public enum Incoming: Sendable {
    case state(ChatConnectionState)
    case event(ChatEvent)
    case answer(Purpose, Result<JSONValue, ChatRefusal>)
    case sent(OutgoingMessage, Result<SequenceNumber, ChatRefusal>)
    case progress(transfer: Int, ChatProgress)
    case uploaded(transfer: Int, Result<ChatFile, ChatRefusal>)
    case saved(transfer: Int, Result<String, ChatRefusal>)
}
