// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTesting
import Foundation

@testable import ChatActivityLog

/// A directory that goes with its owner.
final class TemporaryFolder {
    let url = FileManager.default.temporaryDirectory
        .appending(path: "chat-activity-\(UUID().uuidString)")

    var path: String { url.path }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The names in it, sorted.
    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func text(_ name: String) -> String {
        (try? String(decoding: Data(contentsOf: url.appending(path: name)), as: UTF8.self)) ?? ""
    }

    /// The lines of a file, each of which must be a JSON object.
    func lines(_ name: String) -> [JSONValue] {
        text(name).split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            JSONValue(parsing: String($0)) ?? .null
        }
    }

    func write(_ text: String, to name: String) throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url.appending(path: name))
    }
}

/// What was told of a log.
final class Notices: Sendable {
    private let list = Lock<[ActivityLogNotice]>([])

    var all: [ActivityLogNotice] { list.withLock { $0 } }

    func add(_ notice: ActivityLogNotice) { list.withLock { $0.append(notice) } }
}

/// 2026-01-02, half a minute before midnight.
let evening = Timestamp("2026-01-02T23:59:30.000Z") ?? Timestamp(milliseconds: 0)
let ana = UserReference(id: UserID(rawValue: 1), name: "ana")
let tea = ActivityRoom(id: RoomID(rawValue: 2), name: "tea")
let peer = PeerInfo(address: "192.0.2.7", transport: "tcp")

func message(_ number: Int, _ text: String = "hello") -> Activity {
    .changed(
        .message(text: text, replyTo: nil), seq: SequenceNumber(rawValue: UInt64(number)),
        subject: "ana", tea, by: ana)
}

extension Timestamp {
    func later(milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: self.milliseconds + milliseconds)
    }
}

extension FileActivityLog {
    /// Waits until nothing waits for the disk: what was recorded before is written or lost.
    func settle() async { while counts.waiting > 0 { await Task.yield() } }
}
