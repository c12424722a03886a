// SPDX-License-Identifier: MIT

extension AnswerEncoder {
    /// The answer to `refresh`.
    mutating func granted(_ id: String?, _ grant: TokenGrant) -> [UInt8] {
        begin(id)
        Self.write(grant, to: &writer)
        return end()
    }

    /// Tokens, as keys of an object.
    static func write(_ grant: TokenGrant, to writer: inout JSONWriter) {
        writer.key("access_token")
        writer.string(grant.accessToken)
        writer.key("expires_in_seconds")
        writer.number(grant.expiresInSeconds)
        writer.key("refresh_token")
        writer.string(grant.refreshToken)
        writer.key("device")
        writer.string(grant.device.description)
    }

    /// The answer to `device.list`: never the hashes. `current` is the device that asks.
    mutating func devices(
        _ id: String?, _ devices: [DeviceRecord], current: DeviceID
    ) -> [UInt8] {
        begin(id)
        writer.key("devices")
        writer.beginArray()
        for device in devices {
            writer.beginObject()
            writer.key("id")
            writer.string(device.id.description)
            writer.key("client")
            writer.string(device.client)
            writer.key("signed_in_at")
            writer.time(device.createdAt)
            writer.key("refreshed_at")
            writer.time(device.rotatedAt)
            writer.key("current")
            writer.bool(device.id == current)
            writer.endObject()
        }
        writer.endArray()
        return end()
    }

    /// What the owner of an account sees of it, as keys of an object: never the hash.
    static func write(_ account: AccountRecord, to writer: inout JSONWriter) {
        if let email = account.email {
            writer.key("email")
            writer.string(email)
        }
        if let time = account.lastLoginAt {
            writer.key("last_login_at")
            writer.time(time)
        }
    }
}
