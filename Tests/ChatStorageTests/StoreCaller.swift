// SPDX-License-Identifier: MIT

import ChatCore

@testable import ChatSockets

/// Who appends to a store: the test's own task, or an event loop under a reactor, as in a server.
struct StoreCaller: Sendable {
    enum Kind: CaseIterable {
        case task, loop
    }

    let loop: EventLoop?
    private let reactors: ReactorGroup

    init(_ kind: Kind) async throws {
        let loops = kind == .loop ? [EventLoop()] : []
        loop = loops.first
        reactors = ReactorGroup(loops: loops)
        try await reactors.acquire()
    }

    func append(_ batch: AppendBatch, to store: any ChatStore) async throws -> [AppendOutcome] {
        guard let loop else { return try await store.append(batch) }
        return try await store.append(batch, on: loop)
    }

    /// How many descriptors of stores the loop waits for.
    var watchCount: Int {
        get async { await loop?.run { ($0.attachedDriver as? Reactor)?.watches.count ?? 0 } ?? 0 }
    }

    /// Takes the reactor from the loop.
    func stop() async { await reactors.release() }
}
