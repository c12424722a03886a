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

    /// Finds the key written at `bytes`. Compares at most the few keys of equal length.
    static func find(_ bytes: Span<UInt8>) -> CommandKey? {
        guard bytes.count < byLength.count else { return nil }
        for key in byLength[bytes.count] {
            let wire = key.wire
            var isEqual = true
            for index in 0..<bytes.count where unsafe wire.utf8Start[index] != bytes[index] {
                isEqual = false
                break
            }
            if isEqual { return key }
        }
        return nil
    }

    private static let byLength: [[CommandKey]] = {
        var table: [[CommandKey]] = Array(repeating: [], count: 20)
        for key in allCases { table[key.wire.utf8CodeUnitCount].append(key) }
        return table
    }()
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
        return JSONText.copy(bytes.extracting(value.range))
    }
}
