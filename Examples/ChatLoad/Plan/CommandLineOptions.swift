// SPDX-License-Identifier: MIT

extension LoadPlan {
    /// The plan that a command line without the program's name asks for; nil if it asks for the help.
    static func parse(_ arguments: [String]) throws(UsageProblem) -> LoadPlan? {
        if arguments.contains("--help") || arguments.contains("-h") { return nil }
        guard let first = arguments.first, let mode = Mode(rawValue: first) else {
            throw UsageProblem(text: "the first argument is fanout, rooms, idle or connects")
        }
        var plan = LoadPlan(mode: mode)
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let option = LoadOption.all.first { "--\($0.name)" == parts.first }
            guard let option, parts.count == 1 || option.placeholder != nil else {
                throw UsageProblem(text: "unknown option: \(argument)")
            }
            guard option.placeholder != nil else {
                try option.apply(&plan, "")
                continue
            }
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                throw UsageProblem(text: "\(argument) needs a value")
            }
            try option.apply(&plan, value)
        }
        return try plan.completed()
    }

    static var help: String {
        var text = """
            chat-load: puts load on a chat server and checks what comes back.

            USAGE: chat-load fanout|rooms|idle|connects --port PORT [options]

              fanout    --conns N in one room, --senders S of them send
              rooms     --rooms R of --members M each, --senders S of each send
              idle      open --conns N, hold them, report the server's memory
              connects  connect, sign in, join, close, and again: --conns N in all or --duration seconds

            Defaults are in brackets. Exit code: 0 all is well, 1 something was lost, refused or wrong,
            2 a wrong command line.

            """
        for group in LoadOption.Group.allCases {
            text += "\n\(group.rawValue):\n"
            for option in LoadOption.all where option.group == group {
                let left = "  --\(option.name)" + (option.placeholder.map { " \($0)" } ?? "")
                text += left + String(repeating: " ", count: max(2, 24 - left.count))
                text += option.help + "\n"
            }
        }
        return text
    }
}
