// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import ChatTransportWS
import Testing

@testable import ChatHTTP

/// The mapping both ways, without an engine.
struct EndpointTests {
    private static func endpoint(_ method: String, _ path: String) throws -> Endpoint {
        try #require(Endpoint.all.first { $0.method == method && $0.path == path })
    }

    private func command(
        _ method: String, _ path: String, _ values: [String: String] = [:],
        query: [String: String] = [:], content: String = ""
    ) throws -> JSONValue {
        let endpoint = try Self.endpoint(method, path)
        let page = try endpoint.page({ query[$0] }, Limits())
        let bytes = try endpoint.command(
            values, query: { query[$0] }, content: Array(content.utf8), page: page,
            limits: Limits())
        return JSONValue(utf8: bytes) ?? .null
    }

    @Test func `path, query and body become the keys of the command`() throws {
        #expect(
            try command(
                "PATCH", "/rooms/{room}/messages/{seq}", ["room": "a \"b\"", "seq": "12"],
                content: "{\"text\": \"x\", \"client_id\":\"k\"}")
                == [
                    "type": "edit", "room": "a \"b\"", "target": 12, "text": "x", "client_id": "k",
                ])
        #expect(
            try command(
                "GET", "/rooms/{room}/messages", ["room": "r"],
                query: ["before": "7", "limit": "2"])
                == ["type": "history", "room": "r", "before": 7, "limit": 2])
        #expect(
            try command(
                "GET", "/rooms/{room}/messages", ["room": "7"],
                query: ["after": "2026-01-02T03:04:05Z"])
                == ["type": "history", "room": "7", "after": "2026-01-02T03:04:05Z"])
    }

    @Test func `what is no number goes to the engine as a text, to be refused in its words`() throws
    {
        for text in ["", "-1", "1.5", "01", "1e3", "٣", "x", String(repeating: "9", count: 101)] {
            #expect(
                try command("GET", "/rooms/{room}/events", ["room": "r"], query: ["after": text])[
                    "after"] == .string(text))
        }
    }

    @Test func `a body can set nothing that it is not asked for`() throws {
        let command = try command(
            "POST", "/rooms/{room}/messages", ["room": "mine"],
            content: "{\"type\":\"room.delete\",\"room\":\"other\",\"id\":1,\"te\\u0078t\":\"hi\"}")
        #expect(command == ["type": "send", "room": "mine", "text": "hi"])
    }

    @Test(arguments: ["x", "[]", "{", "{\"a\":1}{}", "null", "{\"a\":\"\\ud800\"", "{\"a\":01}"])
    func `a body that is no JSON object is refused`(content: String) throws {
        #expect {
            _ = try command("POST", "/rooms", content: content)
        } throws: { ($0 as? APIError)?.code == "bad_json" }
    }

    @Test func `a body that is not UTF-8 is refused`() throws {
        let endpoint = try Self.endpoint("POST", "/rooms")
        #expect {
            _ = try endpoint.command(
                [:], query: { _ in nil }, content: [0x7B, 0x22, 0xFF, 0x22, 0x7D], page: nil,
                limits: Limits())
        } throws: { ($0 as? APIError)?.code == "bad_utf8" }
    }

    @Test func `R3 pages begin at 1, sizes are cut to the largest`() throws {
        let list = try Self.endpoint("GET", "/rooms")
        let limits = Limits()
        func page(_ query: [String: String]) throws -> Endpoint.Page? {
            try list.page({ query[$0] }, limits)
        }
        #expect(try page([:]) == .init(number: 1, size: 20))
        #expect(try page(["page": "3", "limit": "7"]) == .init(number: 3, size: 7))
        #expect(try page(["limit": "100"]) == .init(number: 1, size: 100))
        #expect(try page(["limit": "101"]) == .init(number: 1, size: 100))
        #expect(try page(["limit": "99999999999999999999999"]) == .init(number: 1, size: 100))
        for query in [
            ["page": "0"], ["limit": "0"], ["page": "-1"], ["page": "x"], ["page": ""],
            ["page": "99999999999999999999999"], ["page": "1000001"],
        ] {
            #expect {
                _ = try page(query)
            } throws: { error in
                guard let error = error as? APIError else { return false }
                return error.code == "invalid_field" && error.field == query.keys.first
            }
        }
        #expect(
            try command("GET", "/rooms", query: ["page": "3", "limit": "7"])
                == ["type": "room.list", "offset": 14, "limit": 7])
    }

    @Test func `pages end where the engine passes over no more`() throws {
        for (path, last) in [("/search", 21), ("/rooms", 1_000_000)] {
            let endpoint = try Self.endpoint("GET", path)
            let query = { (page: Int) in ["page": "\(page)", "limit": "1000"] }
            #expect(try endpoint.page({ query(last)[$0] }, Limits())?.number == last)
            #expect(throws: APIError.self) {
                try endpoint.page({ query(last + 1)[$0] }, Limits())
            }
        }
    }

    @Test func `null is no value`() throws {
        #expect {
            _ = try command("PATCH", "/auth/me", content: "{\"avatar\": null}")
        } throws: { ($0 as? APIError)?.field == "avatar" }
        #expect(
            try command("PATCH", "/auth/me", content: "{\"other\": null}")
                == ["type": "profile.update"])
    }

    // MARK: Answers

    private func response(
        _ answer: String, _ method: String, _ path: String, page: Endpoint.Page? = nil
    ) throws -> (status: Int, body: JSONValue, fields: [String: String]) {
        let response = try APIResponse.make(
            Array(answer.utf8), to: try Self.endpoint(method, path), page: page, prefix: "/api")
        let fields = response.fields.map { ($0.name, $0.value) }
        return (
            response.status.code, JSONValue(utf8: response.body) ?? .null,
            Dictionary(fields) { $1 }
        )
    }

    @Test func `an answer is the engine's without its type`() throws {
        let (status, body, fields) = try response(
            "{\"type\":\"ok\",\"seq\":4,\"at\":\"t\"}", "POST", "/rooms/{room}/messages")
        #expect(status == 201)
        #expect(body == ["seq": 4, "at": "t"])
        #expect(fields["Cache-Control"] == "no-store")
        #expect(fields["Content-Type"] == "application/json")
        let repeated = try response(
            "{\"type\":\"ok\",\"seq\":4,\"at\":\"t\",\"duplicate\":true}", "POST",
            "/rooms/{room}/messages")
        #expect(repeated.status == 200)
        #expect(try response("{\"type\":\"ok\"}", "POST", "/rooms/{room}/join").body == [:])
        #expect(try response("{\"type\":\"ok\"}", "DELETE", "/rooms/{room}").status == 204)
        let made = try response(
            "{\"type\":\"ok\",\"room\":{\"id\":\"r_1\",\"name\":\"x\"}}", "POST", "/rooms")
        #expect(made.status == 201)
        #expect(made.fields["Location"] == "/api/rooms/r_1")
    }

    @Test(
        arguments: [
            ("\"rooms\":[],\"total\":0,\"end\":true", false),
            ("\"rooms\":[{\"end\":true}],\"total\":9,\"end\":false", true),
            ("\"members\":[],\"total\":10,\"online\":0", false),
            ("\"members\":[],\"total\":11,\"online\":0", true),
        ] as [(String, Bool)])
    func `a page says whether there is another`(members: String, hasNext: Bool) throws {
        let body = try response(
            "{\"type\":\"ok\",\(members)}", "GET", "/rooms", page: .init(number: 2, size: 5)
        ).body
        #expect(body["has_next"] == .bool(hasNext))
        #expect(body["page"] == 2)
        #expect(body["limit"] == 5)
    }

    @Test func `O2 a refusal has code, message, details by field and time`() throws {
        let endpoint = try Self.endpoint("DELETE", "/rooms/{room}/messages/{seq}")
        let answer = Array(
            "{\"type\":\"error\",\"code\":\"message_not_found\",\"message\":\"no \\\"it\\\"\",\"field\":\"target\"}"
                .utf8)
        let error = #expect(throws: APIError.self) {
            try APIResponse.make(answer, to: endpoint, page: nil, prefix: "/api")
        }
        let response = try #require(error).response(at: Timestamp(milliseconds: 0))
        #expect(response.status.code == 404)
        #expect(
            JSONValue(utf8: response.body) == [
                "error": [
                    "code": "message_not_found", "message": "no \"it\"", "field": "seq",
                    "details": ["seq": "no \"it\""], "time": "1970-01-01T00:00:00.000Z",
                ]
            ])
    }

    @Test(arguments: [(1, "1"), (1_000, "1"), (1_001, "2"), (900_000, "900")] as [(Int64, String)])
    func `O1 a client is told when to come back, in whole seconds`(
        milliseconds: Int64, seconds: String
    ) {
        let error = APIError(
            WireError(.rateLimited, "wait", retryAfterMilliseconds: milliseconds, bucket: "b"))
        let response = error.response(at: Timestamp(milliseconds: 0))
        #expect(response.status.code == 429)
        #expect(response.fields.first { $0.name == "Retry-After" }?.value == seconds)
        #expect(
            JSONValue(utf8: response.body)?["error"]["retry_after_ms"] == .integer(milliseconds))
    }

    @Test(
        arguments: [
            ("application/json", true), ("Application/JSON ; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true), ("application/json; a=b", true),
            ("", false), ("text/plain", false), ("application/jsonx", false),
            ("application/x-www-form-urlencoded", false), ("multipart/form-data", false),
            ("application/json; charset=latin1", false),
        ] as [(String, Bool)])
    func `only JSON in UTF-8 is a body`(type: String, isTaken: Bool) {
        #expect(ChatAPI.isJSON(type) == isTaken)
    }
}
