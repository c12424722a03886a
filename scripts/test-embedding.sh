#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proves that another package can depend on this one: a program that imports only the core and the SQLite
# store, built outside of this repository from a clone of its HEAD. Needs no network.
set -eu

root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

git clone --quiet "$root" "$work/swift-chat-engine"
mkdir -p "$work/embedder/Sources/Embedder"

cat >"$work/embedder/Package.swift" <<'SWIFT'
// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "embedder",
    platforms: [.macOS(.v26)],
    dependencies: [.package(path: "../swift-chat-engine")],
    targets: [
        .executableTarget(
            name: "Embedder",
            dependencies: [
                .product(name: "ChatCore", package: "swift-chat-engine"),
                .product(name: "ChatStorageSQLite", package: "swift-chat-engine"),
            ])
    ]
)
SWIFT

cat >"$work/embedder/Sources/Embedder/Embedder.swift" <<'SWIFT'
import ChatCore
import ChatStorageSQLite

@main struct Embedder {
    static func main() async throws {
        let store = SQLiteStore(path: CommandLine.arguments[1])
        try await store.open()
        let now = Timestamp(milliseconds: 1_767_323_045_678)
        let ada = try await store.addUser(
            UserRecord(id: UserID(rawValue: 1), name: "Ada", token: "t", isNameKept: false))
        let room = RoomRecord(id: RoomID(rawValue: 2), name: "Embedded", createdAt: now)
        _ = try await store.createRoom(room, owner: ada.id)
        let message = LogEntry(
            room: room.id, sender: ada.id, at: now,
            change: .message(text: "hello from another package", replyTo: nil))
        let outcomes = try await store.append(AppendBatch(entries: [message]))
        precondition(outcomes == [.stored(seq: 2, at: now)])
        let query = HistoryQuery(room: room.id, anchor: .latest, limit: 10)
        for message in try await store.history(query).messages {
            print("\(message.seq) \(message.at) \(message.senderName): \(message.text)")
        }
        await store.close()
    }
}
SWIFT

swift build --package-path "$work/embedder" --product Embedder
actual=$("$(swift build --package-path "$work/embedder" --show-bin-path)/Embedder" "$work/chat.sqlite")
expected='2 2026-01-02T03:04:05.678Z Ada: hello from another package'
if [ "$actual" != "$expected" ]; then
    printf 'expected: %s\ngot:      %s\n' "$expected" "$actual" >&2
    exit 1
fi
echo "embedding works: $actual"
