// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// A refusal on its way to a client: `{"error":{"code":…,"message":…,"time":…}}`.
struct APIError: Error, Sendable, Equatable {
    var status: HTTPStatus
    var code: String
    var message: String
    var field: String?
    /// A sentence by field, as JSON.
    var details: [UInt8]?
    var retryAfterMilliseconds: Int64?
    var bucket: String?

    /// A refusal that is made here, in the engine's words.
    init(_ error: WireError) {
        status = ErrorStatus.status(of: error.code)
        code = error.code.rawValue
        message = error.message
        field = error.field
        retryAfterMilliseconds = error.retryAfterMilliseconds
        bucket = error.bucket
    }

    /// What HTTP refuses.
    init(_ status: HTTPStatus) {
        self.status = status
        let known = ErrorStatus.ofHTTP.first { $0.status == status }
        code = known?.code ?? "http_\(status.code)"
        message = known?.message ?? status.phrase
        if status == .unavailable { retryAfterMilliseconds = 1_000 }
    }

    /// The engine's answer to a command.
    init(answer: JSONMembers, of endpoint: Endpoint) {
        code = answer.string("code") ?? ""
        status = WireError.Code(rawValue: code).map(ErrorStatus.status) ?? .unavailable
        message = answer.string("message") ?? ""
        field = answer.string("field").map(endpoint.name(ofKey:))
        details = answer["details"].map(Array.init)
        retryAfterMilliseconds = answer.integer("retry_after_ms")
        bucket = answer.string("bucket")
    }

    /// The response.
    func response(at time: Timestamp) -> HTTPResponse {
        var fields = APIResponse.fields
        if status == .unauthorized {
            fields.append(.init("WWW-Authenticate", "Bearer realm=\"chat\""))
        }
        if let wait = retryAfterMilliseconds {
            fields.append(.init("Retry-After", String(max(1, (wait + 999) / 1_000))))
        }
        return HTTPResponse(status, fields: fields, body: body(at: time))
    }

    private func body(at time: Timestamp) -> [UInt8] {
        var bytes = Array("{\"error\":{".utf8)
        bytes += JSONText.key("code") + JSONMembers.quoted(code)
        bytes += JSONText.comma + JSONText.key("message") + JSONMembers.quoted(message)
        if let field {
            bytes += JSONText.comma + JSONText.key("field") + JSONMembers.quoted(field)
        }
        // A client finds what is wrong in one place, however many fields it is.
        if let details {
            bytes += JSONText.comma + JSONText.key("details") + details
        } else if let field {
            bytes += JSONText.comma + JSONText.key("details") + [UInt8(ascii: "{")]
            bytes += JSONMembers.quoted(field) + [UInt8(ascii: ":")]
            bytes += JSONMembers.quoted(message) + [UInt8(ascii: "}")]
        }
        if let wait = retryAfterMilliseconds {
            bytes += JSONText.comma + JSONText.key("retry_after_ms") + Array("\(wait)".utf8)
        }
        if let bucket {
            bytes += JSONText.comma + JSONText.key("bucket") + JSONMembers.quoted(bucket)
        }
        bytes += JSONText.comma + JSONText.key("time") + JSONMembers.quoted(time.description)
        return bytes + Array("}}".utf8)
    }
}
