// SPDX-License-Identifier: MIT

import Glibc

/// One day of a channel: who said what, cut into users who send at the same time.
struct IRCDay {
    struct Message {
        /// The same for the same line of the same file in every run.
        let clientID: String
        let text: String
    }

    struct User {
        let name: String
        var messages: [Message] = []
    }

    let room: String
    private(set) var users: [User] = []
    /// Messages that cannot be sent: without any text.
    private(set) var skipped = 0
    private static var nameCharacters: Int { 50 }

    /// Reads a file of lines of ``parse(_:)``; other lines are joins, leaves and the like.
    ///
    /// Above `cap` users, nicks share users in turn; each user's messages keep their order.
    init?(path: String, room: String, cap: Int) {
        guard let bytes = Files.read(path) else { return nil }
        self.room = room
        var userOfNick: [String: Int] = [:]
        var names: Set<String> = []
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            guard let (nick, text) = Self.parse(line) else { continue }
            guard text.contains(where: { $0 != 0x20 }) else {
                skipped += 1
                continue
            }
            let user: Int
            if let known = userOfNick[nick] {
                user = known
            } else {
                user = userOfNick.count % cap
                userOfNick[nick] = userOfNick.count
                if user == users.count {
                    users.append(User(name: Self.unique("\(room) \(nick)", among: &names)))
                }
            }
            users[user % cap].messages.append(
                Message(
                    clientID: "\(room)#\(index + 1)", text: String(decoding: text, as: UTF8.self)))
        }
    }

    /// Reads what somebody said: `[HH:MM] <nick> text`, `[HH:MM]  * nick does something`, a notice
    /// `[HH:MM] -nick:#channel- text`, or what a gateway passed on, `[HH:MM] (nick/#channel) text`.
    ///
    /// Of an action the text begins with the star.
    private static func parse(_ line: ArraySlice<UInt8>) -> (nick: String, text: ArraySlice<UInt8>)?
    {
        guard line.count > 10, line.first == UInt8(ascii: "[") else { return nil }
        let said = line.dropFirst(8)
        let marks: StaticString
        switch said.first {
        case UInt8(ascii: "<"): marks = ">>"
        case UInt8(ascii: "-"): marks = ":-"
        case UInt8(ascii: "("): marks = "/)"
        case UInt8(ascii: " ") where said.starts(with: " * ".utf8):
            let nick = said.dropFirst(3).prefix { $0 > 0x20 }
            return (String(decoding: nick, as: UTF8.self), said.dropFirst())
        default: return nil
        }
        let nick = said.dropFirst().prefix { $0 != marks.utf8Start[0] }
        guard let end = said[nick.endIndex...].firstIndex(of: marks.utf8Start[1]) else {
            return nil
        }
        return (String(decoding: nick, as: UTF8.self), said[(end + 1)...].dropFirst())
    }

    /// Names are compared without case, trimmed, and cut to what the server allows.
    private static func unique(_ name: String, among names: inout Set<String>) -> String {
        let name = name.split(separator: " ").joined(separator: " ")
        var candidate = String(name.prefix(nameCharacters))
        var number = 2
        while !names.insert(candidate.lowercased()).inserted {
            let suffix = " \(number)"
            candidate = String(name.prefix(nameCharacters - suffix.count)) + suffix
            number += 1
        }
        return candidate
    }
}

/// The few things one needs of files.
enum Files {
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &space, space.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += space[..<count]
            } else if errno != EINTR {
                return nil
            }
        }
    }

    /// The names of the files in a folder, sorted.
    static func list(_ path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
