// SPDX-License-Identifier: MIT

import ChatTesting
import Foundation
import Testing

/// The conversation of one ```` ```chat ```` block.
struct ProtocolScript: CustomTestStringConvertible {
    enum Step {
        case send(client: String, text: String)
        case expect(client: String, pattern: JSONValue)
    }

    /// The line of the document at which the block begins.
    let line: Int
    let steps: [(line: Int, step: Step)]

    var testDescription: String { "block at line \(line)" }

    /// Every block of `docs/protocol.md`.
    static func all() -> [ProtocolScript] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/protocol.md")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return read(text)
    }

    static func read(_ text: String) -> [ProtocolScript] {
        var scripts: [ProtocolScript] = []
        var start: Int?
        var steps: [(line: Int, step: Step)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if line == "```chat" {
                start = index + 1
                steps = []
            } else if line == "```", let begin = start {
                scripts.append(ProtocolScript(line: begin, steps: steps))
                start = nil
            } else if start != nil, let step = step(String(line)) {
                steps.append((index + 1, step))
            }
        }
        return scripts
    }

    private static func step(_ line: String) -> Step? {
        guard let mark = line.firstIndex(where: { $0 == ">" || $0 == "<" }) else { return nil }
        let client = String(line[..<mark])
        let text = String(line[line.index(after: mark)...].drop { $0 == " " })
        if line[mark] == ">" { return .send(client: client, text: text) }
        guard let pattern = JSONValue(parsing: quotingTokens(text)) else { return nil }
        return .expect(client: client, pattern: pattern)
    }

    /// `…` and `$x` outside of strings become strings, so that a pattern is JSON.
    private static func quotingTokens(_ text: String) -> String {
        var result = ""
        var isInString = false
        var isInToken = false
        var previous: Character = " "
        for character in text {
            if isInToken, !character.isLetter {
                result += "\""
                isInToken = false
            }
            if character == "\"" && previous != "\\" { isInString.toggle() }
            if !isInString && character == "…" {
                result += "\"…\""
            } else {
                if !isInString && character == "$" {
                    result += "\""
                    isInToken = true
                }
                result.append(character)
            }
            previous = character
        }
        return result
    }
}

/// What `$x` stands for.
struct ProtocolBindings {
    private(set) var values: [String: JSONValue] = [:]

    /// The text to send: every `$x` replaced.
    func filled(_ text: String) -> String {
        var text = text
        for (name, value) in values.sorted(by: { $0.key.count > $1.key.count }) {
            text = text.replacingOccurrences(of: "\"$\(name)\"", with: value.description)
            text = text.replacingOccurrences(of: "$\(name)", with: value.description)
        }
        return text
    }

    /// Whether `actual` has everything that `pattern` asks for; binds what is seen for the first time.
    mutating func match(_ pattern: JSONValue, _ actual: JSONValue) -> Bool {
        let before = values
        if matches(pattern, actual) { return true }
        values = before
        return false
    }

    private mutating func matches(_ pattern: JSONValue, _ actual: JSONValue) -> Bool {
        switch pattern {
        case .string("…"): return actual != .null
        case .string(let text) where text.hasPrefix("$"):
            let name = String(text.dropFirst())
            if let bound = values[name] { return bound == actual }
            values[name] = actual
            return actual != .null
        case .object:
            for key in pattern.keys where !matches(pattern[key], actual[key]) { return false }
            return true
        case .array(let patterns):
            let elements = actual.elements
            guard patterns.count == elements.count else { return false }
            for (pattern, element) in zip(patterns, elements) where !matches(pattern, element) {
                return false
            }
            return true
        default: return pattern == actual
        }
    }
}
