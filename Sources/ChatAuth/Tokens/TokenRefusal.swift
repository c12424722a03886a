// SPDX-License-Identifier: MIT

package import ChatCore

/// Why an access token is not accepted. Each attack has its own case.
package enum TokenRefusal: Error, Sendable, Equatable {
    /// It is longer than ``TokenVerifier/maximumBytes``.
    case tooLarge
    /// It has not three parts with points between them.
    case malformed
    /// A part is not base 64 for URLs, without padding.
    case badBase64
    /// Header or claims are no JSON object.
    case badJSON
    /// Header or claims have a member twice.
    case duplicateMember(String)
    /// `alg` is `none`.
    case algorithmNone
    /// `alg` is not that of the key: a public key must not be taken for a secret.
    case wrongAlgorithm
    /// The header has `crit`: extensions that must be understood, and none is.
    case criticalExtension
    /// No key has the `kid`.
    case unknownKey
    /// The signature is wrong.
    case forged
    /// A claim is missing.
    case missingClaim(String)
    /// A claim is of the wrong type or has a value that cannot be.
    case invalidClaim(String)
    /// It was issued by somebody else.
    case foreignIssuer
    /// It is for somebody else.
    case foreignAudience
    /// It is not valid yet.
    case notYetValid
    /// It is not valid any more.
    case expired

    /// The word for it, in `details` of the error and in logs.
    package var reason: String {
        switch self {
        case .tooLarge: "too_large"
        case .malformed: "malformed"
        case .badBase64: "bad_base64"
        case .badJSON: "bad_json"
        case .duplicateMember: "duplicate_member"
        case .algorithmNone: "algorithm_none"
        case .wrongAlgorithm: "wrong_algorithm"
        case .criticalExtension: "critical_extension"
        case .unknownKey: "unknown_key"
        case .forged: "forged"
        case .missingClaim: "missing_claim"
        case .invalidClaim: "invalid_claim"
        case .foreignIssuer: "foreign_issuer"
        case .foreignAudience: "foreign_audience"
        case .notYetValid: "not_yet_valid"
        case .expired: "expired"
        }
    }

    /// What the client is told: `token_expired` or `invalid_token`, with the reason in `details`.
    package var wireError: WireError {
        let isExpired = self == .expired
        return WireError(
            isExpired ? .tokenExpired : .invalidToken,
            isExpired ? "the token has expired: refresh it" : "the token is not valid",
            field: "token", details: [FieldRefusal("token", reason)])
    }
}
