// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore

/// The lines of a room, broken to a width. A row is made when it is asked for: a long history costs what is seen.
struct Transcript {
    /// One row: text, and what stands at its right edge.
    struct Row {
        var text: StyledLine
        var note = StyledLine()
    }

    /// What the right edge needs: `★ #1234 ✓✓`.
    static let noteCells = 11
    private static let groupMilliseconds: Int64 = 300_000

    let chat: ChatModel
    let room: RoomModel
    let width: Int

    private var indent: Int { width >= 40 ? 5 : 2 }
    var count: Int { room.items.count }

    /// The rows of an item, what stands above it included.
    func rows(_ index: Int) -> [Row] {
        let item = room.items[index]
        var rows: [Row] = []
        let startsDay = isNewDay(index)
        if startsDay, let day = item.message.flatMap(time)?.date {
            rows.append(rule(day, .faint))
        }
        let isDivided = isDivided(index)
        if isDivided { rows.append(rule("new", .bad)) }
        switch item.content {
        case .notice(let text, let style):
            for (place, line) in lines(text, style, room: width - indent).enumerated() {
                var row = StyledLine(pad(indent - 2) + (place == 0 ? "· " : "  "), .faint)
                row.runs += line.runs
                rows.append(Row(text: row))
            }
        case .message(let message):
            if startsDay || isDivided || !continues(index) { rows.append(head(message)) }
            rows += body(message)
        }
        return rows
    }

    func height(_ index: Int) -> Int { rows(index).count }

    // MARK: Groups

    private func time(_ message: Message) -> LocalTime? {
        message.at.map { LocalTime($0, offset: chat.settings.offset) }
    }

    private func isNewDay(_ index: Int) -> Bool {
        guard let day = room.items[index].message.flatMap(time)?.day else { return false }
        let before = room.items[..<index].last { $0.message?.at != nil }
        return before?.message.flatMap(time)?.day != day
    }

    private func isDivided(_ index: Int) -> Bool {
        guard let divider = room.divider, let seq = room.items[index].message?.seq, seq > divider
        else { return false }
        let before = room.items[..<index].last { $0.message?.seq != nil }
        return before?.message?.seq ?? 0 <= divider
    }

    /// Whether a message belongs under the name that the one before it has.
    private func continues(_ index: Int) -> Bool {
        guard index > 0, let message = room.items[index].message,
            let before = room.items[index - 1].message, before.author.id == message.author.id
        else { return false }
        guard let last = before.at else { return true }
        guard let at = message.at else { return true }
        return at.milliseconds - last.milliseconds < Self.groupMilliseconds
    }

    // MARK: Rows

    private func pad(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    private func rule(_ text: String, _ style: Style) -> Row {
        let rest = max(2, width - TextWidth.cells(text) - 2)
        let left = String(repeating: "─", count: rest / 2)
        let right = String(repeating: "─", count: rest - rest / 2)
        return Row(text: StyledLine("\(left) \(text) \(right)", style))
    }

    private func head(_ message: Message) -> Row {
        let name = chat.name(message.author)
        var line = StyledLine()
        if indent > 2 {
            let initials = Wrap.clipped(Avatar.initials(name), cells: 2)
            let badge = " \(initials)\(pad(3 - TextWidth.cells(initials)))"
            line.append(
                badge,
                Style(.own(15), on: .rgb(Avatar.colour(message.author.id)), bold: true))
            line.append(" ")
        }
        line.append(Wrap.clipped(name, cells: max(8, width - 20)), .bold)
        if let time = time(message) { line.append("  \(time.clock)", .faint) }
        return Row(text: line)
    }

    private func body(_ message: Message) -> [Row] {
        let room = width - indent - Self.noteCells
        var lines: [StyledLine] = []
        if let target = message.replyTo { lines.append(quote(target, cells: room)) }
        if message.isDeleted {
            lines.append(StyledLine("this message was deleted", .faint))
        } else if !message.text.isEmpty || message.files.isEmpty {
            var text = Markup.styled(
                message.text, base: message.failure == nil ? .plain : Style(.own(1)),
                mention: chat.me?.name)
            if message.isEdited { text.append(" (edited)", .faint) }
            lines += Wrap.lines(text, cells: room)
        }
        for file in message.files {
            var line = StyledLine("▣ ", .accent)
            line.append(Wrap.clipped(ChatModel.describe(file), cells: room - 14), .accent)
            if let seq = message.seq { line.append("  /save \(seq)", .faint) }
            lines.append(line)
        }
        if !message.reactions.isEmpty { lines.append(reactions(message)) }
        if let failure = message.failure {
            lines += self.lines("not sent: \(failure)", .bad, room: room)
        }
        return lines.enumerated().map { place, line in
            var text = StyledLine(pad(indent))
            text.runs += line.runs
            let isFirst = place == (message.replyTo == nil ? 0 : 1)
            return Row(text: text, note: isFirst ? note(message) : StyledLine())
        }
    }

    private func lines(_ text: String, _ style: Style, room: Int) -> [StyledLine] {
        Wrap.lines(StyledLine(text, style), cells: room)
    }

    private func quote(_ target: Int, cells: Int) -> StyledLine {
        guard let message = room.message(target) else {
            return StyledLine("↪ #\(target)", .faint)
        }
        let text = message.isDeleted ? "deleted" : HarmlessText.line(message.text)
        return StyledLine(
            Wrap.clipped("↪ \(chat.name(message.author)): \(text)", cells: cells), .faint)
    }

    private func reactions(_ message: Message) -> StyledLine {
        var line = StyledLine()
        for reaction in message.reactions {
            let isMine = chat.me.map { reaction.users.contains($0.id) } ?? false
            let emoji = HarmlessText.line(String(reaction.emoji.prefix(12)))
            line.append("\(emoji) \(reaction.users.count)", isMine ? .accent : .faint)
            line.append("  ")
        }
        return line
    }

    private func note(_ message: Message) -> StyledLine {
        var line = StyledLine()
        if let seq = message.seq {
            if room.pinned.contains(seq) { line.append("★ ", .warning) }
            line.append("#\(seq)", .faint)
        }
        guard message.author.id == chat.me?.id, !message.isDeleted else { return line }
        switch room.tick(message) {
        case .waiting: line.append(" … ", .faint)
        case .failed: line.append(" ✗ ", .bad)
        case .sent: line.append(" ✓ ", .faint)
        case .delivered: line.append(" ✓✓", .faint)
        case .read: line.append(" ✓✓", .read)
        }
        return line
    }
}

/// What is made of a few marks in a text: links, `code`, and one's own name.
enum Markup {
    static func styled(_ text: String, base: Style, mention: String?) -> StyledLine {
        var line = StyledLine()
        for (place, part) in text.split(separator: "`", omittingEmptySubsequences: false)
            .enumerated()
        {
            // Between two marks; a mark without its second is a mark.
            let isLast = part.endIndex == text.endIndex
            if place % 2 == 1, !isLast {
                line.append(String(part), Style(.own(6)))
                continue
            }
            if place % 2 == 1 { line.append("`", base) }
            for word in words(part) { line.append(word, style(word, base, mention)) }
        }
        return line
    }

    /// Words and the blanks between them.
    private static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var isBlank: Bool?
        for character in text {
            if character.isWhitespace == isBlank {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
                isBlank = character.isWhitespace
            }
        }
        return words
    }

    private static func style(_ word: String, _ base: Style, _ mention: String?) -> Style {
        if word.hasPrefix("https://") || word.hasPrefix("http://") {
            return Style(base.foreground, underlined: true)
        }
        if let mention, !mention.isEmpty, word.lowercased().hasPrefix("@\(mention.lowercased())") {
            return .warning
        }
        return base
    }
}
