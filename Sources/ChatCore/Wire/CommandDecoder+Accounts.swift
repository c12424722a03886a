// SPDX-License-Identifier: MIT

// The commands about accounts: `login`, `register`, `refresh`, `logout`, `password.change`,
// `username.change`, `email.change`, `device.list`, `device.remove`. They are rare, and read as a whole: the
// conversation does not pay for their keys.
extension CommandDecoder {
    func account(
        _ type: String, _ fields: borrowing CommandFields
    ) throws(WireError) -> Command {
        let object: JSONObject
        do throws(JSONObject.Fault) {
            object = try JSONObject(
                fields.bytes, maximumMembers: .max, maximumDepth: limits.jsonDepth,
                isLenient: true)
        } catch {
            throw WireError(.badJSON, "a message must be one JSON object")
        }
        switch type {
        case "login": return .hello(try login(object, fields))
        case "register": return .hello(try registration(object, fields))
        case "refresh":
            guard let token = try text("refresh_token", object) else {
                throw missing("refresh_token")
            }
            return .refresh(token)
        case "password.change":
            guard let old = try text("password", object) else { throw missing("password") }
            guard let new = try text("new_password", object) else {
                throw missing("new_password")
            }
            return .changePassword(from: old, to: new)
        case "email.change":
            guard let email = try text("email", object) else { throw missing("email") }
            guard let password = try text("password", object) else { throw missing("password") }
            return .changeEmail(email, password: password)
        case "username.change":
            guard let name = try text("username", object) else { throw missing("username") }
            return .changeUsername(name)
        case "device.list": return .listDevices
        case "device.remove":
            guard let device = try text("device", object) else { throw missing("device") }
            guard let id = DeviceID(device) else {
                throw WireError(
                    .invalidField, "device must be: the id of a device, as in device.list",
                    field: "device")
            }
            return .removeDevice(id)
        default:
            switch object["all"] {
            case nil, .null?, .bool(false)?: return .logout(everywhere: false)
            case .bool(true)?: return .logout(everywhere: true)
            default: throw WireError(.invalidField, "all must be: true or false", field: "all")
            }
        }
    }

    private func login(
        _ object: JSONObject, _ fields: borrowing CommandFields
    ) throws(WireError) -> HelloCommand {
        guard let login = try text("login", object) else { throw missing("login") }
        guard let password = try text("password", object) else { throw missing("password") }
        var hello = try hello(fields)
        hello.login = LoginRequest(login: login, password: password, client: hello.client)
        return hello
    }

    /// What is missing is told with all else that is wrong, by field.
    private func registration(
        _ object: JSONObject, _ fields: borrowing CommandFields
    ) throws(WireError) -> HelloCommand {
        let request = RegistrationRequest(
            username: try text("username", object) ?? "",
            password: try text("password", object) ?? "", email: try text("email", object),
            displayName: try text("display_name", object), client: try text("client", object))
        var hello = try hello(fields)
        hello.registration = request
        return hello
    }

    private func text(_ key: String, _ object: JSONObject) throws(WireError) -> String? {
        switch object[key] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default:
            throw WireError(.invalidField, "\(key) must be: a string of Unicode text", field: key)
        }
    }

    private func missing(_ key: String) -> WireError {
        WireError(.missingField, "\(key) is required", field: key)
    }
}
