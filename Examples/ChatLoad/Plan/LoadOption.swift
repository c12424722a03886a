// SPDX-License-Identifier: MIT

/// One option: what the help says of it, and what it changes. The command line and `--help` both come from
/// the table, so that neither knows an option that the other does not.
struct LoadOption {
    enum Group: String, CaseIterable {
        case server, dialect, shape, load, time, machine, report
    }

    let group: Group
    let name: String
    /// What stands for the value in the help; nil for a switch.
    let placeholder: String?
    let help: String
    let apply: (inout LoadPlan, String) throws(UsageProblem) -> Void

    private init(
        _ group: Group, _ name: String, _ placeholder: String?, _ help: String,
        _ apply: @escaping (inout LoadPlan, String) throws(UsageProblem) -> Void
    ) {
        self.group = group
        self.name = name
        self.placeholder = placeholder
        self.help = help
        self.apply = apply
    }

    private static func count(
        _ group: Group, _ name: String, _ help: String, _ field: WritableKeyPath<LoadPlan, Int>,
        from least: Int = 1
    ) -> LoadOption {
        LoadOption(group, name, "N", help) { (plan, text) throws(UsageProblem) in
            guard let value = Int(text), value >= least else {
                throw UsageProblem(text: "--\(name) needs a number from \(least) on, not \(text)")
            }
            plan[keyPath: field] = value
        }
    }

    private static func number(
        _ group: Group, _ name: String, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<LoadPlan, Double>
    ) -> LoadOption {
        LoadOption(group, name, placeholder, help) { (plan, text) throws(UsageProblem) in
            guard let value = Double(text), value >= 0, value < 1e9 else {
                throw UsageProblem(text: "--\(name) needs a number, not \(text)")
            }
            plan[keyPath: field] = value
        }
    }

    private static func text(
        _ group: Group, _ name: String, _ placeholder: String, _ help: String,
        _ field: WritableKeyPath<LoadPlan, String>
    ) -> LoadOption {
        LoadOption(group, name, placeholder, help) { (plan, text) in plan[keyPath: field] = text }
    }

    private static func flag(
        _ group: Group, _ name: String, _ help: String, _ field: WritableKeyPath<LoadPlan, Bool>
    ) -> LoadOption {
        LoadOption(group, name, nil, help) { (plan, _) in plan[keyPath: field] = true }
    }

    static var all: [LoadOption] { server + dialect + shape + load + time + machine + report }

    private static var server: [LoadOption] {
        [
            text(
                .server, "host", "ADDRESS", "IPv4 address or name of the server (127.0.0.1)", \.host
            ),
            count(.server, "port", "its port", \.port),
            text(.server, "path", "PATH", "WebSocket path of a chat server (/ws)", \.path),
            flag(.server, "tcp", "one message per line over TCP instead of WebSocket", \.overTCP),
            LoadOption(.server, "pid", "P[,P]", "processes whose CPU time and memory are reported")
            {
                (plan, text) throws(UsageProblem) in
                for part in text.split(separator: ",") {
                    guard let process = Int32(part), process > 0 else {
                        throw UsageProblem(text: "--pid needs process ids, not \(text)")
                    }
                    plan.processes.append(process)
                }
            },
        ]
    }

    private static var dialect: [LoadOption] {
        [
            LoadOption(
                .dialect, "protocol", "NAME",
                "chat (docs/protocol.md), raw (WebSocket relay, the room is the path), redis, nats or irc"
            ) { (plan, text) throws(UsageProblem) in
                guard let dialect = Dialect(rawValue: text) else {
                    throw UsageProblem(
                        text: "--protocol is chat, raw, redis, nats or irc, not \(text)")
                }
                plan.dialect = dialect
            },
            LoadOption(.dialect, "raw", nil, "the same as --protocol raw") { (plan, _) in
                plan.dialect = .raw
            },
            LoadOption(
                .dialect, "room", "NAME",
                "room's name (general); in `rooms` the beginning of the names; made if it is not there"
            ) { (plan, text) in plan.roomName = text },
            text(.dialect, "users", "PREFIX", "beginning of the users' names (load)", \.userPrefix),
            flag(
                .dialect, "client-ids", "send each message with a client_id of its own",
                \.sendsClientIDs),
            flag(
                .dialect, "bare", "idle, connects: connect (and upgrade) only, sign nobody in",
                \.isBare),
        ]
    }

    private static var shape: [LoadOption] {
        [
            count(
                .shape, "conns",
                "connections in fanout and idle; in connects: how many in all (100)",
                \.connectionCount),
            count(.shape, "rooms", "rooms in `rooms` (1)", \.roomCount),
            count(.shape, "members", "members of each room in `rooms` (10)", \.membersPerRoom),
            count(.shape, "senders", "members of each room who send (1)", \.sendersPerRoom),
            count(
                .shape, "slow",
                "fanout: members who stop reading; the figures are about the others (0)",
                \.slowCount, from: 0),
        ]
    }

    private static var load: [LoadOption] {
        [
            count(
                .load, "window", "closed loop: messages that each sender keeps in flight (1)",
                \.window),
            number(
                .load, "rate", "R",
                "open loop: messages per second in all; latency counts from when a message was due",
                \.rate),
            count(.load, "size", "bytes of text in a message (128)", \.payloadSize),
        ]
    }

    private static var time: [LoadOption] {
        [
            number(
                .time, "warmup", "S", "seconds of load before the measurement (1)", \.warmupSeconds),
            number(.time, "duration", "S", "seconds of measurement (5)", \.durationSeconds),
            number(
                .time, "drain", "S", "how long to wait for what is missing at the end (5)",
                \.drainSeconds),
            number(
                .time, "hold", "S", "idle: seconds before the memory is read (2)", \.holdSeconds),
            number(
                .time, "setup-timeout", "S", "how long connecting may take (60)",
                \.setupTimeoutSeconds),
        ]
    }

    private static var machine: [LoadOption] {
        [
            count(.machine, "threads", "threads (1)", \.threadCount),
            count(
                .machine, "concurrency", "handshakes at once, per thread (64)", \.handshakesAtOnce),
            count(
                .machine, "sources",
                "local addresses 127.0.1.1, 127.0.1.2 … to connect from (one for every 15000 connections)",
                \.sourceCount),
            flag(
                .machine, "spin", "never sleep, so that the server does not pay for waking us",
                \.spins),
        ]
    }

    private static var report: [LoadOption] {
        [
            text(.report, "name", "TEXT", "a name for the report", \.name),
            flag(.report, "json", "one line of JSON instead of the table", \.isJSON),
            flag(.report, "progress", "a line per second on standard error", \.showsProgress),
            LoadOption(
                .report, "verify", nil,
                "check order, gaps and duplicates of every delivery (default with the chat protocol)"
            ) { (plan, _) in plan.verifies = true },
            LoadOption(.report, "no-verify", nil, "only count") { (plan, _) in plan.verifies = false
            },
        ]
    }
}
