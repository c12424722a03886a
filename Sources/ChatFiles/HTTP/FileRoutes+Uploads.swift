// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

extension FileRoutes {
    static let begin: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        let draft = try UploadDraft(try await routes.object(call))
        let upload = try await routes.service.begin(draft, in: routes.room(call), by: user)
        let path = "\(routes.service.options.basePath)/uploads/\(upload.file.id)"
        return answer(
            HTTPStatus(201, "Created"),
            fields: [.init("Location", path), .init("Upload-Offset", "0")]
        ) { routes.status(upload).write(to: &$0) }
    }

    static let status: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        let (upload, file) = try await routes.service.progress(of: try routes.id(call), by: user)
        if let file { return routes.answer(file) }
        guard let upload else { throw FileService.notFound }
        return answer(
            .ok,
            fields: [
                .init("Upload-Offset", String(upload.offset)),
                .init("Upload-Length", String(upload.file.byteCount)),
            ]
        ) { routes.status(upload).write(to: &$0) }
    }

    static let cancel: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        try await routes.service.cancel(try routes.id(call), by: user)
        return HTTPAnswer(HTTPResponse(.noContent))
    }

    static let append: Handler = { routes, call throws(WireError) in
        let user = try await routes.user(call)
        try routes.service.gatekeeper().admit(user, cost: 1)
        let id = try routes.id(call)
        guard let offset = call.request.value(of: "upload-offset").flatMap(Int64.init) else {
            throw WireError(
                .missingField, "Upload-Offset is required: a whole number", field: "Upload-Offset")
        }
        let (upload, file) = try await routes.service.progress(of: id, by: user)
        if let file, offset == file.file.byteCount { return routes.answer(file) }
        guard let upload else { throw FileService.notFound }
        do throws(WireError) {
            return try await routes.append(call.body, at: offset, to: upload)
        } catch {
            guard error.code == .offsetMismatch else { throw error }
            return try await routes.conflict(error, id, user, call)
        }
    }

    /// Writes what comes, as it comes: no more than a piece is in memory.
    private func append(
        _ body: HTTPBody, at start: Int64, to upload: UploadRecord
    ) async throws(WireError) -> HTTPAnswer {
        let id = upload.file.id
        var offset = start
        // Also a request without bytes must name the right place.
        offset = try await service.append([], at: offset, to: id)
        do throws(HTTPBody.Failure) {
            while let piece = try await body.next() {
                let place = offset
                switch await write(piece, at: place, to: id) {
                case .success(let next): offset = next
                case .failure(let error): return try await refuse(error, rest: body, id)
                }
            }
        } catch {
            // What has come is kept; nobody is there to read the answer.
            throw WireError(.sizeMismatch, "the body did not come whole: go on at \(offset)")
        }
        guard offset == upload.file.byteCount else {
            return HTTPAnswer(
                HTTPResponse(.noContent, fields: [.init("Upload-Offset", String(offset))]))
        }
        return answer(try await service.finish(upload))
    }

    private func write(
        _ piece: [UInt8], at offset: Int64, to id: FileID
    ) async -> Result<Int64, WireError> {
        do throws(WireError) {
            return .success(try await service.append(piece, at: offset, to: id))
        } catch {
            return .failure(error)
        }
    }

    private func refuse(
        _ error: WireError, rest body: HTTPBody, _ id: FileID
    ) async throws(HTTPBody.Failure) -> HTTPAnswer {
        while try await body.next() != nil {}
        var response = refusal(error)
        if let upload = try? await service.store.upload(id) {
            response.fields.append(.init("Upload-Offset", String(upload.offset)))
        }
        return HTTPAnswer(response)
    }

    /// Where the upload really is stands in the head.
    private func conflict(
        _ error: WireError, _ id: FileID, _ user: UserReference, _ call: HTTPCall
    ) async throws(WireError) -> HTTPAnswer {
        while let piece = try? await call.body.next() { _ = piece }
        let (upload, file) = try await service.progress(of: id, by: user)
        let offset = upload?.offset ?? file?.file.byteCount ?? 0
        var response = refusal(error)
        response.fields.append(.init("Upload-Offset", String(offset)))
        return HTTPAnswer(response)
    }

    private func status(_ upload: UploadRecord) -> UploadStatus {
        service.status(of: upload, chunkBytes: service.options.chunkBytes)
    }
}
