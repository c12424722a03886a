// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform
import ChatTransportWS

extension FileRoutes {
    static let download: Handler = { routes, call throws(WireError) in
        let record = try await routes.permitted(call)
        return routes.bytes(of: record, call.request)
    }

    static let preview: Handler = { routes, call throws(WireError) in
        let record = try await routes.permitted(call)
        guard let preview = FilePreview(record.file.preview) else { throw FileService.notFound }
        let tag = EntityTag(sha256: record.sha256 + "-preview")
        var fields = safe(
            type: preview.mediaType, name: record.file.name, isInline: true, tag: tag)
        if tag.matches(ifNoneMatch: call.request.value(of: "if-none-match")) {
            return HTTPAnswer(HTTPResponse(.notModified, fields: fields))
        }
        fields.append(.init("Accept-Ranges", "none"))
        return HTTPAnswer(HTTPResponse(.ok, fields: fields, body: preview.bytes))
    }

    static let link: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        let id = try routes.id(call)
        let links = try await routes.service.links(to: [id], in: routes.room(call), for: user)
        guard let link = links.urls.first else { throw FileService.notFound }
        return answer(.ok) { writer in
            writer.beginObject()
            write(link.url, hasPreview: link.hasPreview, to: &writer)
            writer.key("expires_at")
            writer.time(links.expiresAt)
            writer.endObject()
        }
    }

    static let links: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        let maximum = routes.service.options.linksPerRequest
        guard case .strings(let texts)? = try await routes.object(call)["files"],
            texts.count <= maximum
        else {
            throw WireError(
                .invalidField, "files must be: at most \(maximum) ids of files", field: "files")
        }
        let ids = Set(texts.compactMap { FileID($0) }).sorted { $0.description < $1.description }
        let links = try await routes.service.links(to: ids, in: routes.room(call), for: user)
        return answer(.ok) { writer in
            writer.beginObject()
            writer.key("links")
            writer.beginObject()
            for link in links.urls {
                writer.key(name: link.file.description)
                writer.beginObject()
                write(link.url, hasPreview: link.hasPreview, to: &writer)
                writer.endObject()
            }
            writer.endObject()
            writer.key("expires_at")
            writer.time(links.expiresAt)
            writer.endObject()
        }
    }

    private static func write(_ url: String, hasPreview: Bool, to writer: inout JSONWriter) {
        writer.key("url")
        writer.string(url)
        if hasPreview {
            writer.key("preview_url")
            writer.string(FileService.Links.preview(url))
        }
    }

    /// The file of a request: by its signature if it has one, else by its token.
    private func permitted(_ call: HTTPCall) async throws(WireError) -> FileRecord {
        let id = try id(call)
        if let signature = call.request.queryValue(of: "signature") {
            return try await service.file(
                id, in: room(call), expires: call.request.queryValue(of: "expires") ?? "",
                signature: signature)
        }
        return try await service.file(id, in: room(call), for: try await user(call))
    }

    // MARK: The bytes

    /// What no file of a user may do in a browser, however it is opened.
    private static func safe(
        type: String, name: String, isInline: Bool, tag: EntityTag
    ) -> [HTTPResponse.Field] {
        [
            .init("Content-Type", type),
            .init("Content-Disposition", ContentDisposition.value(name: name, isInline: isInline)),
            .init("ETag", tag.description),
            // What one may not see tomorrow is asked about again; an unchanged file is not sent again.
            .init("Cache-Control", "private, max-age=600, must-revalidate"),
            .init("X-Content-Type-Options", "nosniff"),
            .init(
                "Content-Security-Policy",
                "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; "
                    + "style-src 'unsafe-inline'; frame-ancestors 'none'"),
            .init("Cross-Origin-Resource-Policy", "same-origin"),
            .init("Referrer-Policy", "no-referrer"),
        ]
    }

    private func bytes(of record: FileRecord, _ request: HTTPRequest) -> HTTPAnswer {
        let tag = EntityTag(sha256: record.sha256)
        let length = record.file.byteCount
        let isInline =
            MediaTypeRules.isShownInline(record.mediaType)
            && request.queryValue(of: "download") == nil
        var fields = Self.safe(
            type: MediaTypeRules.contentType(record.mediaType), name: record.file.name,
            isInline: isInline, tag: tag)
        fields.append(.init("Accept-Ranges", "bytes"))
        if tag.matches(ifNoneMatch: request.value(of: "if-none-match")) {
            return HTTPAnswer(HTTPResponse(.notModified, fields: fields))
        }
        var range = ByteRange.whole
        if tag.matches(ifRange: request.value(of: "if-range")) {
            range = ByteRange(request.value(of: "range"), length: length)
        }
        switch range {
        case .whole:
            return HTTPAnswer(
                HTTPResponse(.ok, fields: fields), stream: stream(record.file.id, 0..<length))
        case .part(let part):
            fields.append(
                .init(
                    "Content-Range",
                    "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"))
            return HTTPAnswer(
                HTTPResponse(HTTPStatus(206, "Partial Content"), fields: fields),
                stream: stream(record.file.id, part))
        case .unsatisfiable:
            return HTTPAnswer(
                HTTPResponse(
                    HTTPStatus(416, "Range Not Satisfiable"),
                    fields: [
                        .init("Content-Range", "bytes */\(length)"),
                        .init("Content-Type", "text/plain; charset=utf-8"),
                    ], body: Array("no byte of that range\n".utf8)))
        }
    }

    /// The bytes, a piece at a time: the next is read when the last was written.
    private func stream(_ id: FileID, _ range: Range<Int64>) -> HTTPStream {
        let place = Lock(range.lowerBound)
        let service = service
        return HTTPStream(length: Int(range.upperBound - range.lowerBound)) {
            let offset = place.withLock { $0 }
            let count = min(Int64(service.options.pieceBytes), range.upperBound - offset)
            if count <= 0 { return nil }
            let piece = try await service.read(id, from: offset, count: Int(count))
            // A file that has become shorter breaks the answer off, by the declared length.
            if piece.isEmpty { return nil }
            place.withLock { $0 = offset + Int64(piece.count) }
            return piece
        }
    }
}
