// SPDX-License-Identifier: MIT

/// One connection. A plain value that lies in raw memory, so that the loop reaches it by a pointer.
struct Connection {
    enum State: UInt8 {
        case unused, connecting, upgrading, opening, ready, closed
    }

    var descriptor: Int32 = -1
    var state = State.unused
    /// Whether epoll waits for room in the socket.
    var wantsOutput = false
    /// Whether it is in the list of senders with credit.
    var isHot = false
    /// Whether it has stopped reading, as `--slow` wants.
    var isSlow = false
    var opening: UInt8 = 0
    /// Its number over all threads; in `connects` the number of the attempt.
    var index: UInt32 = 0
    var room: UInt32 = 0

    /// The sender whose message is done when it arrives here, and where that one is in this thread.
    var witnessed: UInt32 = .max
    var creditTo: UInt32 = 0
    /// How many messages it may send now.
    var credit: UInt32 = 0
    var sentCount: UInt32 = 0

    /// Its room's id as a hash, 0 as long as it is not known, and where it is in the room's log.
    var roomHash: UInt64 = 0
    var roomCheck = SequenceCheck()
    var deliveredCount: UInt64 = 0
    var startedAt: UInt64 = 0
    /// Received, but not a whole message yet.
    var carry = ByteStore()
    /// Written, but not taken by the kernel yet.
    var output = ByteStore()

    mutating func free() {
        carry.free()
        output.free()
    }
}

/// The address of the server, and the local addresses to come from.
struct ServerAddress: Sendable {
    let raw: UInt32
    let port: UInt16
}
