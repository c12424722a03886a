// SPDX-License-Identifier: MIT

import ChatClient
import Glibc

/// Plays days of IRC logs into rooms, then compares what the server has with what was sent.
///
/// One thread and one poll(2) loop drive all users. A connection that is lost is made again, and
/// what was not acknowledged is sent again with the same client id, so that a server that is killed
/// in the middle loses nothing and doubles nothing.
final class Replay {
    private let context: ReplayUser.Context
    private let parallel: Int
    private var days: ArraySlice<IRCDay>
    private var rooms: [ReplayRoom] = []
    private var finished: [ReplayRoom] = []
    private static var stallMilliseconds: Int { 120_000 }

    init(_ arguments: [String]) throws(Options.Problem) {
        let options = try Options(
            arguments,
            values: [
                "data", "days", "files", "host", "tcp-port", "ws-port", "users-per-day", "window",
                "parallel-days", "resume-log",
            ], switches: [])
        guard let folder = options.string("data") else {
            throw Options.Problem(text: "--data is required")
        }
        let host = options.string("host") ?? "127.0.0.1"
        context = ReplayUser.Context(
            window: try options.integer("window", default: 64),
            log: try ResumeLog(path: options.string("resume-log")),
            tcp: Address(host: host, port: try options.integer("tcp-port", default: 7070)),
            webSocket: Address(host: host, port: try options.integer("ws-port", default: 8080)))
        parallel = try options.integer("parallel-days", default: 4)
        days = try Self.read(options, folder: folder)[...]
    }

    private static func read(
        _ options: Options, folder: String
    ) throws(Options.Problem) -> [IRCDay] {
        let cap = try options.integer("users-per-day", default: 20)
        var names: [String]
        if let files = options.string("files") {
            names = files.split(separator: ",").map(String.init)
        } else {
            guard let all = Files.list(folder) else {
                throw Options.Problem(text: "cannot read the folder \(folder)")
            }
            names = all.filter { $0.hasSuffix(".txt") }
            names = Array(names.prefix(try options.integer("days", default: .max)))
        }
        var days: [IRCDay] = []
        for name in names {
            let file = name.hasSuffix(".txt") ? name : name + ".txt"
            let room = String(file.dropLast(4))
            guard let day = IRCDay(path: "\(folder)/\(file)", room: room, cap: cap) else {
                throw Options.Problem(text: "cannot read \(folder)/\(file)")
            }
            days.append(day)
        }
        if days.isEmpty { throw Options.Problem(text: "no days in \(folder)") }
        return days
    }

    /// Plays and compares; the result is the exit code.
    func run() -> Int32 {
        let (dayCount, skipped) = (days.count, days.reduce(0) { $0 + $1.skipped })
        let start = monotonicMilliseconds()
        var failure: String?
        while failure == nil {
            while rooms.count < parallel, let day = days.popFirst() {
                rooms.append(ReplayRoom(day, context: context))
            }
            if rooms.isEmpty { break }
            turn()
            context.log.flush()
            for room in rooms { room.check() }
            failure = rooms.lazy.compactMap(\.failure).first
            let now = monotonicMilliseconds()
            if now - context.counts.lastProgress > Self.stallMilliseconds {
                failure = "nothing moved for \(Self.stallMilliseconds / 1_000) s"
            }
            finished += rooms.filter(\.isFinished)
            rooms.removeAll(where: \.isFinished)
        }
        if let failure { Output.complain("chat-cli replay: \(failure)\n") }
        let mismatches = finished.reduce(into: ReplayRoom.Mismatches()) { $0 += $1.mismatches }
        let isGood = failure == nil && mismatches.total == 0 && finished.count == dayCount
        summarise(mismatches, start: start, skipped: skipped, isGood: isGood)
        return isGood ? 0 : 1
    }

    private func turn() {
        let users = rooms.flatMap(\.active)
        var entries: [pollfd] = []
        var owners: [ReplayUser] = []
        var deadline = monotonicMilliseconds() + 1_000
        for user in users {
            if let channel = user.channel {
                entries.append(pollfd(fd: channel.descriptor, events: channel.events, revents: 0))
                owners.append(user)
            }
            deadline = min(deadline, user.deadline ?? deadline)
        }
        let wait = max(0, deadline - monotonicMilliseconds())
        guard poll(&entries, nfds_t(entries.count), Int32(wait)) >= 0 else { return }
        for (entry, user) in zip(entries, owners) where entry.revents != 0 {
            user.ready(entry.revents)
        }
        let now = monotonicMilliseconds()
        for user in users { user.runTimer(now: now) }
    }

    private func summarise(
        _ mismatches: ReplayRoom.Mismatches, start: Int, skipped: Int, isGood: Bool
    ) {
        let counts = context.counts
        let sending = max(1, counts.lastAnswer - (counts.firstSend ?? counts.lastAnswer))
        let summary: JSONValue = [
            "ok": .bool(isGood),
            "rooms": .int(finished.count),
            "users": .int(finished.reduce(0) { $0 + $1.users.count }),
            "messages": .int(finished.reduce(0) { $0 + $1.messageCount }),
            "acknowledged_now": .int(counts.acknowledged),
            "duplicates": .int(counts.duplicates),
            "refusals": .int(counts.refusals),
            "reconnects": .int(counts.reconnects),
            "events": .int(counts.events),
            "skipped": .int(skipped),
            "send_ms": .int(sending),
            "total_ms": .int(monotonicMilliseconds() - start),
            "messages_per_s": .int(counts.acknowledged * 1_000 / sending),
            "mismatches": [
                "missing": .int(mismatches.missing), "texts": .int(mismatches.texts),
                "authors": .int(mismatches.authors), "unexpected": .int(mismatches.unexpected),
                "disorder": .int(mismatches.disorder), "holes": .int(mismatches.holes),
                "repeats": .int(mismatches.repeats),
            ],
        ]
        Output.write(String(decoding: summary.encoded, as: UTF8.self) + "\n")
    }
}
