// SPDX-License-Identifier: MIT

import COpenSSL
import ChatCore
import ChatPlatform

/// The keys that session tickets are sealed with.
///
/// They are replaced in time, because whoever gets hold of one can read what was resumed with it; the one before still
/// opens tickets, so that nobody has to start anew at that moment.
struct TicketKeys {
    struct Key {
        /// Tells tickets of different keys apart: 16 bytes.
        let name: [UInt8]
        let cipher: [UInt8]
        let mac: [UInt8]
        let madeAt: ChatInstant
    }

    private let lifetimeMilliseconds: Int64
    private let random: @Sendable (Int) -> [UInt8]
    private var current: Key
    private var previous: Key?

    /// Draws the first key.
    ///
    /// - Parameters:
    ///   - lifetimeSeconds: how long a key seals tickets.
    ///   - random: makes so many random bytes.
    init(lifetimeSeconds: Int64, now: ChatInstant, random: @escaping @Sendable (Int) -> [UInt8]) {
        lifetimeMilliseconds = lifetimeSeconds * 1_000
        self.random = random
        current = Self.draw(now, random)
    }

    private static func draw(_ now: ChatInstant, _ random: (Int) -> [UInt8]) -> Key {
        Key(name: random(16), cipher: random(32), mac: random(32), madeAt: now)
    }

    /// The key for a new ticket.
    mutating func sealing(now: ChatInstant) -> Key {
        rotate(now)
        return current
    }

    /// The key of a ticket, and whether a new ticket should take its place; `nil` if it is forgotten.
    mutating func opening(_ name: [UInt8], now: ChatInstant) -> (key: Key, isOld: Bool)? {
        rotate(now)
        if name == current.name { return (current, false) }
        guard let previous, name == previous.name else { return nil }
        return (previous, true)
    }

    private mutating func rotate(_ now: ChatInstant) {
        let age = now.milliseconds(since: current.madeAt)
        guard age >= lifetimeMilliseconds else { return }
        previous = age >= 2 * lifetimeMilliseconds ? nil : current
        current = Self.draw(now, random)
    }
}

/// The keys of one set of certificates, for all event loops.
final class SharedTicketKeys: Sendable {
    private let keys: Lock<TicketKeys>
    private let clock: any ChatClock

    init(lifetimeSeconds: Int64, clock: any ChatClock) {
        self.clock = clock
        keys = Lock(
            TicketKeys(lifetimeSeconds: lifetimeSeconds, now: clock.now(), random: Self.random))
    }

    /// The callback's work: 1 for done, 2 for done and renew the ticket, 0 for an unknown ticket, -1 for failure.
    func prepare(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>,
        _ cipher: OpaquePointer, _ mac: OpaquePointer, seals: Bool
    ) -> Int32 {
        let now = clock.now()
        if seals {
            let key = keys.withLock { $0.sealing(now: now) }
            guard unsafe RAND_bytes(vector, 16) == 1 else { return -1 }
            for index in 0..<16 { unsafe name[index] = key.name[index] }
            return unsafe chat_ticket_ciphers(cipher, mac, key.cipher, key.mac, vector, 1) == 1
                ? 1 : -1
        }
        let wanted = unsafe Array(UnsafeBufferPointer(start: name, count: 16))
        guard let (key, isOld) = keys.withLock({ $0.opening(wanted, now: now) }) else { return 0 }
        guard unsafe chat_ticket_ciphers(cipher, mac, key.cipher, key.mac, vector, 0) == 1 else {
            return -1
        }
        return isOld ? 2 : 1
    }

    private static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = unsafe RAND_bytes(&bytes, Int32(count))
        precondition(result == 1, "the system has no randomness for keys")
        return bytes
    }
}
