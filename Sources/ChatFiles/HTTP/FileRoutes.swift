// SPDX-License-Identifier: MIT

public import ChatCore
public import ChatTransportWS

extension FileService {
    /// The routes of docs/files.md, for the port of the WebSocket.
    ///
    /// - Parameter refusal: makes the response of an error; by default ``refusal(_:at:)``.
    public func routes(
        refusal: (@Sendable (WireError) -> HTTPResponse)? = nil
    ) -> [HTTPRoute] {
        let clock = clock
        let routes = FileRoutes(
            service: self, refusal: refusal ?? { Self.refusal($0, at: clock.wallTime()) })
        let base = options.basePath
        return [
            routes.route("POST", "\(base)/rooms/{room}/uploads", FileRoutes.begin),
            routes.route(
                "PATCH", "\(base)/uploads/{id}", bodyBytes: options.chunkBytes, FileRoutes.append),
            routes.route("GET", "\(base)/uploads/{id}", FileRoutes.status),
            routes.route("DELETE", "\(base)/uploads/{id}", FileRoutes.cancel),
            routes.route("GET", "\(base)/rooms/{room}/files/{id}", FileRoutes.download),
            routes.route("GET", "\(base)/rooms/{room}/files/{id}/preview", FileRoutes.preview),
            routes.route("POST", "\(base)/rooms/{room}/files/{id}/link", FileRoutes.link),
            routes.route("POST", "\(base)/rooms/{room}/links", FileRoutes.links),
        ]
    }

    /// The response to an error, in the shape of the whole HTTP interface.
    public static func refusal(_ error: WireError, at time: Timestamp) -> HTTPResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        // A client finds what is wrong in one place, however many fields it is.
        let only = error.field.map { [FieldRefusal($0, error.message)] } ?? []
        writer.refusal(error, details: error.details.isEmpty ? only : error.details, at: time)
        writer.endObject()
        writer.endObject()
        var fields = [
            HTTPResponse.Field("Content-Type", "application/json"),
            HTTPResponse.Field("Cache-Control", "no-store"),
        ]
        if let retry = error.retryAfterMilliseconds {
            fields.append(.init("Retry-After", String((retry + 999) / 1_000)))
        }
        if error.code == .invalidToken { fields.append(.init("WWW-Authenticate", "Bearer")) }
        return HTTPResponse(status(of: error.code), fields: fields, body: writer.bytes)
    }

    /// The HTTP status of an error about files.
    public static func status(of code: WireError.Code) -> HTTPStatus {
        switch code {
        case .invalidToken, .tokenExpired: .unauthorized
        case .forbidden, .notMember, .banned, .muted: .forbidden
        case .roomNotFound, .fileNotFound, .userNotFound: .notFound
        case .offsetMismatch: HTTPStatus(409, "Conflict")
        case .fileTooLarge, .quotaExceeded, .tooLarge: .contentTooLarge
        case .fileTypeForbidden: HTTPStatus(415, "Unsupported Media Type")
        case .sizeMismatch, .hashMismatch, .invalidField, .missingField:
            HTTPStatus(422, "Unprocessable Content")
        case .rateLimited, .tooManyUploads: .tooManyRequests
        case .storageUnavailable, .overloaded, .shuttingDown: .unavailable
        case .diskFull: HTTPStatus(507, "Insufficient Storage")
        default: .badRequest
        }
    }
}

/// Files over HTTP.
struct FileRoutes: Sendable {
    let service: FileService
    let refusal: @Sendable (WireError) -> HTTPResponse

    typealias Handler = @Sendable (FileRoutes, HTTPCall) async throws(WireError) -> HTTPAnswer

    func route(
        _ method: String, _ path: String, bodyBytes: Int? = nil, _ handler: @escaping Handler
    ) -> HTTPRoute {
        HTTPRoute(method, path, bodyBytes: bodyBytes) { call in
            do throws(WireError) {
                return try await handler(self, call)
            } catch {
                // Read to its end, a refused body leaves a connection on which the client hears the refusal.
                while let piece = try? await call.body.next() { _ = piece }
                return HTTPAnswer(refusal(error))
            }
        }
    }

    // MARK: The request

    /// The user of the request's token.
    func user(_ call: HTTPCall) async throws(WireError) -> UserReference {
        let words = (call.request.value(of: "authorization") ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw WireError(
                .invalidToken, "send the session's token: Authorization: Bearer TOKEN",
                field: "token")
        }
        let peer = PeerInfo(address: call.peerAddress, transport: "http")
        return try await service.gatekeeper().user(token: String(words[1]), peer: peer)
    }

    func room(_ call: HTTPCall) -> RoomReference { RoomReference(call.parameters["room"] ?? "") }

    func id(_ call: HTTPCall) throws(WireError) -> FileID {
        try FileService.id(call.parameters["id"] ?? "")
    }

    func object(_ call: HTTPCall) async throws(WireError) -> JSONObject {
        let bytes: [UInt8]
        do throws(HTTPBody.Failure) {
            bytes = try await call.body.collect(upTo: 65_536)
        } catch {
            throw WireError(.badJSON, "the body did not come whole")
        }
        do throws(JSONObject.Fault) {
            return try JSONObject(bytes.span)
        } catch {
            throw WireError(.badJSON, "the body must be one JSON object that names each key once")
        }
    }

    // MARK: The answer

    static func answer(
        _ status: HTTPStatus, fields: [HTTPResponse.Field] = [],
        _ write: (inout JSONWriter) -> Void
    ) -> HTTPAnswer {
        var writer = JSONWriter()
        write(&writer)
        let common = [
            HTTPResponse.Field("Content-Type", "application/json"),
            HTTPResponse.Field("Cache-Control", "no-store"),
        ]
        return HTTPAnswer(HTTPResponse(status, fields: common + fields, body: writer.bytes))
    }

    func answer(_ record: FileRecord) -> HTTPAnswer {
        let length = String(record.file.byteCount)
        return Self.answer(
            .ok, fields: [.init("Upload-Offset", length), .init("Upload-Length", length)]
        ) { service.attachment(record).write(to: &$0) }
    }
}
