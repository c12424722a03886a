// SPDX-License-Identifier: MIT

package import ChatCore

/// Who may try a password now. Pure: counts failures per account and per address in a bounded table.
///
/// A login is counted before its password is looked at, so that a thousand guesses at once are not a thousand guesses:
/// ``begin(account:address:now:)``, then one of ``failed(account:address:now:)``, ``succeeded(account:address:)`` and
/// ``abandoned(account:address:)``.
package struct LoginLimitMachine: Sendable {
    /// Whether a password may be tried.
    package enum Verdict: Sendable, Equatable {
        /// It may. How it went must be told.
        case admitted
        /// Too many failures for this account: not before that many milliseconds.
        case accountBlocked(milliseconds: Int64)
        /// Too many failures from this address: not before that many milliseconds.
        case addressBlocked(milliseconds: Int64)
        /// As many are being looked at as may still fail: soon.
        case busy
    }

    private struct Entry {
        var failures = 0
        /// Logins that are being looked at.
        var pending = 0
        var windowEnd: ChatInstant
        var blockedUntil: ChatInstant?

        func isOver(at now: ChatInstant) -> Bool {
            guard pending == 0 else { return false }
            if let blockedUntil { return blockedUntil <= now }
            return failures == 0 || windowEnd <= now
        }
    }

    private enum Key: Hashable {
        case account(UInt64)
        case address(UInt64)
    }

    private let limits: LoginLimits
    private var entries: [Key: Entry] = [:]

    /// Makes a machine that remembers nothing yet.
    package init(limits: LoginLimits) { self.limits = limits }

    /// How many accounts and addresses are remembered.
    package var count: Int { entries.count }

    /// Somebody wants to try a password. O(1) on average.
    ///
    /// - Parameters:
    ///   - account: a hash of whose password it is to be, also if nobody has that name.
    ///   - address: a hash of where it comes from.
    package mutating func begin(account: UInt64, address: UInt64, now: ChatInstant) -> Verdict {
        let (account, address) = (Key.account(account), Key.address(address))
        renew(account, now)
        renew(address, now)
        if let until = entries[address]?.blockedUntil {
            return .addressBlocked(milliseconds: until.milliseconds(since: now))
        }
        if let until = entries[account]?.blockedUntil {
            return .accountBlocked(milliseconds: until.milliseconds(since: now))
        }
        guard hasRoom(account, limits.failuresPerAccount),
            hasRoom(address, limits.failuresPerAddress),
            makeSpace(for: [account, address], now)
        else { return .busy }
        for key in [account, address] {
            var entry = entries[key] ?? fresh(now)
            entry.pending += 1
            entries[key] = entry
        }
        return .admitted
    }

    /// The password was wrong.
    package mutating func failed(account: UInt64, address: UInt64, now: ChatInstant) {
        fail(.account(account), limits.failuresPerAccount, now)
        fail(.address(address), limits.failuresPerAddress, now)
    }

    /// The password was right: the account's failures are forgotten, those of the address are not (or whoever has one
    /// account could go on guessing at others).
    package mutating func succeeded(account: UInt64, address: UInt64) {
        entries[.account(account)]?.failures = 0
        abandoned(account: account, address: address)
    }

    /// Nobody looked at the password.
    package mutating func abandoned(account: UInt64, address: UInt64) {
        for key in [Key.account(account), .address(address)] {
            guard let entry = entries[key] else { continue }
            entries[key]?.pending = max(0, entry.pending - 1)
            if entry.pending <= 1, entry.failures == 0, entry.blockedUntil == nil {
                entries[key] = nil
            }
        }
    }

    private mutating func fail(_ key: Key, _ maximum: Int, _ now: ChatInstant) {
        var entry = entries[key] ?? fresh(now)
        entry.pending = max(0, entry.pending - 1)
        entry.failures += 1
        if entry.failures >= maximum, entry.blockedUntil == nil {
            entry.blockedUntil = now.advanced(byMilliseconds: limits.blockSeconds * 1_000)
        }
        entries[key] = entry
    }

    private func fresh(_ now: ChatInstant) -> Entry {
        Entry(windowEnd: now.advanced(byMilliseconds: limits.windowSeconds * 1_000))
    }

    private func hasRoom(_ key: Key, _ maximum: Int) -> Bool {
        guard let entry = entries[key] else { return true }
        return entry.failures + entry.pending < maximum
    }

    /// A window or block that is over counts for nothing.
    private mutating func renew(_ key: Key, _ now: ChatInstant) {
        guard let entry = entries[key] else { return }
        if entry.isOver(at: now) {
            entries[key] = nil
        } else if entry.blockedUntil.map({ $0 <= now }) ?? (entry.windowEnd <= now) {
            var renewed = fresh(now)
            renewed.pending = entry.pending
            entries[key] = renewed
        }
    }

    /// When the table is full, what is over goes, then whatever is not blocked. To forget a block would lift it: if
    /// nothing else is left, nobody new is let in.
    private mutating func makeSpace(for keys: [Key], _ now: ChatInstant) -> Bool {
        func isFull() -> Bool {
            entries.count + keys.count { entries[$0] == nil } > limits.remembered
        }
        if isFull() { entries = entries.filter { !$0.value.isOver(at: now) } }
        if isFull() {
            entries = entries.filter { $0.value.blockedUntil != nil || $0.value.pending > 0 }
        }
        return !isFull()
    }
}
