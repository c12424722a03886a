// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting

extension LoopbackWorld {
    /// Guests of these names, signed in, on the shards in turn.
    func guests(_ names: String...) -> [LoopbackClient] { names.map { guest($0) } }
}

extension LoopbackClient {
    /// The answer to the hello of the present connection.
    var welcome: JSONValue {
        messages[connectionStart...].first { $0["user"] != .null && $0.type == "ok" } ?? .null
    }

    /// The id of the user who signed in.
    var userID: String { welcome["user"]["id"].string ?? "?" }

    /// The id of the default room.
    var general: String {
        welcome["rooms"].elements.first { $0["name"] == "general" }?["id"].string ?? "?"
    }

    /// Posts a message and returns the answer.
    @discardableResult
    func say(_ text: String, in room: String = "general", key: String? = nil) -> JSONValue {
        var command: JSONValue = ["room": .string(room), "text": .string(text)]
        if let key { command = command.setting("client_id", to: .string(key)) }
        return ask("send", command)
    }

    /// Makes a room and returns its id.
    func makeRoom(_ name: String, _ fields: JSONValue = [:]) -> String {
        ask("room.create", fields.setting("name", to: .string(name)))["room"]["id"].string ?? "?"
    }

    /// The places in a room's log that this connection was told of.
    func places(in room: String) -> [Int] {
        messages[connectionStart...].filter {
            $0.type != "ok" && $0["room"].string == room && $0.seq > 0
        }
        .map(\.seq)
    }

    /// The events of a type that the present connection got.
    func now(_ type: String) -> [JSONValue] { Array(messages[connectionStart...]).of(type) }

    /// Connects anew with the name (or token) and positions, and settles nothing.
    func reconnect(as name: String, resume: JSONValue = .null, shard: Int? = nil) {
        connect(Options(shard: shard))
        post("hello", ["name": .string(name), "resume": resume])
    }
}

extension Array where Element == JSONValue {
    /// Those of a type.
    func of(_ type: String) -> [JSONValue] { filter { $0.type == type } }
}
