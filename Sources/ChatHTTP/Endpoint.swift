// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// A method and path, and the command that it stands for. A value: the mapping both ways is pure.
struct Endpoint: Sendable {
    /// Who may ask.
    enum Access: Sendable {
        /// Anybody: the command signs in.
        case open
        /// Whoever has a token.
        case token
    }

    /// How a value of path or query stands in the command.
    enum Kind: Sendable {
        /// As a string.
        case text
        /// As a number; what is none as a string, so that the command is refused in its own words.
        case number
    }

    /// A value of path or query.
    struct Parameter: Sendable {
        let name: String
        /// The key in the command.
        let key: String
        let kind: Kind

        init(_ name: String, _ kind: Kind = .text, key: String? = nil) {
            self.name = name
            self.key = key ?? name
            self.kind = kind
        }
    }

    /// Lists that come in pages.
    enum Paging: Sendable {
        case list, joinedRooms, search

        /// The size of a page if none is asked for, and the largest.
        func sizes(_ limits: Limits) -> (standard: Int, maximum: Int) {
            switch self {
            case .list: (limits.listPageDefault, limits.listPage)
            case .joinedRooms: (limits.joinedRoomsPageDefault, limits.joinedRoomsPage)
            case .search: (limits.searchPageDefault, limits.searchPage)
            }
        }

        /// The last page that can be asked for.
        func lastPage(_ limits: Limits) -> Int {
            self == .search ? 1 + limits.searchOffset / limits.searchPage : 1_000_000
        }
    }

    /// What a success looks like.
    enum Success: Sendable {
        /// 200 with the answer.
        case ok
        /// 204: there is nothing to say.
        case nothing
        /// 201 with the answer; 200 for one that repeats an earlier one.
        case created
        /// The same with the place of the new room.
        case createdRoom
    }

    let method: String
    /// Below the prefix.
    let path: String
    /// The type of the command.
    let command: String
    var access = Access.token
    var parameters: [Parameter] = []
    var query: [Parameter] = []
    var paging: Paging?
    /// The keys of the body that are keys of the command. Others are passed over, as in a command.
    var body: [String] = []
    /// Those of them without which the command would mean something else.
    var required: [String] = []
    var success = Success.ok

    /// Whether a body is read.
    var takesBody: Bool { !body.isEmpty }

    /// Which page was asked for.
    struct Page: Equatable, Sendable {
        var number: Int
        var size: Int
    }

    // MARK: The request

    /// The command of a request.
    ///
    /// - Parameters:
    ///   - values: the decoded parameters of the path.
    ///   - query: the decoded value of a name in the query.
    ///   - content: the body; empty for none.
    /// - Throws: the refusal of a body that cannot be read; everything else is for the engine to refuse.
    func command(
        _ values: [String: String], query value: (String) -> String?, content: [UInt8],
        page: Page?, limits: Limits
    ) throws(APIError) -> [UInt8] {
        var members = JSONText.key("type") + JSONMembers.quoted(command)
        func add(_ parameter: Parameter, _ text: String) {
            members += JSONText.comma + JSONText.key(parameter.key)
            members +=
                parameter.kind == .number && JSONText.isNumber(text)
                ? Array(text.utf8) : JSONMembers.quoted(text)
        }
        for parameter in parameters {
            if let text = values[parameter.name] { add(parameter, text) }
        }
        for parameter in self.query { if let text = value(parameter.name) { add(parameter, text) } }
        if let page {
            let offset = (page.number - 1) * page.size
            members += ",\"offset\":\(offset),\"limit\":\(page.size)".utf8
        }
        members += try self.members(of: content, limits)
        return [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]
    }

    /// The members of the command that stand in the body.
    private func members(of content: [UInt8], _ limits: Limits) throws(APIError) -> [UInt8] {
        let object: JSONMembers
        do throws(WireError) {
            object = try JSONMembers(
                content.isEmpty ? Array("{}".utf8)[...] : content[...],
                maximumDepth: limits.jsonDepth)
        } catch {
            throw APIError(error)
        }
        var members: [UInt8] = []
        for key in body {
            guard let value = object[key] else {
                guard required.contains(key) else { continue }
                throw APIError(WireError(.missingField, "\(key) is required", field: key))
            }
            guard !value.elementsEqual("null".utf8) else {
                throw APIError(
                    WireError(
                        .invalidField, "\(key) must not be null: leave it out", field: key))
            }
            members += JSONText.comma + JSONText.key(key) + value
        }
        return members
    }

    /// Refuses a query with a value that cannot be decoded: it must not count as missing.
    ///
    /// - Parameters:
    ///   - query: as it was sent.
    ///   - value: the decoded value of a name in it.
    func check(query: String?, _ value: (String) -> String?) throws(APIError) {
        guard let query else { return }
        let names = self.query.map(\.name) + (paging == nil ? [] : ["page", "limit"])
        for name in names where value(name) == nil {
            let isThere = query.split(separator: "&").contains { $0.hasPrefix(name + "=") }
            guard !isThere else {
                throw APIError(
                    WireError(
                        .invalidField,
                        "\(name) must be: percent-encoded UTF-8 without control characters",
                        field: name))
            }
        }
    }

    /// Which page a query asks for; `nil` if the answer has none.
    ///
    /// - Throws: `invalid_field` for 0, for what is no number, and for a page further than can be passed over.
    func page(_ value: (String) -> String?, _ limits: Limits) throws(APIError) -> Page? {
        guard let paging else { return nil }
        let sizes = paging.sizes(limits)
        let size = min(try Self.count("limit", value) ?? sizes.standard, sizes.maximum)
        let number = try Self.count("page", value) ?? 1
        let last = paging.lastPage(limits)
        guard number <= last else {
            throw APIError(
                WireError(
                    .invalidField, "page must be: a whole number from 1 to \(last)", field: "page"))
        }
        return Page(number: number, size: size)
    }

    private static func count(
        _ name: String, _ value: (String) -> String?
    ) throws(APIError) -> Int? {
        guard let text = value(name) else { return nil }
        guard JSONText.isNumber(text), text != "0" else {
            throw APIError(
                WireError(
                    .invalidField, "\(name) must be: a whole number from 1", field: name))
        }
        // More digits than a number has: as much as there can be.
        return Int(text) ?? .max
    }

    /// What a client calls the key that a refusal names.
    func name(ofKey key: String) -> String {
        if key == "offset", paging != nil { return "page" }
        return (parameters + query).first { $0.key == key }?.name ?? key
    }
}

/// The few bytes of JSON that are written here.
enum JSONText {
    static let comma: [UInt8] = [UInt8(ascii: ",")]

    /// A key that needs no escapes, with its colon.
    static func key(_ name: String) -> [UInt8] { Array("\"\(name)\":".utf8) }

    /// Whether a text is a whole number as JSON writes it.
    static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 100,
            text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return false }
        return first != UInt8(ascii: "0") || text.utf8.count == 1
    }
}
