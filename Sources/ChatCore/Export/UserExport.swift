// SPDX-License-Identifier: MIT

/// All that a store knows of one user, as lines of JSON: what they said and did, and what was done to them. Nothing that
/// others wrote, nobody's token.
///
/// It is read a page at a time while it is consumed, so it takes the same little memory for any user. What happens
/// meanwhile may or may not be in it.
///
/// ```swift
/// for try await line in engine.export(user) { … }
/// ```
public struct UserExport: AsyncSequence, Sendable {
    /// A line, without an end-of-line.
    public typealias Element = [UInt8]

    private let store: any ChatStore
    private let user: UserID

    /// Makes an export.
    ///
    /// - Parameters:
    ///   - user: whose data; without such a user there are no lines.
    ///   - store: where it is.
    public init(of user: UserID, from store: any ChatStore) {
        (self.user, self.store) = (user, store)
    }

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator { Iterator(store: store, user: user) }

    /// Reads the lines. O(events of all rooms) in all.
    public struct Iterator: AsyncIteratorProtocol {
        /// What is read next.
        private enum Step {
            case profile
            case invitations(offset: Int)
            case blocks(offset: Int)
            case rooms(after: RoomID?)
            case reads(RoomID, after: SequenceNumber)
            case bans(RoomID, offset: Int)
            case messages(RoomID, after: SequenceNumber)
            case events(RoomID, after: SequenceNumber)
            case end
        }

        /// Rooms and messages per page.
        private static var page: Int { 100 }
        /// What is over is exported, too, as long as it is there.
        private static var start: Timestamp { Timestamp(milliseconds: .min) }

        private let store: any ChatStore
        private let user: UserID
        private var step = Step.profile
        /// Rooms that were read and not looked into, the next one last.
        private var rooms: [RoomID] = []
        private var lastRoom: RoomID?
        /// Lines that are ready, the next one last.
        private var lines: [[UInt8]] = []

        init(store: any ChatStore, user: UserID) { (self.store, self.user) = (store, user) }

        /// The next line; `nil` at the end.
        ///
        /// - Throws: ``StorageError``; calling again goes on where it failed.
        public mutating func next() async throws(StorageError) -> [UInt8]? {
            while lines.isEmpty {
                if case .end = step { return nil }
                var writer = ExportWriter(user: user)
                try await read(&writer)
                lines = writer.lines.reversed()
            }
            return lines.popLast()
        }

        private mutating func read(_ writer: inout ExportWriter) async throws(StorageError) {
            switch step {
            case .profile:
                let record = try await store.user(user)
                let memberships = try await store.memberships(of: user)
                guard let record else { return step = .end }
                writer.profile(record)
                for membership in memberships { writer.membership(membership) }
                step = .invitations(offset: 0)
            case .invitations(let offset):
                let page = try await store.invitations(
                    of: user, at: Self.start, offset: offset, limit: Self.page)
                for entry in page.entries { writer.invitation(entry) }
                let next = offset + page.entries.count
                step = page.entries.isEmpty ? .blocks(offset: 0) : .invitations(offset: next)
            case .blocks(let offset):
                let page = try await store.blocks(of: user, offset: offset, limit: Self.page)
                for block in page.blocks { writer.block(block) }
                let next = offset + page.blocks.count
                step = page.blocks.isEmpty ? .rooms(after: nil) : .blocks(offset: next)
            case .rooms(let after):
                let page = try await store.rooms(after: after, limit: Self.page)
                lastRoom = page.last?.id
                rooms = page.reversed().map(\.id)
                step = page.isEmpty ? .end : nextRoom()
            case .reads(let room, let after):
                let page = try await store.readTimes(
                    by: user, in: room, after: after, limit: Self.page)
                for read in page { writer.read(read, in: room) }
                step = page.last.map { .reads(room, after: $0.seq) } ?? .bans(room, offset: 0)
            case .bans(let room, let offset):
                let page = try await store.bans(
                    in: room, at: Self.start, offset: offset, limit: Self.page)
                for ban in page.bans { writer.ban(ban, in: room) }
                if !page.bans.isEmpty {
                    return step = .bans(room, offset: offset + page.bans.count)
                }
                let snapshot = try await store.loadRoom(room)
                if let until = snapshot?.mute(of: user) { writer.mute(until, in: room) }
                step = .messages(room, after: .none)
            case .messages(let room, let after):
                let query = HistoryQuery(room: room, anchor: .after(after), limit: Self.page)
                let page = try await store.history(query)
                for message in page.messages { writer.message(message, in: room) }
                if let last = page.messages.last, !page.isEnd {
                    step = .messages(room, after: last.seq)
                } else {
                    step = .events(room, after: .none)
                }
            case .events(let room, let after):
                let page = try await store.events(in: room, after: after, limit: Self.page)
                for event in page { writer.event(event, in: room) }
                step = page.last.map { .events(room, after: $0.seq) } ?? nextRoom()
            case .end: break
            }
        }

        private mutating func nextRoom() -> Step {
            rooms.popLast().map { .reads($0, after: .none) } ?? .rooms(after: lastRoom)
        }
    }
}

extension RoomSnapshot {
    fileprivate func mute(of user: UserID) -> Timestamp? {
        absentMutes[user] ?? members.first { $0.user == user }?.mutedUntil
    }
}

extension ChatEngine {
    /// All that the store knows of a user, as lines of JSON.
    public func export(_ user: UserID) -> UserExport { UserExport(of: user, from: context.store) }
}
