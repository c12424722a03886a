// SPDX-License-Identifier: MIT

/// Breaks a text into lines of so many cells: between words where that is possible.
enum Wrap {
    static let tab = "    "

    /// The lines; at least one.
    static func lines(_ text: StyledLine, cells width: Int) -> [StyledLine] {
        let width = max(2, width)
        var breaker = Breaker(width: width)
        for run in text.runs {
            for character in run.text {
                if character == "\n" {
                    breaker.newLine()
                } else if character == "\t" {
                    for blank in tab { breaker.add(blank, run.style) }
                } else {
                    breaker.add(character, run.style)
                }
            }
        }
        breaker.newLine()
        return breaker.lines
    }

    private struct Breaker {
        let width: Int
        var lines: [StyledLine] = []
        private var line: [(character: Character, style: Style)] = []
        private var cells = 0

        init(width: Int) { self.width = width }

        mutating func add(_ character: Character, _ style: Style) {
            let own = TextWidth.cells(character)
            if cells + own > width {
                // The blank that does not fit any more is the break.
                if character == " " { return newLine() }
                breakLine()
            }
            line.append((character, style))
            cells += own
        }

        private mutating func breakLine() {
            var rest: [(character: Character, style: Style)] = []
            if let blank = line.lastIndex(where: { $0.character == " " }), blank > 0 {
                rest = Array(line[(blank + 1)...])
                line.removeSubrange(blank...)
            }
            newLine()
            line = rest
            cells = rest.reduce(0) { $0 + TextWidth.cells($1.character) }
        }

        mutating func newLine() {
            var styled = StyledLine()
            for part in line { styled.append(String(part.character), part.style) }
            lines.append(styled)
            line = []
            cells = 0
        }
    }

    /// The first cells of a text, with an ellipsis if there is more.
    static func clipped(_ text: String, cells width: Int) -> String {
        guard TextWidth.cells(text) > width else { return text }
        var (result, cells) = ("", 0)
        for character in text {
            let own = TextWidth.cells(character)
            if cells + own > width - 1 { break }
            result.append(character)
            cells += own
        }
        return width > 0 ? result + "…" : ""
    }
}
