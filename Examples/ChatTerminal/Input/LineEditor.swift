// SPDX-License-Identifier: MIT

/// The line that one types: a cursor, words, what was cut last, and what was sent before.
struct LineEditor: Equatable, Sendable {
    /// What a key did.
    enum Outcome: Equatable, Sendable {
        /// The key means nothing here.
        case ignored
        /// The cursor is elsewhere.
        case moved
        case changed
        case submitted(String)
    }

    /// The most lines that are remembered.
    static let historyLines = 200
    /// The most characters of a line.
    static let longest = 20_000

    private var characters: [Character] = []
    private(set) var cursor = 0
    private var history: [String] = []
    /// Where in the history one looks; `history.count` is the line of now.
    private var place = 0
    private var unfinished = ""
    private var cut = ""

    init() {}

    var text: String { String(characters) }
    var isEmpty: Bool { characters.isEmpty }

    /// Takes a key.
    mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .text(let text): insert(text)
        case .paste(let text): insert(HarmlessText.lines(text))
        case .lineBreak: insert("\n")
        case .enter: submit()
        case .left, .control("b"): move(to: cursor - 1)
        case .right, .control("f"): move(to: cursor + 1)
        case .home, .control("a"): move(to: lineStart)
        case .end, .control("e"): move(to: lineEnd)
        case .wordLeft, .alt("b"): move(to: wordStart)
        case .wordRight, .alt("f"): move(to: wordEnd)
        case .up: recall(place - 1)
        case .down: recall(place + 1)
        case .backspace: remove(from: cursor - 1, to: cursor)
        case .delete: remove(from: cursor, to: cursor + 1)
        case .control("k"): remove(from: cursor, to: lineEnd, keeps: true)
        case .control("u"): remove(from: lineStart, to: cursor, keeps: true)
        case .control("w"): remove(from: blankStart, to: cursor, keeps: true)
        case .alt("\u{7F}"): remove(from: wordStart, to: cursor, keeps: true)
        case .alt("d"): remove(from: cursor, to: wordEnd, keeps: true)
        case .control("y"): insert(cut)
        case .control("t"): transpose()
        default: .ignored
        }
    }

    /// Puts a text in place of the line.
    mutating func replace(_ text: String) {
        characters = Array(text)
        cursor = characters.count
    }

    /// Puts a text in place of what is before the cursor from a place on.
    mutating func complete(from start: Int, with text: String) {
        characters.replaceSubrange(start..<cursor, with: [])
        cursor = start
        _ = insert(text)
    }

    /// What was typed before the cursor.
    var beforeCursor: [Character] { Array(characters[..<cursor]) }

    private mutating func insert(_ new: String) -> Outcome {
        guard !new.isEmpty, characters.count < Self.longest else { return .ignored }
        // A mark joins the character before it, so what is one character is found anew.
        let before = String(characters[..<cursor]) + new
        let after = String(characters[cursor...])
        characters = Array(before + after)
        cursor = characters.count - Array(after).count
        return .changed
    }

    private mutating func submit() -> Outcome {
        let line = text
        replace("")
        unfinished = ""
        if !line.isEmpty, history.last != line { history.append(line) }
        if history.count > Self.historyLines { history.removeFirst() }
        place = history.count
        return .submitted(line)
    }

    private mutating func recall(_ new: Int) -> Outcome {
        guard (0...history.count).contains(new), new != place else { return .ignored }
        if place == history.count { unfinished = text }
        place = new
        replace(place == history.count ? unfinished : history[place])
        return .changed
    }

    private mutating func move(to new: Int) -> Outcome {
        let new = min(max(0, new), characters.count)
        guard new != cursor else { return .ignored }
        cursor = new
        return .moved
    }

    private mutating func remove(from start: Int, to end: Int, keeps: Bool = false) -> Outcome {
        let (start, end) = (max(0, start), min(end, characters.count))
        guard start < end else { return .ignored }
        if keeps { cut = String(characters[start..<end]) }
        characters.removeSubrange(start..<end)
        cursor = start
        return .changed
    }

    private mutating func transpose() -> Outcome {
        guard cursor > 0, characters.count > 1 else { return .ignored }
        let second = min(cursor, characters.count - 1)
        characters.swapAt(second - 1, second)
        cursor = second + 1
        return .changed
    }

    // MARK: Places

    private var lineStart: Int {
        (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1
    }

    private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }

    /// Back over blanks, then over what is none.
    private var blankStart: Int { start { !$0.isWhitespace } }

    /// Back over what is no letter, then over letters.
    private var wordStart: Int { start { $0.isLetter || $0.isNumber } }

    private func start(_ isInside: (Character) -> Bool) -> Int {
        var index = cursor
        while index > 0, !isInside(characters[index - 1]) { index -= 1 }
        while index > 0, isInside(characters[index - 1]) { index -= 1 }
        return index
    }

    private var wordEnd: Int {
        var index = cursor
        let isInside: (Character) -> Bool = { $0.isLetter || $0.isNumber }
        while index < characters.count, !isInside(characters[index]) { index += 1 }
        while index < characters.count, isInside(characters[index]) { index += 1 }
        return index
    }
}
