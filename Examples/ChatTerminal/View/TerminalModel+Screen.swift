// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

extension TerminalModel {
    private static let prompt = "❯ "
    private static let promptCells = 2

    /// What is to be seen now.
    public var screen: Screen {
        var screen = Screen(columns: columns, rows: rows)
        let layout = layout
        drawTranscript(layout, on: &screen)
        if layout.roomCells > 0 { drawRooms(layout, on: &screen) }
        if layout.memberCells > 0 { drawMembers(layout, on: &screen) }
        if layout.statusRow > 0 { drawStatus(layout, on: &screen) }
        if layout.inputRow > 0 { drawHeader(layout, on: &screen) }
        drawInput(layout, on: &screen)
        return screen
    }

    private var room: RoomModel? { chat.current.flatMap { chat.rooms[$0] } }

    // MARK: Header

    private func drawHeader(_ layout: Layout, on screen: inout Screen) {
        screen.fill(.reversed, row: 0)
        let (state, style) = link
        let me = chat.me.map { chat.name($0) } ?? ""
        let right = "\(state)  \(Wrap.clipped(me, cells: 20)) "
        let column = layout.columns - TextWidth.cells(right)
        let title = room.map { chat.title($0.id) } ?? "chat"
        var left = screen.put(
            " \(mark(room))\(title) ", Style(bold: true, reversed: true), row: 0, column: 0,
            limit: column)
        if let room, room.partner == nil, room.memberCount > 0 {
            left = screen.put(
                " \(room.onlineCount) of \(room.memberCount) online ", .reversed, row: 0,
                column: left, limit: column)
        }
        if let topic = room?.topic, !topic.isEmpty {
            screen.put(
                Wrap.clipped("· \(topic)", cells: max(0, column - left - 1)), .reversed, row: 0,
                column: left, limit: column)
        }
        guard column > 10 else { return }
        let end = screen.put(" ", .reversed, row: 0, column: column - 1)
        screen.put(right, style, row: 0, column: end)
    }

    private var link: (String, Style) {
        let bad = Style(.own(3), bold: true, reversed: true)
        switch chat.link {
        case .connecting: return ("○ connecting", bad)
        case .online: return ("● online", .reversed)
        case .waiting(let delay):
            return ("○ offline, again in \((delay + 999) / 1_000) s", bad)
        case .closed: return ("○ ended", bad)
        }
    }

    private func mark(_ room: RoomModel?) -> String {
        guard let room else { return "" }
        return room.partner != nil ? "@" : room.isPrivate ? "◇" : "#"
    }

    // MARK: Lists

    private func drawRooms(_ layout: Layout, on screen: inout Screen) {
        let last = layout.statusRow
        for row in 1...max(1, last) {
            screen.put("│", .faint, row: row, column: layout.roomCells)
        }
        let rooms = chat.listed
        let height = max(0, last)
        // The room that is shown is always in view.
        let place = rooms.firstIndex { $0 == chat.current } ?? 0
        let first = max(0, min(place - height / 2, rooms.count - height))
        for (row, id) in rooms.dropFirst(first).prefix(height).enumerated() {
            drawRoom(id, row: row + 1, cells: layout.roomCells, on: &screen)
        }
    }

    private func drawRoom(_ id: RoomID, row: Int, cells: Int, on screen: inout Screen) {
        guard let room = chat.rooms[id] else { return }
        let isShown = id == chat.current
        let count = room.unread == 0 ? "" : room.unread > 999 ? "999+" : String(room.unread)
        let style: Style = isShown ? .accent : room.unread > 0 ? .bold : .plain
        if isShown { screen.put("▌", .accent, row: row, column: 0) }
        let end = cells - TextWidth.cells(count) - 1
        let title = Wrap.clipped("\(mark(room))\(chat.title(id))", cells: max(1, end - 2))
        screen.put(title, style, row: row, column: 1, limit: end)
        screen.put(count, room.mentions > 0 ? .bad : .warning, row: row, column: end)
    }

    private func drawMembers(_ layout: Layout, on screen: inout Screen) {
        let column = layout.columns - layout.memberCells
        for row in 1...max(1, layout.statusRow) {
            screen.put("│", .faint, row: row, column: column - 2)
        }
        guard let room else { return }
        let members = ChatModel.sorted(room.members)
        let height = max(0, layout.statusRow)
        for (row, member) in members.prefix(height).enumerated() {
            if row == height - 1, members.count > height {
                screen.put(
                    "and \(room.memberCount - row) more", .faint, row: row + 1, column: column)
                break
            }
            drawMember(member, row: row + 1, column: column, on: &screen)
        }
    }

    private func drawMember(_ member: Member, row: Int, column: Int, on screen: inout Screen) {
        let (dot, style): (String, Style) =
            switch member.status {
            case "online": ("●", .good)
            case "away": ("◐", .warning)
            case "busy": ("●", .bad)
            default: ("○", .faint)
            }
        let end = screen.put("\(dot) ", style, row: row, column: column)
        let role = member.role == "member" ? "" : " \(member.role)"
        let cells = max(1, columns - end - TextWidth.cells(role) - 1)
        let name = Wrap.clipped(chat.name(member.user), cells: cells)
        let next = screen.put(
            name, member.status == "offline" ? .faint : .plain, row: row, column: end)
        let last = screen.put(role, .faint, row: row, column: next)
        // A name is worth more than a time.
        guard let seen = chat.lastSeen(member), last + seen.count + 2 <= columns else { return }
        screen.put("  \(seen)", .faint, row: row, column: last)
    }

    // MARK: Transcript

    private func drawTranscript(_ layout: Layout, on screen: inout Screen) {
        guard let transcript else {
            let text = chat.early.last ?? ("connecting …", .faint)
            screen.put(text.0, text.1, row: 2, column: 2)
            return
        }
        let rows = visibleRows(transcript)
        if rows.isEmpty, transcript.room.isLoaded {
            screen.put(
                "Nobody has said anything here yet.", .faint, row: max(1, layout.bodyRows / 2),
                column: layout.left + 5, limit: layout.right)
        }
        for (place, row) in rows.enumerated() {
            let line = 1 + layout.bodyRows - rows.count + place
            screen.put(row.text, row: line, column: layout.left, limit: layout.right - 1)
            guard !row.note.runs.isEmpty else { continue }
            screen.put(
                row.note, row: line, column: layout.right - 1 - row.note.cells,
                limit: layout.right - 1)
        }
    }

    private func drawStatus(_ layout: Layout, on screen: inout Screen) {
        let (text, style) = status
        let limit = layout.right - 1
        let column = layout.left + (text.isEmpty ? 0 : min(5, layout.left + 5))
        screen.put(
            Wrap.clipped(text, cells: max(0, limit - column)), style, row: layout.statusRow,
            column: column, limit: limit)
    }

    private var status: (String, Style) {
        if isLeaving { return ("press Ctrl+C once more to leave", .warning) }
        if anchor != nil {
            return ("▼ \(Phrases.count(messagesBelow, "newer message")): Esc goes there", .accent)
        }
        let names = room?.typing.map { chat.name($0) } ?? []
        return names.isEmpty ? ("", .faint) : ("\(Phrases.typing(names)) …", .accent)
    }

    // MARK: Input

    /// The rows of the line that one types, and where the cursor is among them.
    var input: (rows: [String], cursor: Screen.Place) {
        let width = max(1, columns - Self.promptCells - 1)
        var rows = [""]
        var (cells, cursor) = (0, Screen.Place(row: 0, column: 0))
        for (index, character) in Array(editor.text).enumerated() {
            let own = character == "\t" ? 1 : TextWidth.cells(character)
            if character != "\n", cells + own > width {
                rows.append("")
                cells = 0
            }
            if index == editor.cursor { cursor = Screen.Place(row: rows.count - 1, column: cells) }
            if character == "\n" {
                rows.append("")
                cells = 0
            } else {
                rows[rows.count - 1].append(character == "\t" ? " " : character)
                cells += own
            }
        }
        if editor.cursor == editor.text.count {
            if cells >= width {
                rows.append("")
                cells = 0
            }
            cursor = Screen.Place(row: rows.count - 1, column: cells)
        }
        return (rows, cursor)
    }

    private func drawInput(_ layout: Layout, on screen: inout Screen) {
        let (rows, cursor) = input
        screen.put(Self.prompt, .accent, row: layout.inputRow, column: 0)
        if editor.isEmpty, let room {
            let title = "\(mark(room))\(chat.title(room.id))"
            screen.put(
                Wrap.clipped("message \(title), or /help", cells: layout.columns - 4), .faint,
                row: layout.inputRow, column: Self.promptCells)
        }
        // The row with the cursor is in view.
        let first = max(0, min(cursor.row - layout.inputRows + 1, rows.count - layout.inputRows))
        for (place, row) in rows.dropFirst(first).prefix(layout.inputRows).enumerated() {
            screen.put(row, row: layout.inputRow + place, column: Self.promptCells)
        }
        screen.cursor = Screen.Place(
            row: min(layout.inputRow + cursor.row - first, layout.rows - 1),
            column: min(Self.promptCells + cursor.column, layout.columns - 1))
    }
}
