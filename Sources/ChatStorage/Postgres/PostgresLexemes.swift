// SPDX-License-Identifier: MIT

import ChatCore

/// What stands in the index of search for words, rooms and senders.
///
/// Lexemes are ASCII, whatever the encoding of the database: small letters and digits stand for
/// themselves, every other byte of a folded word is two capital letters. So none can mean anything
/// in the language of `tsquery`, and what begins a word also begins its lexeme.
enum PostgresLexemes {
    /// Longer words are cut: the server takes 2 kB at most, and the text is looked at again anyway.
    private static let wordBytes = 120

    /// More rooms are not asked of the index, but sorted out of what it finds.
    static let maximumRooms = 8

    /// The lexemes of a message, with a blank between them.
    static func joined(_ text: String, room: RoomID, sender: UserID) -> String {
        var lexemes = key(room) + " " + key(sender)
        for word in SearchWords(text) { lexemes += " " + lexeme(word.folded).text }
        return lexemes
    }

    /// The question in the index's language: it finds all that match, and some that do not.
    ///
    /// - Parameter rooms: those to search.
    static func expression(for query: SearchQuery, in rooms: [RoomID]) -> String {
        var parts: [String] = []
        for term in query.request.pattern.terms {
            for (index, word) in term.words.enumerated() {
                let isPrefix = term.isPrefix && index == term.words.count - 1
                let (text, isCut) = lexeme(word)
                parts.append(quoted(text) + (isPrefix || isCut ? ":*" : ""))
            }
        }
        if let sender = query.request.sender { parts.append(quoted(key(sender))) }
        if rooms.count <= maximumRooms {
            parts.append("(\(rooms.map { quoted(key($0)) }.joined(separator: " | ")))")
        }
        return parts.joined(separator: " & ")
    }

    // No word's lexeme has these capitals: half a byte is a letter from A to P.

    private static func key(_ room: RoomID) -> String { "R" + String(room.rawValue, radix: 36) }

    private static func key(_ user: UserID) -> String { "U" + String(user.rawValue, radix: 36) }

    private static func quoted(_ lexeme: String) -> String { "'\(lexeme)'" }

    private static func lexeme(_ word: String) -> (text: String, isCut: Bool) {
        let bytes = word.utf8.prefix(wordBytes)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            default:
                text.append(UInt8(ascii: "A") + byte >> 4)
                text.append(UInt8(ascii: "A") + byte & 15)
            }
        }
        return (String(decoding: text, as: UTF8.self), word.utf8.count > wordBytes)
    }
}
