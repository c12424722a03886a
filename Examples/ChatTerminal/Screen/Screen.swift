// SPDX-License-Identifier: MIT

/// What a terminal shows: rows of cells, and where the cursor is.
public struct Screen: Equatable, Sendable {
    /// One place. A wide character has two, the second one without text.
    struct Cell: Equatable, Sendable {
        var text: String
        var style: Style

        static let blank = Cell(text: " ", style: .plain)
    }

    /// A place on the screen, from 0.
    struct Place: Equatable, Sendable {
        var row: Int
        var column: Int
    }

    let columns: Int
    let rows: Int
    private(set) var cells: [Cell]
    /// Where one types; `nil` hides the cursor.
    var cursor: Place?

    /// Makes a blank one of at least one cell.
    init(columns: Int, rows: Int) {
        self.columns = max(1, columns)
        self.rows = max(1, rows)
        cells = Array(repeating: .blank, count: self.columns * self.rows)
    }

    subscript(row: Int, column: Int) -> Cell { cells[row * columns + column] }

    /// Writes into a row; what does not fit before `limit` is left out.
    ///
    /// - Returns: the column behind what was written.
    @discardableResult
    mutating func put(
        _ text: some StringProtocol, _ style: Style = .plain, row: Int, column: Int,
        limit: Int? = nil
    ) -> Int {
        guard (0..<rows).contains(row), column >= 0 else { return column }
        let end = min(limit ?? columns, columns)
        var column = column
        for character in text {
            let width = TextWidth.cells(character)
            if width == 0 { continue }
            guard column + width <= end else { break }
            let index = row * columns + column
            cells[index] = Cell(text: HarmlessText.trimmed(character), style: style)
            if width == 2 { cells[index + 1] = Cell(text: "", style: style) }
            column += width
        }
        return column
    }

    /// Writes a line of several styles.
    @discardableResult
    mutating func put(_ line: StyledLine, row: Int, column: Int, limit: Int? = nil) -> Int {
        line.runs.reduce(column) { column, run in
            put(run.text, run.style, row: row, column: column, limit: limit)
        }
    }

    /// Gives blank cells of a row a style.
    mutating func fill(_ style: Style, row: Int, from: Int = 0, to: Int? = nil) {
        guard (0..<rows).contains(row) else { return }
        for column in max(0, from)..<max(max(0, from), min(to ?? columns, columns)) {
            cells[row * columns + column] = Cell(text: " ", style: style)
        }
    }

    /// The rows as text, without blanks at their ends.
    var lines: [String] {
        (0..<rows).map { row in
            var line = ""
            for column in 0..<columns { line += self[row, column].text }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}

/// A line in several styles.
struct StyledLine: Equatable, Sendable {
    /// A part in one style.
    struct Run: Equatable, Sendable {
        var text: String
        var style: Style
    }

    var runs: [Run] = []

    init() {}

    init(_ text: String, _ style: Style = .plain) { append(text, style) }

    mutating func append(_ text: String, _ style: Style = .plain) {
        guard !text.isEmpty else { return }
        if let last = runs.last, last.style == style {
            runs[runs.count - 1].text += text
        } else {
            runs.append(Run(text: text, style: style))
        }
    }

    var text: String { runs.map(\.text).joined() }

    /// How many cells it takes.
    var cells: Int { runs.reduce(0) { $0 + TextWidth.cells($1.text) } }
}
