// SPDX-License-Identifier: MIT

import ChatCore
import Glibc

/// Reads a generated log, one call after the other.
struct Measurement {
    let log: GeneratedLog
    let pages: Int
    let name: String

    func run(_ store: some ChatStore) async throws {
        try await store.open()
        var random = Random()
        func place(_ random: inout Random) -> (room: RoomID, seq: UInt64) {
            (
                RoomID(rawValue: 1 + random.next() % UInt64(log.rooms)),
                1 + random.next() % UInt64(log.messages)
            )
        }
        func page(_ room: RoomID, _ anchor: HistoryQuery.Anchor) async throws {
            let page = try await store.history(
                HistoryQuery(room: room, anchor: anchor, limit: 50))
            if page.messages.isEmpty, !page.isEnd {
                throw GeneratedLog.Failure(description: "an empty page at \(anchor)")
            }
        }
        // The first calls fill caches, and let Postgres choose its plans.
        for isMeasured in [false, true] {
            var places = Samples()
            var times = Samples()
            let before = Self.diskKiB()
            for _ in 0..<(isMeasured ? pages : pages / 4) {
                let (room, seq) = place(&random)
                try await places.measure {
                    try await page(room, .before(SequenceNumber(rawValue: seq)))
                }
                let at = GeneratedLog.startMilliseconds + Int64(seq) * 1_000
                try await times.measure {
                    try await page(room, .aroundTime(Timestamp(milliseconds: at)))
                }
            }
            if isMeasured {
                report("history", places)
                report("history_by_time", times)
                // What Postgres reads, this process does not know.
                if name == "sqlite", let before, let after = Self.diskKiB() {
                    print("{\"store\":\"sqlite\",\"history_disk_kib\":\(after - before)}")
                }
            }
        }
        if log.rooms > 1 { try await lists(store) }
        await store.close()
    }

    private func lists(_ store: some ChatStore) async throws {
        var list = Samples()
        var memberships = Samples()
        let query = JoinedRoomQuery(user: GeneratedLog.reader, limit: 1_000, members: 8)
        for number in 0..<25 {
            try await list.measure {
                let page = try await store.joinedRooms(query)
                let unread = page.rooms.map(\.membership.unread)
                guard unread == Array(repeating: log.messages / 10 * 9, count: log.rooms) else {
                    throw GeneratedLog.Failure(description: "wrong unread counts")
                }
            }
            try await memberships.measure {
                _ = try await store.memberships(of: GeneratedLog.reader)
            }
            if number == 0 {
                report("room_list_first", list)
                report("memberships_first", memberships)
            }
            if number == 4 { (list, memberships) = (Samples(), Samples()) }
        }
        report("room_list", list)
        report("memberships", memberships)
    }

    /// What this process has read from the disk, so that it is seen whether the file was in the system's memory.
    private static func diskKiB() -> Int? {
        guard let file = fopen("/proc/self/io", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            if text.hasPrefix("read_bytes: ") {
                return Int(text.dropFirst(12).dropLast()).map { $0 / 1_024 }
            }
        }
        return nil
    }

    private func report(_ call: String, _ samples: Samples) {
        print(
            "{\"store\":\"\(name)\",\"rooms\":\(log.rooms),\"messages\":\(log.messages),"
                + "\"call\":\"\(call)\",\(samples.json)}")
        fflush(nil)
    }
}

/// How long calls took.
struct Samples {
    private var microseconds: [Int64] = []

    mutating func measure(_ body: () async throws -> Void) async rethrows {
        let start = ContinuousClock.now
        try await body()
        microseconds.append(Int64((ContinuousClock.now - start) / .microseconds(1)))
    }

    var json: String {
        let sorted = microseconds.sorted()
        func at(_ share: Double) -> Int64 {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        return "\"calls\":\(sorted.count),\"p50_us\":\(at(0.5)),\"p99_us\":\(at(0.99))"
    }
}

/// SplitMix64: the same places in each run.
struct Random {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
