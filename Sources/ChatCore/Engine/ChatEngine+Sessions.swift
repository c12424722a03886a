// SPDX-License-Identifier: MIT

// What whoever manages accounts asks of live connections.
extension ChatEngine: SessionControl {
    /// Ends the connections of some devices of a user with ``CloseCode/sessionRevoked``, also those that are just
    /// signing in. Their other devices stay. Returns when it is done.
    ///
    /// - Complexity: O(connections of the user) on each shard.
    public func endSessions(of user: UserID, devices: [DeviceID]) async {
        context.revoke(devices)
        for loop in loops {
            await loop.run { $0.resident(Shard.self)?.endSessions(of: user, devices: devices) }
        }
    }

    /// The connections of a device may stay until `expires`: their token was refreshed.
    public func renewSessions(of user: UserID, device: DeviceID, until expires: Timestamp) async {
        for loop in loops {
            await loop.run {
                $0.resident(Shard.self)?.renewSessions(of: user, device: device, until: expires)
            }
        }
    }

    /// A user has another name or shows something else of themselves: those who share a room are told.
    public func profileChanged(_ user: UserReference, _ profile: UserProfile) async {
        for loop in loops { await loop.run { $0.resident(Shard.self)?.renamed(user) } }
        let home = context.home(of: user.id)
        await loops[home].run {
            $0.resident(Shard.self)?.handle(.profileChanged(user, profile))
        }
    }
}

extension Shard {
    /// Ends the connections here of some devices.
    func endSessions(of user: UserID, devices: [DeviceID]) {
        for id in sessionsOfUser[user] {
            guard let session = sessions[id], let device = session.access?.device,
                devices.contains(device)
            else { continue }
            configuration.observer.dropped(.sessionRevoked, peer: session.peer)
            session.link.close(.sessionRevoked)
            ended(session, isExplicit: true)
        }
    }

    /// The connections here of a device end later.
    func renewSessions(of user: UserID, device: DeviceID, until expires: Timestamp) {
        for id in sessionsOfUser[user] {
            guard let session = sessions[id], session.access?.device == device else { continue }
            setExpiry(of: session, expires)
        }
    }

    /// The user's connections here go on under their name.
    func renamed(_ user: UserReference) {
        for id in sessionsOfUser[user.id] {
            guard let session = sessions[id], let present = session.user else { continue }
            if present.name != user.name { session.renamed(to: user.name) }
        }
    }

    /// When the session's token expires; `nil` for never.
    func setExpiry(of session: ChatSession, _ expires: Timestamp?) {
        let time = configuration.clock.wallTime()
        session.access?.expires = expires.map {
            now.advanced(byMilliseconds: max(0, $0.milliseconds - time.milliseconds))
        }
        armTimer(of: session)
    }
}

/// By what a session is in, if it is not for good.
final class SessionAccess {
    /// The device of an account.
    var device: DeviceID?
    /// When the token expires that was presented last.
    var expires: ChatInstant?

    init(device: DeviceID?) { self.device = device }
}
