// SPDX-License-Identifier: MIT

// The command `profile.update`.
extension CommandDecoder {
    func profileChanges(
        _ fields: borrowing CommandFields
    ) throws(WireError) -> ProfileChanges {
        try ProfileChanges(
            displayName: try string(.displayName, fields), avatar: try string(.avatar, fields),
            statusText: try string(.statusText, fields),
            hidesLastSeen: try flag(.hidesLastSeen, fields)
        ).checked(limits)
    }
}
