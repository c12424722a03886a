// SPDX-License-Identifier: MIT

import ChatCore

extension TerminalModel {
    /// So many rows above the view are loaded before one comes there.
    private static let reserveItems = 30

    var layout: Layout {
        Layout(
            columns: columns, rows: rows, wantsRooms: wantsRooms, wantsMembers: wantsMembers,
            inputRows: input.rows.count)
    }

    var transcript: Transcript? {
        chat.current.flatMap { chat.rooms[$0] }.map {
            Transcript(chat: chat, room: $0, width: layout.textCells)
        }
    }

    /// The item at the lower edge, and how many of its rows are below.
    private func edge(_ transcript: Transcript) -> (index: Int, hidden: Int) {
        guard let anchor else { return (transcript.count - 1, 0) }
        return (min(transcript.room.place(of: anchor.key), transcript.count - 1), anchor.hidden)
    }

    mutating func scroll(up count: Int) {
        guard let transcript, transcript.count > 0 else { return }
        var (index, hidden) = edge(transcript)
        hidden += count
        while index > 0, hidden >= transcript.height(index) {
            hidden -= transcript.height(index)
            index -= 1
        }
        hidden = min(hidden, transcript.height(index) - 1)
        // The first line stays at the upper edge.
        var missing = layout.bodyRows - (transcript.height(index) - hidden)
        var above = index - 1
        while above >= 0, missing > 0 {
            missing -= transcript.height(above)
            above -= 1
        }
        set(index, hidden, transcript)
        if missing > 0 { scroll(down: missing) }
    }

    mutating func scroll(down count: Int) {
        guard let transcript, transcript.count > 0, anchor != nil else { return }
        var (index, hidden) = edge(transcript)
        var left = count
        while left > hidden {
            left -= hidden
            guard index + 1 < transcript.count else {
                anchor = nil
                return
            }
            index += 1
            hidden = transcript.height(index)
        }
        set(index, hidden - left, transcript)
    }

    private mutating func set(_ index: Int, _ hidden: Int, _ transcript: Transcript) {
        let isNewest = index == transcript.count - 1 && hidden == 0
        anchor = isNewest ? nil : Anchor(key: transcript.room.items[index].key, hidden: hidden)
    }

    /// The rows in view, from above.
    func visibleRows(_ transcript: Transcript) -> [Transcript.Row] {
        guard transcript.count > 0 else { return [] }
        var (index, hidden) = edge(transcript)
        var rows: [Transcript.Row] = []
        let height = layout.bodyRows
        while index >= 0, rows.count < height {
            var part = transcript.rows(index)
            part.removeLast(min(hidden, part.count))
            hidden = 0
            rows = part + rows
            index -= 1
        }
        return rows.suffix(height)
    }

    /// How many messages are below the view.
    var messagesBelow: Int {
        guard let transcript, let anchor else { return 0 }
        let index = transcript.room.place(of: anchor.key)
        return transcript.room.items.dropFirst(index + 1).count { $0.message != nil }
    }

    /// Asks for older messages before one gets there.
    mutating func loadWhatIsMissing() {
        guard let transcript, let current = chat.current else { return }
        let (index, _) = edge(transcript)
        if anchor != nil
            ? index < Self.reserveItems + layout.bodyRows : transcript.count < layout.bodyRows
        {
            chat.loadOlder(current)
        }
    }
}
