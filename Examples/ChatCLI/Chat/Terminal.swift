// SPDX-License-Identifier: MIT

import Glibc

/// Where lines are shown and typed: at a terminal with a line that stays at the bottom, or plainly.
final class Terminal {
    enum Style: String {
        case plain = "0"
        case faint = "2"
        case bold = "1"
        case blue = "34"
        case red = "31"
        case green = "32"
    }

    /// Whether keys are read one by one.
    let isInteractive: Bool
    private let hasColours: Bool
    private var typed: [Character] = []
    private var partial: [UInt8] = []
    private var inEscape = false
    // Written once, before anything could read it: this program has one thread.
    private nonisolated(unsafe) static var saved = termios()

    init(plain: Bool) {
        isInteractive = !plain && isatty(0) == 1 && isatty(1) == 1
        hasColours = isInteractive && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        guard isInteractive else { return }
        tcgetattr(0, &Self.saved)
        var raw = Self.saved
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(0, TCSANOW, &raw)
        atexit { Terminal.restore() }
    }

    private static func restore() { tcsetattr(0, TCSANOW, &saved) }

    /// The line as typed so far.
    var draft: String { String(typed) }

    func show(_ text: String, _ style: Style = .plain) {
        // What others wrote must not reach the terminal as commands to it.
        let safe = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control: scalar == "\n" || scalar == "\t" ? scalar : "\u{FFFD}"
                    // Marks that reverse the direction of what follows.
                    case .format where (0x202A...0x202E).contains(scalar.value): "\u{FFFD}"
                    default: scalar
                    }
                }))
        // A line of a message cannot look like a line of ours.
        let indented = safe.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n    ")
        let line =
            hasColours && style != .plain
            ? "\u{1B}[\(style.rawValue)m\(indented)\u{1B}[0m" : indented
        Output.write(isInteractive ? "\r\u{1B}[K\(line)\n" : "\(line)\n")
        redraw()
    }

    func redraw() {
        guard isInteractive else { return }
        // Only what fits into the line: the end is where one types.
        Output.write("\r\u{1B}[K> \(String(typed.suffix(max(8, width - 4))))")
    }

    private var width: Int {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    enum Input {
        case line(String)
        case changed
        case end
    }

    /// Reads what there is on the standard input.
    func read() -> [Input] {
        var space = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(0, &space, space.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : [.end] }
        guard count > 0 else {
            let rest = partial
            partial = []
            return rest.isEmpty ? [.end] : [.line(String(decoding: rest, as: UTF8.self)), .end]
        }
        return isInteractive ? edit(space[..<count]) : lines(space[..<count])
    }

    private func lines(_ bytes: ArraySlice<UInt8>) -> [Input] {
        var inputs: [Input] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0A) {
            var line = partial + rest[..<end]
            if line.last == 0x0D { line.removeLast() }
            inputs.append(.line(String(decoding: line, as: UTF8.self)))
            partial = []
            rest = rest[(end + 1)...]
        }
        partial += rest
        return inputs
    }

    private func edit(_ bytes: ArraySlice<UInt8>) -> [Input] {
        var inputs: [Input] = []
        for byte in bytes {
            if inEscape {
                // Arrow keys and the like: ESC [ … letter.
                inEscape = !(0x40...0x7E).contains(byte) || byte == UInt8(ascii: "[")
                continue
            }
            switch byte {
            case 0x0A, 0x0D:
                inputs.append(.line(draft))
                typed = []
            case 0x08, 0x7F: _ = typed.popLast()
            case 0x15: typed = []
            case 0x04:
                if typed.isEmpty { return inputs + [.end] }
            case 0x1B: inEscape = true
            case 0..<0x20: break
            default:
                partial.append(byte)
                // A character of several bytes may come in pieces.
                if let text = String(validating: partial, as: UTF8.self) {
                    typed = Array(String(typed) + text)
                    partial = []
                } else if partial.count >= 4 {
                    partial = []
                }
            }
        }
        redraw()
        return inputs + [.changed]
    }
}
