// SPDX-License-Identifier: MIT

import ChatCore

/// What names, addresses and passwords may be: every broken rule at once, by field. Pure.
struct AccountRules: Sendable {
    let options: AccountOptions

    /// A registration whose every field is right, in the form that is stored.
    struct Checked: Sendable, Equatable {
        var username: String
        var email: String?
        var displayName: String
        var client: String
    }

    /// Checks a registration.
    ///
    /// - Throws: `invalid_field` with all that is wrong in `details`.
    func check(_ request: RegistrationRequest) throws(WireError) -> Checked {
        var details: [FieldRefusal] = []
        let username = username(request.username)
        if username == nil { details.append(usernameRefusal(request.username)) }
        if let refusal = passwordRefusal(request.password, "password") { details.append(refusal) }
        var email: String?
        if let text = request.email, !text.isEmpty {
            email = EmailAddress.clean(text)
            if email == nil { details.append(emailRefusal) }
        }
        let displayName = displayName(request.displayName ?? "")
        if displayName == nil {
            details.append(
                FieldRefusal(
                    "display_name",
                    "must have at most \(options.displayNameCharacters) visible characters"))
        }
        if let refusal = WireError.invalidFields(details) { throw refusal }
        return Checked(
            username: username ?? "", email: email, displayName: displayName ?? "",
            client: client(request.client))
    }

    /// The cleaned name; `nil` if it may not be one.
    func username(_ text: String) -> String? {
        guard let clean = DisplayName.clean(text),
            (options
                .usernameMinimumCharacters...max(
                    options.usernameMinimumCharacters, options.usernameCharacters)).contains(
                    clean.count),
            clean.utf8.count <= 4 * options.usernameCharacters, UserID(clean) == nil,
            // What has one is an e-mail address: a login must mean one account only.
            !clean.contains("@"),
            // A name that is nothing but what is not compared would be everybody's.
            NameKey(clean).folded.count >= 1
        else { return nil }
        return clean
    }

    func usernameRefusal(_ text: String) -> FieldRefusal {
        FieldRefusal(
            "username",
            text.isEmpty
                ? "is required"
                : "must have \(options.usernameMinimumCharacters) to "
                    + "\(options.usernameCharacters) visible characters, no @")
    }

    var emailRefusal: FieldRefusal {
        FieldRefusal("email", "must be an address like ana@example.org")
    }

    /// What is wrong with a new password.
    func passwordRefusal(_ text: String, _ field: String) -> FieldRefusal? {
        if text.isEmpty { return FieldRefusal(field, "is required") }
        let (least, most) = (options.passwordMinimumCharacters, options.passwordCharacters)
        // Four bytes a character at most: what is hashed is bounded in bytes too.
        if text.count >= least, text.count <= most, text.utf8.count <= 4 * most { return nil }
        return FieldRefusal(field, "must have \(least) to \(most) characters")
    }

    /// Whether a password could be anybody's: if not, nothing is hashed for it.
    func isPossible(_ password: String) -> Bool {
        !password.isEmpty && password.utf8.count <= 4 * options.passwordCharacters
    }

    /// The cleaned display name, which may be empty; `nil` if it may not be one.
    func displayName(_ text: String) -> String? {
        if text.isEmpty { return "" }
        guard let clean = DisplayName.clean(text), clean.count <= options.displayNameCharacters,
            clean.utf8.count <= 4 * options.displayNameCharacters
        else { return nil }
        return clean
    }

    /// The name of a client, cut off where it is too long.
    func client(_ text: String?) -> String {
        guard let text, let clean = DisplayName.clean(text) else { return "" }
        var result = clean
        while result.utf8.count > options.clientBytes { result.removeLast() }
        return result
    }
}
