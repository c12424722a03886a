// SPDX-License-Identifier: MIT

public import ChatCore

/// What stands for a user without a picture: initials on a colour, the same in every client (docs/protocol.md).
public enum Avatar {
    static let colours: [UInt32] = [
        0xB93A2C, 0xA9531C, 0x866400, 0x5A7412, 0x2B7639, 0x137871, 0x1F6F9F, 0x2F5BD0, 0x5B47C9,
        0x8336B5, 0xA22C87, 0xB02D5A,
    ]

    /// The colour of a user.
    public static func colour(_ user: UserID) -> UInt32 {
        let hash = user.description.utf8.reduce(UInt32(0x811C_9DC5)) { hash, byte in
            (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        return colours[Int(hash % UInt32(colours.count))]
    }

    /// The first letters of the first and the last word.
    public static func initials(_ name: String) -> String {
        let words = name.split { $0.isWhitespace }
        guard let first = words.first?.first else { return "?" }
        let last = words.count > 1 ? words.last?.first : nil
        return (String(first) + (last.map { String($0) } ?? "")).uppercased()
    }
}
