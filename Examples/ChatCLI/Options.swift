// SPDX-License-Identifier: MIT

/// The command line: `--key value` and `--switch`, in any order.
struct Options {
    private var values: [String: String] = [:]
    private var switches: Set<String> = []

    /// What is wrong with a command line, in words for the person who wrote it.
    struct Problem: Error {
        let text: String
    }

    init(
        _ arguments: [String], values names: Set<String>, switches known: Set<String>
    ) throws(Problem) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let name = parts.first.map { String($0.drop { $0 == "-" }) } ?? ""
            if known.contains(name), parts.count == 1, argument.hasPrefix("--") {
                switches.insert(name)
            } else if names.contains(name), argument.hasPrefix("--") {
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                    throw Problem(text: "--\(name) needs a value")
                }
                values[name] = value
            } else {
                throw Problem(text: "unknown argument: \(argument)")
            }
        }
    }

    func has(_ name: String) -> Bool { switches.contains(name) }

    func string(_ name: String) -> String? { values[name] }

    func integer(_ name: String, default fallback: Int) throws(Problem) -> Int {
        guard let text = values[name] else { return fallback }
        guard let value = Int(text), value > 0 else {
            throw Problem(text: "--\(name) needs a positive number, not \(text)")
        }
        return value
    }
}
