// SPDX-License-Identifier: MIT

import ChatCore

/// One line of the file: a JSON object in which no character can end the line, move a terminal's cursor or turn the
/// direction of what follows.
struct ActivityLine {
    private(set) var bytes: [UInt8] = []

    /// Begins a line.
    init(_ event: String, at time: Timestamp) {
        bytes.append(UInt8(ascii: "{"))
        add("time", time.description)
        add("event", event)
    }

    /// Ends it.
    mutating func end() { bytes += "}\n".utf8 }

    mutating func add(_ key: StaticString, _ text: String?) {
        guard let text else { return }
        begin(key)
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars { append(scalar) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ key: StaticString, _ number: some BinaryInteger) {
        begin(key)
        bytes += String(number).utf8
    }

    mutating func add(_ key: StaticString, _ value: Bool) {
        begin(key)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func add(_ key: StaticString, _ list: [String]) {
        if list.isEmpty { return }
        begin(key)
        for (place, text) in list.enumerated() {
            bytes += (place == 0 ? "[\"" : ",\"").utf8
            for scalar in text.unicodeScalars { append(scalar) }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func begin(_ key: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes += "\"\(key)\":".utf8
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"", "\\":
            bytes.append(UInt8(ascii: "\\"))
            bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        case _ where Self.isUnsafe(scalar):
            let digits = String(scalar.value, radix: 16)
            bytes += "\\u".utf8
            for _ in digits.utf8.count..<4 { bytes.append(UInt8(ascii: "0")) }
            bytes += digits.utf8
        default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        }
    }

    /// Control characters, what ends lines, and what turns the direction of text. All of them have four digits.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

extension ActivityLine {
    mutating func add(_ user: UserReference) {
        add("user", user.id.description)
        if !user.name.isEmpty { add("name", user.name) }
    }

    mutating func add(_ peer: PeerInfo) {
        add("address", peer.address)
        add("transport", peer.transport)
    }

    mutating func add(_ room: ActivityRoom) {
        add("room", room.id.description)
        add("room_name", room.name)
    }

    mutating func add(subject: UserID, _ name: String) {
        add("subject", subject.description)
        if !name.isEmpty { add("subject_name", name) }
    }

    mutating func add(until end: Timestamp) {
        if end != .forever { add("until", end.description) }
    }
}
