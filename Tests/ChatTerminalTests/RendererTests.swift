// SPDX-License-Identifier: MIT

import Testing

@testable import ChatTerminal

struct RendererTests {
    /// A terminal as far as the renderer uses it: cells, places, styles. Characters of more than one part it may
    /// take for wider than they are, as some terminals do.
    private struct Grid {
        var cells: [[String]]
        var styles: [[String]]
        var (row, column, style) = (0, 0, "0")
        let isWrong: Bool

        init(columns: Int, rows: Int, isWrong: Bool) {
            cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
            styles = Array(repeating: Array(repeating: "0", count: columns), count: rows)
            self.isWrong = isWrong
        }

        mutating func write(_ text: String) {
            var rest = text[...]
            while let character = rest.popFirst() {
                guard character == "\u{1B}" else {
                    put(character)
                    continue
                }
                rest = rest.dropFirst()
                let body = rest.prefix { !$0.isLetter }
                let letter = rest.dropFirst(body.count).first
                rest = rest.dropFirst(body.count + 1)
                obey(letter, String(body))
            }
        }

        private mutating func obey(_ letter: Character?, _ body: String) {
            switch letter {
            case "H":
                let numbers = body.split(separator: ";").compactMap { Int($0) }
                (row, column) = (numbers[0] - 1, numbers[1] - 1)
            case "m": style = body
            case "K":
                for place in column..<cells[row].count {
                    cells[row][place] = " "
                    styles[row][place] = style
                }
            case "J":
                let isWrong = isWrong
                self = Grid(columns: cells[0].count, rows: cells.count, isWrong: isWrong)
            default: break
            }
        }

        private mutating func put(_ character: Character) {
            let width = TextWidth.cells(character)
            guard column < cells[row].count else { return }
            // Half of a wide character that is written over becomes a blank.
            if cells[row][column].isEmpty, column > 0 { cells[row][column - 1] = " " }
            cells[row][column] = String(character)
            styles[row][column] = style
            if width == 2, column + 1 < cells[row].count {
                cells[row][column + 1] = ""
                styles[row][column + 1] = style
            }
            let next = column + width
            if next < cells[row].count, cells[row][next].isEmpty { cells[row][next] = " " }
            column = next + (isWrong && character.unicodeScalars.count > 1 ? 1 : 0)
        }
    }

    private static let letters = ["a", "b", " ", "─", "é", "漢", "🙂", "👨‍👩‍👧", "e\u{301}", "❤️", "●"]
    private static let styles: [Style] = [
        .plain, .bold, .faint, Style(.own(1), bold: true), Style(.own(15), on: .rgb(0x2F5BD0)),
    ]

    private func random(_ generator: inout some RandomNumberGenerator) -> Screen {
        var screen = Screen(columns: 24, rows: 5)
        for row in 0..<5 where Bool.random(using: &generator) {
            var column = Int.random(in: 0..<6, using: &generator)
            for _ in 0..<Int.random(in: 0..<24, using: &generator) {
                let text = Self.letters.randomElement(using: &generator) ?? ""
                let style = Self.styles.randomElement(using: &generator) ?? .plain
                column = screen.put(text, style, row: row, column: column)
            }
        }
        screen.cursor = Screen.Place(row: 4, column: 3)
        return screen
    }

    @Test(arguments: [ColourDepth.none, .sixteen, .indexed, .true24], [true, false])
    func `a terminal shows every screen after every other one`(depth: ColourDepth, isWrong: Bool) {
        var generator = Repeatable(state: 7)
        var shown: Screen?
        var grid = Grid(columns: 24, rows: 5, isWrong: isWrong)
        for _ in 0..<400 {
            let next = random(&generator)
            grid.write(Renderer.update(from: shown, to: next, depth: depth))
            shown = next
            for row in 0..<5 {
                let expected = (0..<24).map { next[row, $0].text }
                #expect(grid.cells[row] == expected)
                for column in 0..<24 where !next[row, column].text.isEmpty {
                    let style = next[row, column].style.sequence(depth)
                    #expect("\u{1B}[\(grid.styles[row][column])m" == style)
                }
            }
            #expect((grid.row, grid.column) == (4, 3))
        }
    }

    @Test func `what does not change is not written`() {
        var old = Screen(columns: 80, rows: 24)
        for row in 0..<24 { old.put(String(repeating: "x", count: 80), row: row, column: 0) }
        #expect(Renderer.update(from: old, to: old, depth: .true24) == "")
        var new = old
        new.put("y", row: 3, column: 7)
        #expect(
            Renderer.update(from: old, to: new, depth: .true24) == "\u{1B}[?25l\u{1B}[4;8Hy")
    }

    @Test(arguments: [
        (["NO_COLOR": "1", "TERM": "xterm-256color"], ColourDepth.none),
        (["NO_COLOR": "", "TERM": "xterm-256color"], .indexed), (["TERM": "dumb"], .none),
        (["TERM": "xterm", "COLORTERM": "truecolor"], .true24), (["TERM": "xterm"], .sixteen),
        ([:], .none), (["TERM": "linux"], .sixteen),
    ])
    func `the environment says how many colours there are`(
        environment: [String: String], expected: ColourDepth
    ) {
        #expect(ColourDepth { environment[$0] } == expected)
    }

    @Test func `without colours there is none in what is written`() {
        for style in Self.styles {
            let codes = style.sequence(.none).dropFirst(2).dropLast().split(separator: ";")
            #expect(codes.allSatisfy { ["0", "1", "2", "4", "7"].contains($0) })
        }
    }

    @Test func `a screen takes nothing outside of it`() {
        var screen = Screen(columns: 3, rows: 1)
        screen.put("漢字", row: 0, column: 0)
        #expect(screen.lines == ["漢"])
        screen.put("x", row: 1, column: 0)
        screen.put("x", row: 0, column: -1)
        screen.put("x", row: 0, column: 3)
        screen.fill(.bold, row: 0, from: 5, to: 2)
        #expect(screen.lines == ["漢"])
    }
}

/// Random numbers that are the same in every run.
struct Repeatable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
