// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct TimestampParsingTests {
    @Test func `what is written is read`() {
        var milliseconds: Int64 = -62_167_219_200_000
        while milliseconds < 253_402_300_800_000 {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(time.description) == time)
            milliseconds += 86_400_000 * 97 + 12_345_678
        }
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05Z", 1_767_323_045_000),
        ("2026-01-02T03:04:05.6Z", 1_767_323_045_600),
        ("2026-01-02T03:04:05.678999Z", 1_767_323_045_678),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
    ])
    func `digits after the second are optional`(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05+01:00",
        "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-02-29T03:04:05Z",
        "2026-04-31T03:04:05Z", "2026-01-00T03:04:05Z", "2026-01-02T24:04:05Z",
        "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05Zx", " 2026-01-02T03:04:05Z", "-026-01-02T03:04:05Z",
    ])
    func `what is no time in UTC is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }
}
