// SPDX-License-Identifier: MIT

import Glibc

@main struct Main {
    static func main() {
        // A peer that went away is told by the result of a write.
        signal(SIGPIPE, SIG_IGN)
        do throws(UsageProblem) {
            guard let plan = try LoadPlan.parse(Array(CommandLine.arguments.dropFirst())) else {
                StandardStream.output.write(LoadPlan.help)
                return
            }
            let report = try LoadRun(plan: plan).run()
            StandardStream.output.write(plan.isJSON ? report.json + "\n" : report.table)
            if !report.faults.isEmpty {
                if plan.isJSON {
                    let text = report.faults.joined(separator: "; ")
                    let first = report.numberFaults.first.map { " (first: \($0))" } ?? ""
                    StandardStream.error.write("chat-load: \(text)\(first)\n")
                }
                exit(1)
            }
        } catch {
            StandardStream.error.write(
                "chat-load: \(error.text)\nchat-load --help lists the options\n")
            exit(2)
        }
    }
}
