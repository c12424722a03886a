// SPDX-License-Identifier: MIT

import ChatCore

/// Reads the header of the PROXY protocol (versions 1 and 2), which a proxy sends before anything else.
///
/// Pure; bytes may come in any pieces.
struct ProxyHeaderReader {
    enum Step: Equatable {
        /// The header goes on.
        case needMore
        /// It has ended after so many of the bytes that were just given; `nil`: the proxy speaks for itself.
        case done(NetworkAddress?, count: Int)
        /// It is none.
        case invalid(String)
    }

    /// The longest line of version 1, with its end.
    static let lineBytes = 107
    /// The longest header of version 2 that is read: addresses and what else a proxy may tell.
    static let binaryBytes = 1_024

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let word: [UInt8] = Array("PROXY ".utf8)

    private var head: [UInt8] = []

    /// How many bytes it holds.
    var heldBytes: Int { head.count }

    /// Takes what has come.
    mutating func take(_ bytes: Span<UInt8>) -> Step {
        let before = head.count
        for index in bytes.indices {
            head.append(bytes[index])
            let step = Self.read(head)
            if case .done(let address, let length) = step {
                head = []
                return .done(address, count: length - before)
            }
            if step != .needMore { return step }
        }
        return .needMore
    }

    /// Reads a header that has just grown by a byte.
    private static func read(_ head: [UInt8]) -> Step {
        if head.first == signature[0] { return readBinary(head) }
        let start = min(head.count, word.count)
        guard head[..<start].elementsEqual(word[..<start]) else {
            return .invalid("no PROXY header")
        }
        guard head.count <= lineBytes else { return .invalid("a PROXY line of over 107 bytes") }
        guard head.last == 0x0A else { return .needMore }
        guard head.suffix(2) == [0x0D, 0x0A] else { return .invalid("a PROXY line without CR") }
        return readLine(head.dropLast(2), length: head.count)
    }

    /// `PROXY TCP4 source destination port port`, or `PROXY UNKNOWN` and anything.
    private static func readLine(_ line: ArraySlice<UInt8>, length: Int) -> Step {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return .invalid("a PROXY line without protocol") }
        if parts[1].elementsEqual("UNKNOWN".utf8) { return .done(nil, count: length) }
        let isIPv4 = parts[1].elementsEqual("TCP4".utf8)
        guard isIPv4 || parts[1].elementsEqual("TCP6".utf8) else {
            return .invalid("a PROXY line of an unknown protocol")
        }
        guard parts.count == 6,
            let source = NetworkAddress(String(decoding: parts[2], as: UTF8.self)),
            NetworkAddress(String(decoding: parts[3], as: UTF8.self)) != nil,
            parts[2].contains(UInt8(ascii: ":")) != isIPv4, isPort(parts[4]), isPort(parts[5])
        else { return .invalid("a malformed PROXY line") }
        return .done(source, count: length)
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        (1...5).contains(text.count) && text.allSatisfy { (0x30...0x39).contains($0) }
            && text.reduce(0) { $0 * 10 + Int($1 - 0x30) } < 65_536
    }

    /// Signature, version and command, family, length, addresses, anything.
    private static func readBinary(_ head: [UInt8]) -> Step {
        let start = min(head.count, signature.count)
        guard head[..<start].elementsEqual(signature[..<start]) else {
            return .invalid("no PROXY header")
        }
        guard head.count > 12 else { return .needMore }
        guard head[12] == 0x20 || head[12] == 0x21 else {
            return .invalid("a PROXY header of an unknown version or command")
        }
        guard head.count >= 16 else { return .needMore }
        let length = 16 + (Int(head[14]) << 8 | Int(head[15]))
        guard length <= binaryBytes else { return .invalid("a PROXY header of over 1024 bytes") }
        guard head.count == length else { return .needMore }
        // LOCAL: the proxy asks how we are.
        if head[12] == 0x20 { return .done(nil, count: length) }
        let width =
            switch head[13] >> 4 {
            case 1: 4
            case 2: 16
            default: 0
            }
        // Datagrams, Unix sockets and the unspecified have no address that counts here.
        guard width > 0, head[13] & 0x0F == 1 else { return .done(nil, count: length) }
        guard length >= 16 + 2 * width + 4 else {
            return .invalid("a PROXY header that is too short for its addresses")
        }
        return .done(NetworkAddress(bytes: Array(head[16..<(16 + width)])), count: length)
    }
}
