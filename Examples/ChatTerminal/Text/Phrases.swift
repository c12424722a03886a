// SPDX-License-Identifier: MIT

/// Sentences and sizes.
enum Phrases {
    /// `A is typing`, `A and B are typing`, `A, B and 3 others are typing`; nothing for nobody.
    static func typing(_ names: [String]) -> String {
        switch names.count {
        case 0: ""
        case 1: "\(names[0]) is typing"
        case 2: "\(names[0]) and \(names[1]) are typing"
        case 3: "\(names[0]), \(names[1]) and 1 other are typing"
        default: "\(names[0]), \(names[1]) and \(names.count - 2) others are typing"
        }
    }

    /// `48.2 kB`.
    static func size(_ bytes: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var (tenths, unit) = (bytes * 10, 0)
        while tenths >= 10_000, unit < units.count - 1 {
            tenths = (tenths + 500) / 1_000
            unit += 1
        }
        return unit == 0 || tenths >= 1_000
            ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    static func count(_ count: Int, _ thing: String) -> String {
        count == 1 ? "1 \(thing)" : "\(count) \(thing)s"
    }
}
