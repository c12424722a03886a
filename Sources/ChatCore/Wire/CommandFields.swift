// SPDX-License-Identifier: MIT

/// The keys that commands know. The raw value is the slot in ``CommandFields``.
enum CommandKey: Int, CaseIterable {
    case type, id, name, token, keepName, resume, client, room, text, clientID, replyTo, target
    case emoji, before, after, around, limit, offset, delivered, read, seq, status, on
    case description, isPrivate, maximumMembers, slowModeSeconds, user, role, watch

    /// The key on the wire.
    var wire: StaticString {
        switch self {
        case .type: "type"
        case .id: "id"
        case .name: "name"
        case .token: "token"
        case .keepName: "keep_name"
        case .resume: "resume"
        case .client: "client"
        case .room: "room"
        case .text: "text"
        case .clientID: "client_id"
        case .replyTo: "reply_to"
        case .target: "target"
        case .emoji: "emoji"
        case .before: "before"
        case .after: "after"
        case .around: "around"
        case .limit: "limit"
        case .offset: "offset"
        case .delivered: "delivered"
        case .read: "read"
        case .seq: "seq"
        case .status: "status"
        case .on: "on"
        case .description: "description"
        case .isPrivate: "private"
        case .maximumMembers: "max_members"
        case .slowModeSeconds: "slow_mode_seconds"
        case .user: "user"
        case .role: "role"
        case .watch: "watch"
        }
    }

    /// Finds the key written at `bytes`: one candidate, told by its length and a byte or two.
    static func find(_ bytes: Span<UInt8>) -> CommandKey? {
        guard let key = candidate(bytes), key.wire.utf8CodeUnitCount == bytes.count else {
            return nil
        }
        let wire = key.wire
        for index in 0..<bytes.count where unsafe wire.utf8Start[index] != bytes[index] {
            return nil
        }
        return key
    }

    private static func candidate(_ bytes: Span<UInt8>) -> CommandKey? {
        switch bytes.count {
        case 2: bytes[0] == UInt8(ascii: "i") ? .id : .on
        case 3: .seq
        case 4: candidateOfFour(bytes[0], bytes[2])
        case 5: candidateOfFive(bytes[0])
        case 6: candidateOfSix(bytes[0])
        case 7: .isPrivate
        case 8: .replyTo
        case 9: candidateOfNine(bytes[0])
        case 11: bytes[0] == UInt8(ascii: "d") ? .description : .maximumMembers
        case 17: .slowModeSeconds
        default: nil
        }
    }

    private static func candidateOfFour(_ first: UInt8, _ third: UInt8) -> CommandKey? {
        switch (first, third) {
        case (UInt8(ascii: "t"), UInt8(ascii: "p")): .type
        case (UInt8(ascii: "t"), _): .text
        case (UInt8(ascii: "r"), UInt8(ascii: "o")): .room
        case (UInt8(ascii: "r"), UInt8(ascii: "a")): .read
        case (UInt8(ascii: "r"), _): .role
        case (UInt8(ascii: "n"), _): .name
        case (UInt8(ascii: "u"), _): .user
        default: nil
        }
    }

    private static func candidateOfFive(_ first: UInt8) -> CommandKey? {
        switch first {
        case UInt8(ascii: "t"): .token
        case UInt8(ascii: "e"): .emoji
        case UInt8(ascii: "a"): .after
        case UInt8(ascii: "l"): .limit
        case UInt8(ascii: "w"): .watch
        default: nil
        }
    }

    private static func candidateOfSix(_ first: UInt8) -> CommandKey? {
        switch first {
        case UInt8(ascii: "r"): .resume
        case UInt8(ascii: "c"): .client
        case UInt8(ascii: "t"): .target
        case UInt8(ascii: "b"): .before
        case UInt8(ascii: "a"): .around
        case UInt8(ascii: "o"): .offset
        case UInt8(ascii: "s"): .status
        default: nil
        }
    }

    private static func candidateOfNine(_ first: UInt8) -> CommandKey? {
        switch first {
        case UInt8(ascii: "c"): .clientID
        case UInt8(ascii: "k"): .keepName
        case UInt8(ascii: "d"): .delivered
        default: nil
        }
    }
}

/// Where the known keys' values of one command stand. Unknown keys were checked and passed over.
struct CommandFields: ~Escapable {
    let bytes: Span<UInt8>
    private var slots: InlineArray<30, JSONValueRange>

    /// Scans a whole command. Of a repeated key the last value counts.
    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, maximumDepth: Int) throws(JSONFault) {
        self.bytes = bytes
        slots = InlineArray(repeating: .absent)
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: "{")) else { throw JSONFault() }
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "}")) {
            while true {
                scanner.skipSpace()
                guard scanner.current == UInt8(ascii: "\"") else { throw JSONFault() }
                let start = scanner.position + 1
                let hasEscapes = try scanner.string()
                let nameEnd = scanner.position - 1
                scanner.skipSpace()
                guard scanner.take(UInt8(ascii: ":")) else { throw JSONFault() }
                scanner.skipSpace()
                let value = try scanner.value(depth: 1)
                if let key = Self.key(bytes, start..<nameEnd, hasEscapes: hasEscapes) {
                    slots[key.rawValue] = value
                }
                scanner.skipSpace()
                if scanner.take(UInt8(ascii: "}")) { break }
                guard scanner.take(UInt8(ascii: ",")) else { throw JSONFault() }
            }
        }
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw JSONFault() }
    }

    private static func key(
        _ bytes: Span<UInt8>, _ range: Range<Int>, hasEscapes: Bool
    ) -> CommandKey? {
        guard hasEscapes else { return CommandKey.find(bytes.extracting(range)) }
        let quoted = JSONValueRange(
            kind: .escapedString, start: range.lowerBound - 1, end: range.upperBound + 1)
        guard let name = JSONText.string(quoted, in: bytes) else { return nil }
        return CommandKey.find(name.utf8.span)
    }

    /// The value of `key`; a `null` counts as absent.
    func value(_ key: CommandKey) -> JSONValueRange? {
        let value = slots[key.rawValue]
        return value.kind == .absent || value.kind == .null ? nil : value
    }

    /// The JSON text of the request id, to be sent back as it is; `nil` if there is none.
    func requestID(maximumBytes: Int) throws(WireError) -> String? {
        guard let value = value(.id) else { return nil }
        let isString = value.kind == .string || value.kind == .escapedString
        let maximum = isString ? maximumBytes + 2 : maximumBytes  // the quotes do not count
        guard isString || value.kind == .number, value.range.count <= maximum else {
            throw WireError(
                .invalidField, "id is a number or a string of at most \(maximumBytes) bytes",
                field: "id")
        }
        // Half a surrogate pair is no text: a strict client could not read the answer.
        if isString, JSONText.string(value, in: bytes) == nil {
            throw WireError(.invalidField, "id must be Unicode text", field: "id")
        }
        return JSONText.trusted(bytes.extracting(value.range))
    }
}
