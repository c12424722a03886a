// SPDX-License-Identifier: MIT

/// What has to be written to a terminal so that it shows a screen: only what is different.
public enum Renderer {
    /// Makes a terminal ours: its other screen, pastes marked, no wrapping at the edge.
    public static let enter = "\u{1B}[?1049h\u{1B}[?2004h\u{1B}[?7l\u{1B}[2J"
    /// Gives it back as it was.
    public static let leave = "\u{1B}[0m\u{1B}[?7h\u{1B}[?2004l\u{1B}[?25h\u{1B}[?1049l"

    /// The bytes for a change.
    ///
    /// - Parameters:
    ///   - old: what is shown; `nil` if that is not known.
    ///   - new: what is to be shown.
    ///   - depth: how many colours the terminal has.
    /// - Returns: text with control sequences; none of them comes from the cells.
    public static func update(from old: Screen?, to new: Screen, depth: ColourDepth) -> String {
        let isSame = old?.columns == new.columns && old?.rows == new.rows
        let old = isSame ? old : nil
        if old == new { return "" }
        var pen = Pen(depth: depth)
        pen.text = "\u{1B}[?25l"
        if old == nil { pen.text += "\u{1B}[0m\u{1B}[2J" }
        for row in 0..<new.rows { draw(row, of: new, over: old, with: &pen) }
        if pen.style != .plain { pen.text += Style.plain.sequence(depth) }
        if let cursor = new.cursor {
            pen.text += "\u{1B}[\(cursor.row + 1);\(cursor.column + 1)H\u{1B}[?25h"
        }
        return pen.text
    }

    private struct Pen {
        let depth: ColourDepth
        var text = ""
        var style: Style? = .plain
        /// Where the terminal writes next, as far as that is sure.
        var place: Screen.Place?

        mutating func use(_ new: Style) {
            guard style != new else { return }
            text += new.sequence(depth)
            style = new
        }

        mutating func move(to new: Screen.Place) {
            guard place != new else { return }
            text += "\u{1B}[\(new.row + 1);\(new.column + 1)H"
            place = new
        }
    }

    private static func draw(
        _ row: Int, of new: Screen, over old: Screen?, with pen: inout Pen
    ) {
        // Blanks at the end of a row are one sequence.
        var end = new.columns
        while end > 0, new[row, end - 1] == .blank { end -= 1 }
        for column in 0..<end {
            let cell = new[row, column]
            // A neighbour of what changes is drawn again: halves of wide characters may be left.
            if let old, old[row, column] == cell, !isTorn(row, column, new, old) { continue }
            if cell.text.isEmpty { continue }
            pen.move(to: Screen.Place(row: row, column: column))
            pen.use(cell.style)
            pen.text += cell.text
            let isCertain = cell.text.first.map(TextWidth.isCertain) ?? false
            pen.place = isCertain ? Screen.Place(row: row, column: column + 1) : nil
        }
        let isCleared: Bool
        if let old {
            isCleared = (end..<new.columns).allSatisfy { old[row, $0] == .blank }
        } else {
            isCleared = true
        }
        guard !isCleared else { return }
        pen.move(to: Screen.Place(row: row, column: end))
        pen.use(.plain)
        pen.text += "\u{1B}[K"
    }

    /// Whether a wide character is or was beside a cell that does not change.
    private static func isTorn(_ row: Int, _ column: Int, _ new: Screen, _ old: Screen) -> Bool {
        for other in [column - 1, column + 1] where (0..<new.columns).contains(other) {
            let (before, after) = (old[row, other], new[row, other])
            guard before != after else { continue }
            if before.text.isEmpty || after.text.isEmpty { return true }
            if let first = before.text.first, !TextWidth.isCertain(first) { return true }
        }
        return false
    }
}
