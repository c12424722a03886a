// SPDX-License-Identifier: MIT

import ChatCore

/// The connections of a reactor on which nobody has signed in, oldest first.
///
/// Together they may hold so many bytes; beyond that, the one that has been there longest is let go. So a flood of
/// half-open connections pushes out itself, and those who come to sign in get through.
final class Newcomers {
    /// What a connection holds besides bytes: its objects, and the kernel's.
    static let plainBytes: Int32 = 4_096
    /// The same with a TLS handshake under way.
    static let secureBytes: Int32 = 49_152

    /// How many bytes they hold.
    private(set) var bytes = 0
    private var limit: Int?
    /// In the order of arrival; `nil` for those who have left.
    private var queue: ContiguousArray<StreamConnection?> = []
    /// All before are gone.
    private var head = 0
    private var count = 0

    /// Sets the bound; several servers on one reactor share the smallest.
    func limit(_ bytes: Int) { limit = min(limit ?? .max, bytes) }

    /// A connection has come.
    func enter(_ connection: StreamConnection) {
        guard limit != nil, connection.isCounted else { return }
        compact()
        connection.newcomerBytes = 0
        connection.newcomerIndex = Int32(queue.count)
        queue.append(connection)
        count += 1
        update(connection)
    }

    /// What a connection holds has changed.
    func update(_ connection: StreamConnection) {
        guard let known = connection.newcomerBytes, let limit else { return }
        let held = connection.heldBytes
        connection.newcomerBytes = held
        bytes += Int(held - known)
        while bytes > limit, let oldest = oldest() {
            leave(oldest)
            oldest.tell(.crowded)
            oldest.evict()
        }
    }

    /// Somebody has signed in on a connection, or it has ended.
    func leave(_ connection: StreamConnection) {
        guard let known = connection.newcomerBytes else { return }
        connection.newcomerBytes = nil
        bytes -= Int(known)
        count -= 1
        queue[Int(connection.newcomerIndex)] = nil
    }

    private func oldest() -> StreamConnection? {
        while head < queue.count {
            if let connection = queue[head] { return connection }
            head += 1
        }
        return nil
    }

    /// Takes out those who have left, once they are more than those who are here.
    ///
    /// Amortised O(1).
    private func compact() {
        guard queue.count > 2 * count + 64 else { return }
        queue.removeAll { $0 == nil }
        for index in queue.indices { queue[index]?.newcomerIndex = Int32(index) }
        head = 0
    }
}

extension StreamConnection {
    /// What it holds while nobody has signed in.
    var heldBytes: Int32 {
        let base = layer?.channel == nil ? Newcomers.plainBytes : Newcomers.secureBytes
        let held = layer?.held.capacity ?? 0
        return base + Int32(clamping: leftover.capacity + answers.capacity + held)
    }

    /// Lets go of it to make room: with a goodbye, if there is somebody to hear it.
    func evict() {
        handler == nil ? fail() : close(.tooManyConnections, within: 100)
    }

    /// Somebody has signed in.
    package func signedIn() { reactor.newcomers.leave(self) }
}
