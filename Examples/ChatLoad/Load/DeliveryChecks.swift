// SPDX-License-Identifier: MIT

import Glibc

/// The tables that every delivery is looked up in. Raw memory, so that a look-up is an addition and a load;
/// whoever made them calls `free`.
struct DeliveryChecks {
    /// Longest beginning of an event that is remembered, in bytes.
    static let prefixLimit = 64

    private let ordinals: UnsafeMutablePointer<UInt32>
    private let ordinalCount: UInt32
    private let numbers: UnsafeMutablePointer<SequenceCheck>
    private let sendersPerRoom: Int
    private let prefixes: UnsafeMutablePointer<UInt8>
    private let prefixCounts: UnsafeMutablePointer<Int>

    init(plan: LoadPlan, connectionCount: Int) {
        ordinalCount = plan.sendsMessages ? UInt32(plan.connectionCount) : 0
        ordinals = .allocate(capacity: max(1, Int(ordinalCount)))
        for index in 0..<Int(ordinalCount) {
            let ordinal = plan.senderOrdinal(of: index).map(UInt32.init)
            (ordinals + index).initialize(to: ordinal ?? .max)
        }
        sendersPerRoom = plan.sendersPerRoom
        let streams = plan.isVerifying && plan.sendsMessages ? connectionCount * sendersPerRoom : 0
        numbers = .allocate(capacity: max(1, streams))
        numbers.initialize(repeating: SequenceCheck(), count: max(1, streams))
        prefixes = .allocate(capacity: plan.roomCount * Self.prefixLimit)
        prefixes.initialize(repeating: 0, count: plan.roomCount * Self.prefixLimit)
        prefixCounts = .allocate(capacity: plan.roomCount)
        prefixCounts.initialize(repeating: 0, count: plan.roomCount)
    }

    func free() {
        ordinals.deallocate()
        numbers.deallocate()
        prefixes.deallocate()
        prefixCounts.deallocate()
    }

    /// Which of its room's senders a connection is; nil for one that does not send.
    @inline(__always)
    func ordinal(ofSender sender: UInt32) -> UInt32? {
        guard sender < ordinalCount else { return nil }
        let ordinal = ordinals[Int(sender)]
        return ordinal == .max ? nil : ordinal
    }

    /// How far a connection (by its number in this thread) is with a sender's messages.
    @inline(__always)
    func messages(at connection: Int, from ordinal: UInt32) -> UnsafeMutablePointer<SequenceCheck> {
        numbers + (connection * sendersPerRoom + Int(ordinal))
    }

    /// The length of the beginning that all messages of the room have, if `bytes` begin with it; else 0.
    @inline(__always)
    func matchedPrefix(
        room: UInt32, _ bytes: UnsafePointer<UInt8>, count: Int
    ) -> Int {
        let length = prefixCounts[Int(room)]
        guard length > 0, length < count else { return 0 }
        let prefix = UnsafePointer(prefixes + Int(room) * Self.prefixLimit)
        // Eight bytes at a time; the last word overlaps the one before.
        var difference = Payload.word(bytes, at: length - 8) ^ Payload.word(prefix, at: length - 8)
        var offset = 0
        while offset < length - 8 {
            difference |= Payload.word(bytes, at: offset) ^ Payload.word(prefix, at: offset)
            offset += 8
        }
        return difference == 0 ? length : 0
    }

    /// Remembers how a message of the room begins, up to the digits of its `seq`.
    func learnPrefix(room: UInt32, _ bytes: UnsafePointer<UInt8>, count: Int) {
        guard count >= 8, count <= Self.prefixLimit else { return }
        memcpy(prefixes + Int(room) * Self.prefixLimit, bytes, count)
        prefixCounts[Int(room)] = count
    }
}

/// What the deliveries of one read have in common, and what they add up to.
struct ReadPass {
    let now: UInt64
    var deliveries = 0
    var bytes = 0
    // Messages that were sent together have the same time: they are one entry of the histogram.
    var stampLow: UInt64 = 0
    var stampHigh: UInt64 = 0
    var run: UInt64 = 0
    /// The last message's sender as it stands there; no sender reads as 0.
    var sender: UInt64 = 0
    var ordinal: UInt32 = 0
    /// Whether this connection tells that sender that its message has arrived.
    var isWitnessed = false
    /// How far the connection is with that sender's messages; nil if that is not checked.
    var numbers: UnsafeMutablePointer<SequenceCheck>?
}
