// SPDX-License-Identifier: MIT

/// The keys that commands know. The raw value is the slot in ``CommandFields``.
enum CommandKey: Int, CaseIterable {
    case type, id, name, token, keepName, resume, client, room, text, clientID, replyTo, target
    case emoji, before, after, around, limit, offset, delivered, read, seq, status, on
    case description, isPrivate, maximumMembers, slowModeSeconds, user, role, watch, order
    case until, seconds, reason, displayName, avatar, statusText, retentionDays, retentionMessages
    case code, uses, password, attachments, hidesLastSeen

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
        case .order: "order"
        case .until: "until"
        case .seconds: "seconds"
        case .reason: "reason"
        case .displayName: "display_name"
        case .avatar: "avatar"
        case .statusText: "status_text"
        case .retentionDays: "retention_days"
        case .retentionMessages: "retention_messages"
        case .code: "code"
        case .uses: "uses"
        case .password: "password"
        case .attachments: "attachments"
        case .hidesLastSeen: "hides_last_seen"
        }
    }

    /// Finds the key written at `bytes`.
    static func find(_ bytes: Span<UInt8>) -> CommandKey? { find(bytes, 0..<bytes.count) }

    /// Finds the key written at `range` of `bytes`: short ones by comparing all their bytes at once.
    @inline(__always)
    static func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> CommandKey? {
        if range.count > 8 { return findLong(bytes.extracting(range)) }
        let word = JSONText.word(bytes, range)
        return switch range.count {
        case 2: findOfTwo(word)
        case 3: word == JSONText.word("seq") ? .seq : nil
        case 4: findOfFour(word)
        case 5: findOfFive(word)
        case 6: findOfSix(word)
        case 7: findOfSeven(word)
        case 8: findOfEight(word)
        default: nil
        }
    }

    @inline(__always)
    private static func findOfTwo(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("id"): .id
        case JSONText.word("on"): .on
        default: nil
        }
    }

    @inline(__always)
    private static func findOfFour(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("type"): .type
        case JSONText.word("room"): .room
        case JSONText.word("text"): .text
        case JSONText.word("read"): .read
        case JSONText.word("name"): .name
        case JSONText.word("user"): .user
        case JSONText.word("role"): .role
        case JSONText.word("code"): .code
        case JSONText.word("uses"): .uses
        default: nil
        }
    }

    private static func findOfEight(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("reply_to"): .replyTo
        case JSONText.word("password"): .password
        default: nil
        }
    }

    private static func findOfFive(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("token"): .token
        case JSONText.word("emoji"): .emoji
        case JSONText.word("after"): .after
        case JSONText.word("limit"): .limit
        case JSONText.word("watch"): .watch
        case JSONText.word("order"): .order
        case JSONText.word("until"): .until
        default: nil
        }
    }

    private static func findOfSix(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("resume"): .resume
        case JSONText.word("client"): .client
        case JSONText.word("target"): .target
        case JSONText.word("before"): .before
        case JSONText.word("around"): .around
        case JSONText.word("offset"): .offset
        case JSONText.word("status"): .status
        case JSONText.word("reason"): .reason
        case JSONText.word("avatar"): .avatar
        default: nil
        }
    }

    private static func findOfSeven(_ word: UInt64) -> CommandKey? {
        switch word {
        case JSONText.word("private"): .isPrivate
        case JSONText.word("seconds"): .seconds
        default: nil
        }
    }

    /// Finds a key of more than eight bytes: one candidate, told by length and first byte.
    private static func findLong(_ bytes: Span<UInt8>) -> CommandKey? {
        let first = bytes[0]
        let candidate: CommandKey
        switch bytes.count {
        case 9 where first == UInt8(ascii: "c"):
            // Most commands that are stored have it.
            let isClientID =
                JSONText.word(bytes, 0..<8) == JSONText.word("client_i")
                && bytes[8] == UInt8(ascii: "d")
            return isClientID ? .clientID : nil
        case 9: candidate = first == UInt8(ascii: "k") ? .keepName : .delivered
        case 11 where first == UInt8(ascii: "s"): candidate = .statusText
        case 11 where first == UInt8(ascii: "a"): candidate = .attachments
        case 12: candidate = .displayName
        case 11: candidate = first == UInt8(ascii: "d") ? .description : .maximumMembers
        case 14: candidate = .retentionDays
        case 15: candidate = .hidesLastSeen
        case 17: candidate = .slowModeSeconds
        case 18: candidate = .retentionMessages
        default: return nil
        }
        let wire = candidate.wire
        for index in 0..<bytes.count where unsafe wire.utf8Start[index] != bytes[index] {
            return nil
        }
        return candidate
    }
}

/// Where the known keys' values of one command stand. Unknown keys were checked and passed over.
///
/// Made empty and then filled by ``scan(maximumDepth:)``: what throws and returns it at once would copy it.
struct CommandFields: ~Escapable {
    let bytes: Span<UInt8>
    /// Whether all bytes are ASCII.
    let isASCII: Bool
    private var slots: InlineArray<44, JSONValueRange>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, isASCII: Bool) {
        self.bytes = bytes
        self.isASCII = isASCII
        slots = InlineArray(repeating: .absent)
    }

    /// Scans the whole command. Of a repeated key the last value counts.
    @_lifetime(self: copy self)
    mutating func scan(maximumDepth: Int) throws(JSONFault) {
        var scanner = JSONScanner(bytes, maximumDepth: maximumDepth)
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: "{")) else { throw JSONFault() }
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                scanner.skipSpace()
                try member(&scanner)
                scanner.skipSpace()
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "}")) else { throw JSONFault() }
        }
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw JSONFault() }
    }

    /// Scans a key and its value.
    @_lifetime(self: copy self)
    @_lifetime(scanner: copy scanner)
    @inline(__always)
    private mutating func member(_ scanner: inout JSONScanner) throws(JSONFault) {
        guard scanner.current == UInt8(ascii: "\"") else { throw JSONFault() }
        let start = scanner.position + 1
        let hasEscapes = try scanner.string()
        let name = start..<scanner.position - 1
        scanner.skipSpace()
        guard scanner.take(UInt8(ascii: ":")) else { throw JSONFault() }
        scanner.skipSpace()
        let value = try scanner.value(depth: 1)
        let key = hasEscapes ? Self.escapedKey(bytes, name) : CommandKey.find(bytes, name)
        if let key { slots[key.rawValue] = value }
    }

    private static func escapedKey(_ bytes: Span<UInt8>, _ range: Range<Int>) -> CommandKey? {
        let quoted = JSONValueRange(
            kind: .escapedString, start: range.lowerBound - 1, end: range.upperBound + 1)
        guard let name = JSONText.string(quoted, in: bytes) else { return nil }
        return CommandKey.find(name.utf8.span)
    }

    /// The value of `key`; a `null` counts as absent.
    @inline(never)  // inlined, it copies all slots
    func value(_ key: CommandKey) -> JSONValueRange? {
        let value = slots[key.rawValue]
        return value.kind == .absent || value.kind == .null ? nil : value
    }

    /// Whether the value of `key` is this text of at most eight bytes, written without escapes.
    @inline(__always)
    func isValue(_ key: CommandKey, _ text: StaticString) -> Bool {
        guard let value = value(key) else { return false }
        return value.kind == .string && value.count == text.utf8CodeUnitCount + 2
            && JSONText.word(bytes, value.content) == JSONText.word(text)
    }

    /// The JSON text of the request id, to be sent back as it is; `nil` if there is none.
    func requestID(maximumBytes: Int) throws(WireError) -> String? {
        guard let value = value(.id) else { return nil }
        let isString = value.kind == .string || value.kind == .escapedString
        let maximum = isString ? maximumBytes + 2 : maximumBytes  // the quotes do not count
        guard isString || value.kind == .number, value.count <= maximum else {
            throw WireError(
                .invalidField, "id is a number or a string of at most \(maximumBytes) bytes",
                field: "id")
        }
        // Half a surrogate pair is no text: a strict client could not read the answer.
        if value.kind == .escapedString, JSONText.string(value, in: bytes) == nil {
            throw WireError(.invalidField, "id must be Unicode text", field: "id")
        }
        return JSONText.trusted(bytes.extracting(value.range), isASCII: isASCII)
    }
}
