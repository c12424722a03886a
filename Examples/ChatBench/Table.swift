// SPDX-License-Identifier: MIT

/// Results for people and for programs.
enum Table {
    static func text(_ results: [Result]) -> String {
        if results.isEmpty { return "" }
        let head = "\(padded("benchmark"))\(padded("ns", 12, isLeft: false))  operations\n"
        return results.reduce(into: head) { text, result in
            let nanoseconds = padded("\(tenths(result.nanoseconds))", 12, isLeft: false)
            text += "\(padded(result.benchmark.name))\(nanoseconds)  \(result.iterations)\n"
        }
    }

    static func json(_ results: [Result]) -> String {
        let objects = results.map { result in
            #"{"name":"\#(result.benchmark.name)","iterations":\#(result.iterations),"#
                + #""cpu_ns_per_operation":\#(tenths(result.nanoseconds))}"#
        }
        return "[\(objects.joined(separator: ",\n"))]"
    }

    static func padded(_ text: String, _ width: Int = 24, isLeft: Bool = true) -> String {
        let blanks = String(repeating: " ", count: max(1, width - text.count))
        return isLeft ? text + blanks : blanks + text
    }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
