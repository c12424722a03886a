// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// From the engine's answer to a response. Pure.
enum APIResponse {
    /// Every answer is somebody's own.
    static let fields: [HTTPResponse.Field] = [
        .init("Content-Type", "application/json"), .init("Cache-Control", "no-store"),
        .init("X-Content-Type-Options", "nosniff"),
    ]

    private static let ok = Array("{\"type\":\"ok\"".utf8)

    /// The response that an answer makes.
    ///
    /// - Parameters:
    ///   - answer: `{"type":"ok",…}` or `{"type":"error",…}`.
    ///   - page: which page was asked for.
    ///   - prefix: of all paths.
    /// - Throws: the refusal that the answer is.
    static func make(
        _ answer: [UInt8], to endpoint: Endpoint, page: Endpoint.Page?, prefix: String
    ) throws(APIError) -> HTTPResponse {
        guard answer.starts(with: ok) else {
            throw APIError(answer: try members(answer[...]), of: endpoint)
        }
        switch endpoint.success {
        case .nothing:
            return HTTPResponse(.noContent, fields: fields.filter { $0.name != "Content-Type" })
        case .ok:
            return HTTPResponse(.ok, fields: fields, body: try body(answer, page))
        case .created:
            let isRepeated = try members(answer[...])["duplicate"] != nil
            return HTTPResponse(
                isRepeated ? .ok : .created, fields: fields, body: try body(answer, nil))
        case .createdRoom:
            var response = HTTPResponse(.created, fields: fields, body: try body(answer, nil))
            if let room = try members(answer[...])["room"], let id = try members(room).string("id")
            {
                response.fields.append(.init("Location", "\(prefix)/rooms/\(id)"))
            }
            return response
        }
    }

    /// The answer without its type, which the status says, and with what a list needs to go on.
    private static func body(
        _ answer: [UInt8], _ page: Endpoint.Page?
    ) throws(APIError) -> [UInt8] {
        var rest = answer.dropFirst(ok.count)
        if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
        var bytes = [UInt8(ascii: "{")] + rest
        guard let page else { return bytes }
        let isEnd = try isEnd(members(answer[...]), page)
        bytes.removeLast()
        if bytes.count > 1 { bytes += JSONText.comma }
        bytes += "\"page\":\(page.number),\"limit\":\(page.size),\"has_next\":\(!isEnd)}".utf8
        return bytes
    }

    /// Members say how many there are in all, the other lists whether this was the end.
    private static func isEnd(_ answer: JSONMembers, _ page: Endpoint.Page) -> Bool {
        if let end = answer["end"] { return end.first == UInt8(ascii: "t") }
        return Int64(page.number * page.size) >= answer.integer("total") ?? 0
    }

    private static func members(_ bytes: ArraySlice<UInt8>) throws(APIError) -> JSONMembers {
        do throws(WireError) {
            return try JSONMembers(bytes, maximumDepth: 64)
        } catch {
            // What the engine writes is JSON.
            throw APIError(.unavailable)
        }
    }
}
