// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@testable import ChatAuth

@Suite struct `A refresh token` {
    static let key = [UInt8](repeating: 3, count: 32)
    static let first = RefreshToken(device: DeviceID(rawValue: 5))

    /// The device after `rotations`, the last of which was at second 100.
    static func device(rotations: Int = 0) -> DeviceRecord {
        var token = first
        let start = Timestamp(milliseconds: 0)
        var device = DeviceRecord(
            id: token.device, user: UserID(rawValue: 1), familyHash: token.familyHash,
            currentHash: token.secretHash, createdAt: start, rotatedAt: start,
            expires: Timestamp(milliseconds: 1_000_000))
        for _ in 0..<rotations {
            let next = token.next(key: key)
            let rotation = DeviceRotation(
                id: device.id, from: token.secretHash, to: next.secretHash,
                at: Timestamp(milliseconds: 100_000), expires: device.expires)
            device = rotation.applied(to: device) ?? device
            token = next
        }
        return device
    }

    static func verdict(
        _ token: RefreshToken, _ device: DeviceRecord, second: Int64
    ) -> RefreshVerdict {
        RefreshVerdict(
            token, of: device, now: Timestamp(milliseconds: second * 1_000), graceSeconds: 10)
    }

    @Test func `is read as it was written`() {
        #expect(RefreshToken(Self.first.text) == Self.first)
        #expect(Self.first.text.hasPrefix("rt_"))
    }

    @Test(arguments: ["", "rt_", "rt_a.b.c", "xx", String(repeating: "a", count: 200)])
    func `is not what looks otherwise`(text: String) {
        #expect(RefreshToken(text) == nil)
    }

    @Test func `with any character changed is another one or none`() {
        let text = Array(Self.first.text)
        for index in text.indices {
            var changed = text
            changed[index] = text[index] == "z" ? "y" : "z"
            let token = RefreshToken(String(changed))
            #expect(token != Self.first, "place \(index)")
        }
    }

    @Test func `is exchanged while it is the current one and not expired`() {
        let device = Self.device()
        #expect(Self.verdict(Self.first, device, second: 999) == .rotate)
        #expect(Self.verdict(Self.first, device, second: 1_000) == .expired)
    }

    @Test func `gets the same answer again for a moment after its exchange`() {
        let device = Self.device(rotations: 1)
        #expect(Self.verdict(Self.first, device, second: 110) == .repeated)
        #expect(Self.verdict(Self.first, device, second: 111) == .reused)
        #expect(Self.first.next(key: Self.key) == Self.first.next(key: Self.key))
        #expect(Self.first.next(key: Self.key).secretHash == device.currentHash)
    }

    @Test func `counts as stolen once the one after it was exchanged`() {
        #expect(Self.verdict(Self.first, Self.device(rotations: 2), second: 100) == .reused)
    }

    @Test func `of another family says nothing about this one`() {
        let other = RefreshToken(device: Self.first.device)
        #expect(Self.verdict(other, Self.device(), second: 1) == .unknown)
    }

    @Test func `cannot be foretold without the server's key`() {
        let other = Self.first.next(key: [UInt8](repeating: 4, count: 32))
        #expect(other != Self.first.next(key: Self.key))
    }
}
