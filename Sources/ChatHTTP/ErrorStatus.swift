// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// Which status a refusal has: the one table. `docs/http.md` shows it; a test compares them.
enum ErrorStatus {
    /// The status of a code of the engine.
    static func status(of code: WireError.Code) -> HTTPStatus {
        switch code {
        case .badJSON, .badUTF8, .unknownCommand: .badRequest
        case .tooLarge, .fileTooLarge, .quotaExceeded: .contentTooLarge
        case .fileTypeForbidden: .unsupportedMediaType
        case .diskFull: .insufficientStorage
        case .invalidField, .missingField, .textEmpty, .textTooLong, .sizeMismatch, .hashMismatch:
            .unprocessable
        case .helloRequired, .invalidToken, .tokenExpired, .tokenReused, .invalidCredentials:
            .unauthorized
        case .accountLocked, .forbidden, .muted, .banned, .notMember, .notYourMessage: .forbidden
        case .roomNotFound, .userNotFound, .messageNotFound, .replyTargetNotFound,
            .invitationNotFound, .noAccounts, .userUnavailable, .passwordsUnavailable,
            .fileNotFound:
            .notFound
        case .messageDeleted: .gone
        case .alreadySignedIn, .nameTaken, .usernameTaken, .emailTaken, .roomNameTaken, .roomFull,
            .tooManyRooms, .capacityBelowMembers, .ownerMustTransfer, .defaultRoom, .tooManyBans,
            .tooManyMutes, .tooManyInvitations, .clientIDReused, .tooManyReactions, .tooManyPins,
            .directRoom, .tooManyBlocks, .offsetMismatch:
            .conflict
        case .rateLimited, .slowMode, .loginBlocked, .addressBlocked, .tooManyUploads:
            .tooManyRequests
        case .storageUnavailable, .overloaded, .shuttingDown: .unavailable
        }
    }

    /// What HTTP itself refuses: status, code, and what to do.
    static let ofHTTP: [(status: HTTPStatus, code: String, message: String)] = [
        (.badRequest, "bad_request", "the request breaks the rules of HTTP"),
        (.unauthorized, "token_required", "send an Authorization field: Bearer and a token"),
        (.forbidden, "origin_forbidden", "pages of this origin may not connect"),
        (.notFound, "not_found", "there is nothing at this path: see docs/http.md"),
        (.methodNotAllowed, "method_not_allowed", "the Allow field names the methods of this path"),
        (.requestTimeout, "request_timeout", "the request took too long"),
        (.contentTooLarge, "too_large", "the body is too long"),
        (.targetTooLong, "target_too_long", "the path and query are too long"),
        (.unsupportedMediaType, "unsupported_media_type", "a body must be application/json"),
        (.upgradeRequired, "upgrade_required", "this path speaks WebSocket, version 13"),
        (.headTooLarge, "head_too_large", "the header fields are too long, or too many"),
        (.notImplemented, "not_implemented", "this transfer coding is not known"),
        (.unavailable, "unavailable", "the server cannot answer now: try again"),
        (.versionNotSupported, "version_not_supported", "use HTTP/1.1"),
    ]
}

extension HTTPStatus {
    static let created = HTTPStatus(201, "Created")
    static let conflict = HTTPStatus(409, "Conflict")
    static let gone = HTTPStatus(410, "Gone")
    static let unsupportedMediaType = HTTPStatus(415, "Unsupported Media Type")
    static let insufficientStorage = HTTPStatus(507, "Insufficient Storage")
    static let unprocessable = HTTPStatus(422, "Unprocessable Content")
}
