// SPDX-License-Identifier: MIT

/// How a cell looks.
public struct Style: Hashable, Sendable {
    /// A colour; how it is told to the terminal depends on what that knows.
    public enum Colour: Hashable, Sendable {
        /// One of the terminal's own sixteen, which fit its background.
        case own(UInt8)
        /// Red, green and blue.
        case rgb(UInt32)
    }

    /// Of the characters; `nil` for the terminal's.
    public var foreground: Colour?
    /// Behind them.
    public var background: Colour?
    /// Heavier.
    public var isBold = false
    /// Paler.
    public var isFaint = false
    /// Foreground and background changed.
    public var isReversed = false
    /// With a line below.
    public var isUnderlined = false

    /// Makes a style.
    public init(
        _ foreground: Colour? = nil, on background: Colour? = nil, bold: Bool = false,
        faint: Bool = false, reversed: Bool = false, underlined: Bool = false
    ) {
        self.foreground = foreground
        self.background = background
        isBold = bold
        isFaint = faint
        isReversed = reversed
        isUnderlined = underlined
    }

    static let plain = Style()
    static let bold = Style(bold: true)
    static let faint = Style(faint: true)
    static let reversed = Style(reversed: true)
    static let good = Style(.own(2))
    static let bad = Style(.own(1), bold: true)
    static let warning = Style(.own(3), bold: true)
    static let accent = Style(.own(6), bold: true)
    static let read = Style(.own(12), bold: true)
}

/// How many colours a terminal shows.
public enum ColourDepth: Sendable, Equatable {
    /// None, by the person's wish (`NO_COLOR`) or the terminal's nature.
    case none
    case sixteen
    case indexed
    case true24

    /// What the environment says.
    public init(environment: (String) -> String?) {
        if let wish = environment("NO_COLOR"), !wish.isEmpty {
            self = .none
            return
        }
        let term = environment("TERM") ?? ""
        switch environment("COLORTERM") {
        case "truecolor", "24bit": self = .true24
        case _ where term.isEmpty || term == "dumb" || term.hasPrefix("vt"): self = .none
        case _ where term.contains("256") || term.contains("direct"): self = .indexed
        default: self = .sixteen
        }
    }
}

extension Style {
    /// The control sequence that sets exactly this style.
    func sequence(_ depth: ColourDepth) -> String {
        var codes = ["0"]
        if isBold { codes.append("1") }
        if isFaint { codes.append("2") }
        if isUnderlined { codes.append("4") }
        if isReversed { codes.append("7") }
        if let foreground { codes += Self.codes(foreground, depth, base: 30) }
        if let background { codes += Self.codes(background, depth, base: 40) }
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }

    private static func codes(_ colour: Colour, _ depth: ColourDepth, base: Int) -> [String] {
        switch (depth, colour) {
        case (.none, _): []
        case (_, .own(let index)):
            [String(index < 8 ? base + Int(index) : base + 60 + Int(index) - 8)]
        case (.true24, .rgb(let rgb)):
            ["\(base + 8)", "2", "\(rgb >> 16 & 255)", "\(rgb >> 8 & 255)", "\(rgb & 255)"]
        case (.indexed, .rgb(let rgb)): ["\(base + 8)", "5", "\(cube(rgb))"]
        case (.sixteen, .rgb(let rgb)): ["\(base + nearest(rgb))"]
        }
    }

    /// The nearest of the 6 × 6 × 6 colours that begin at 16.
    private static func cube(_ rgb: UInt32) -> UInt32 {
        let steps = [rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255].map { level -> UInt32 in
            level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40
        }
        return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    }

    /// The nearest of the terminal's first eight: red is 1, green 2, blue 4.
    private static func nearest(_ rgb: UInt32) -> Int {
        let parts = [rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255]
        let threshold = (parts.max() ?? 0) * 2 / 3
        let index = parts.enumerated().reduce(0) {
            $0 | ($1.element > threshold ? 1 << $1.offset : 0)
        }
        return index == 0 || index == 7 ? 4 : index
    }
}
