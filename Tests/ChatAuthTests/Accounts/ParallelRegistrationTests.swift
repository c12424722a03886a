// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageMemory
import ChatStorageSQLite
import ChatTesting
import Testing

@testable import ChatAuth

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct `A hundred registrations at once` {
    @Test func `A2: one of them wins the name, in memory`() async throws {
        try await race(on: MemoryStore())
    }

    @Test func `A2: one of them wins the name, in SQLite`() async throws {
        let path = "\(TemporaryFolder.directory)/accounts-\(UInt64.random(in: 0...(.max))).sqlite"
        defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
        var options = SQLiteOptions()
        options.synchronous = .normal
        let store = SQLiteStore(path: path, options: options)
        try await store.open()
        try await race(on: store)
        await store.close()
    }

    private func race(on store: any ChatStore & AccountStore) async throws {
        let world = try AccountWorld(store: store)
        let names = ["eve", "Eve", " EVE ", "eve\u{200D}"]
        let outcomes = await withTaskGroup(of: WireError.Code?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let name = names[number % names.count]
                    return await refusal { () async throws(WireError) in
                        try await world.register(name, email: "eve\(number)@example.org")
                    }?.code
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == nil } == 1)
        #expect(outcomes.count { $0 == .usernameTaken } == 99)
        let byAddress = await withTaskGroup(of: WireError.Code?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    await refusal { () async throws(WireError) in
                        try await world.register(
                            "user \(number)", email: number % 2 == 0 ? "x@y.org" : "X@Y.ORG")
                    }?.code
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(byAddress.count { $0 == nil } == 1)
        #expect(byAddress.count { $0 == .emailTaken } == 99)
    }
}

/// Where files may be put for a moment.
private enum TemporaryFolder {
    static var directory: String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }
}
