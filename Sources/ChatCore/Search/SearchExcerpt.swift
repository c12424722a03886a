// SPDX-License-Identifier: MIT

/// The part of a message that shows why it was found.
public struct SearchExcerpt: Sendable, Equatable {
    /// The message's text, or a part of it with "…" where something was left out.
    public var text: String
    /// What was looked for, in Unicode scalars of ``text``: ascending, without overlaps.
    public var highlights: [Range<Int>]

    /// Cuts an excerpt that begins a little before the first place that was found.
    ///
    /// - Parameters:
    ///   - text: the whole text.
    ///   - ranges: what was found in it, in Unicode scalars, ascending.
    ///   - maximumScalars: how long the excerpt may be, not counting a "…" at each end.
    public init(_ text: String, highlighting ranges: [Range<Int>], maximumScalars: Int) {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > maximumScalars else {
            self.text = text
            highlights = ranges
            return
        }
        let place = ranges.first?.lowerBound ?? 0
        let window = Self.window(around: place, of: scalars, max(1, maximumScalars))
        var excerpt = String.UnicodeScalarView()
        if window.lowerBound > 0 { excerpt.append("…") }
        let shift = window.lowerBound - excerpt.count
        excerpt.append(contentsOf: scalars[window])
        if window.upperBound < scalars.count { excerpt.append("…") }
        self.text = String(excerpt)
        highlights = ranges.compactMap { range in
            let visible = range.clamped(to: window)
            return visible.isEmpty
                ? nil : visible.lowerBound - shift..<visible.upperBound - shift
        }
    }

    /// A quarter of it lies before the place; its ends do not cut words, where words let them.
    private static func window(
        around place: Int, of scalars: [Unicode.Scalar], _ size: Int
    ) -> Range<Int> {
        let earliest = max(0, min(place - size / 4, scalars.count - size))
        var start = earliest
        while start > 0, start < place, !isBlank(scalars[start - 1]) { start += 1 }
        // Without a blank before the place: one long word, or a script that has none.
        if start == place, start > 0, !isBlank(scalars[start - 1]) { start = earliest }
        let latest = min(scalars.count, start + size)
        var end = latest
        if end < scalars.count {
            while end > place, !isBlank(scalars[end]) { end -= 1 }
            if end == place { end = latest }
        }
        return start..<end
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }
}
