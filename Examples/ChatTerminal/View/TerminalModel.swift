// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

/// A full-screen chat: what the chat knows, the line that one types, and what part of it all is in view.
public struct TerminalModel: Sendable {
    /// The line at the lower edge of the view, while one looks back.
    struct Anchor: Equatable, Sendable {
        var key: Item.Key
        /// How many of its rows are below the edge.
        var hidden: Int
    }

    private struct Completion {
        var start: Int
        var candidates: [String]
        var index: Int
    }

    var chat: ChatModel
    var editor = LineEditor()
    private var drafts: [RoomID: String] = [:]
    private(set) var columns: Int
    private(set) var rows: Int
    /// `nil`: at the newest line.
    var anchor: Anchor?
    private(set) var wantsRooms = true
    private(set) var wantsMembers = true
    private(set) var isLeaving = false
    private var completion: Completion?
    private var shown: RoomID?

    /// Makes a screen of a size.
    public init(_ settings: ChatModel.Settings, columns: Int, rows: Int) {
        chat = ChatModel(settings)
        self.columns = columns
        self.rows = rows
    }

    /// What is to be done now; forgets it.
    public mutating func takeEffects() -> [Effect] { chat.takeEffects() }

    /// Why it ended, for when the screen is gone.
    public var farewell: String? {
        chat.early.last?.0
            ?? chat.current.flatMap { chat.rooms[$0]?.items.last }.flatMap { item in
                if case .notice(let text, _) = item.content { text } else { nil }
            }
    }

    /// Takes what happened in the chat.
    public mutating func take(_ incoming: Incoming) {
        chat.take(incoming)
        settle()
    }

    /// The terminal has another size.
    public mutating func resize(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        settle()
    }

    /// Takes a key.
    public mutating func take(_ key: Key) {
        if key != .control("c") { isLeaving = false }
        if key != .tab, key != .backTab { completion = nil }
        switch key {
        case .control("c"): interrupt()
        case .control("d") where editor.isEmpty: chat.effect(.quit(0))
        case .pageUp: scroll(up: max(1, layout.bodyRows - 2))
        case .pageDown: scroll(down: max(1, layout.bodyRows - 2))
        case .escape: anchor = nil
        case .end where editor.isEmpty: anchor = nil
        case .roomUp, .control("p"): step(-1)
        case .roomDown, .control("n"): step(1)
        case .alt(let digit) where digit.isASCII && digit.isNumber:
            show(digit.wholeNumberValue ?? 0)
        case .function(1): chat.entered("/help")
        case .function(2): wantsRooms.toggle()
        case .function(3): wantsMembers.toggle()
        case .tab: complete(1)
        case .backTab: complete(-1)
        default: edit(key)
        }
        settle()
    }

    private mutating func interrupt() {
        if !editor.isEmpty {
            editor.replace("")
        } else if isLeaving {
            chat.effect(.quit(0))
        } else {
            isLeaving = true
        }
    }

    private mutating func edit(_ key: Key) {
        // Before there is a room the line waits where it is.
        if key == .enter, !chat.isReady, !editor.text.hasPrefix("/q") { return }
        switch editor.handle(key) {
        case .submitted(let line):
            anchor = nil
            chat.isWatching = true
            chat.entered(line)
        case .changed:
            let text = editor.text
            guard let room = chat.current, !text.isEmpty, !text.hasPrefix("/") else { return }
            chat.effect(.typed(room))
        case .ignored, .moved: break
        }
    }

    /// After everything: what follows from what is in view now.
    private mutating func settle() {
        if chat.current != shown {
            if let shown { drafts[shown] = editor.isEmpty ? nil : editor.text }
            let isFirst = shown == nil
            shown = chat.current
            anchor = nil
            if !isFirst { editor.replace(shown.flatMap { drafts[$0] } ?? "") }
        }
        chat.isWatching = anchor == nil
        if anchor == nil, let current = chat.current, chat.rooms[current]?.unread ?? 0 > 0 {
            chat.read(current)
        }
        loadWhatIsMissing()
    }

    // MARK: Rooms

    private mutating func step(_ count: Int) {
        let rooms = chat.listed
        guard let current = chat.current, let index = rooms.firstIndex(of: current) else { return }
        chat.open(rooms[(index + count + rooms.count) % rooms.count])
    }

    private mutating func show(_ number: Int) {
        let rooms = chat.listed
        if number >= 1, number <= rooms.count { chat.open(rooms[number - 1]) }
    }

    // MARK: Completion

    private mutating func complete(_ step: Int) {
        if completion == nil {
            let before = editor.beforeCursor
            let start = (before.lastIndex { $0.isWhitespace } ?? -1) + 1
            let word = String(before[start...])
            let candidates = candidates(for: word, line: String(before))
            guard !candidates.isEmpty else { return }
            completion = Completion(start: start, candidates: candidates, index: -step)
            if step > 0 { completion?.index = -1 }
        }
        guard var next = completion else { return }
        next.index = (next.index + step + next.candidates.count) % next.candidates.count
        editor.complete(from: next.start, with: next.candidates[next.index])
        completion = next
    }

    private func candidates(for word: String, line: String) -> [String] {
        let wanted = word.lowercased()
        if line.hasPrefix("/"), !line.contains(" ") {
            return CommandEntry.all.map { "/\($0.name) " }.filter { $0.hasPrefix(wanted) }
        }
        if ["/join ", "/j "].contains(where: line.hasPrefix) {
            return chat.listed.map(chat.title).filter { $0.lowercased().hasPrefix(wanted) }
        }
        let name = wanted.hasPrefix("@") ? String(wanted.dropFirst()) : wanted
        guard !name.isEmpty, let room = chat.current.flatMap({ chat.rooms[$0] }) else { return [] }
        let isBare = line.hasPrefix("/")
        return room.members.map(\.user).filter { $0.id != chat.me?.id }
            .map { HarmlessText.line($0.name) }.filter { $0.lowercased().hasPrefix(name) }.sorted()
            .map { isBare ? "\($0) " : "@\($0) " }
    }
}
