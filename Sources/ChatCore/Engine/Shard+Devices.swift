// SPDX-License-Identifier: MIT

// Where one's account is signed in.
extension Shard {
    func devices(id: String?, _ session: ChatSession) {
        guard let user = session.user?.id, let device = session.access?.device,
            let accounts = context.authenticator.accounts
        else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .barrier)
        }
        perform(
            { () async -> Result<[DeviceRecord], WireError> in
                do throws(WireError) {
                    return .success(try await accounts.devices(of: user))
                } catch {
                    return .failure(error)
                }
            },
            then: { [self] result in
                guard !session.isEnded else { return }
                switch result {
                case .success(let devices):
                    session.link.send(answers.devices(id, devices, current: device).span)
                case .failure(let error): refuse(session, id: id, error)
                }
                settle(session, .barrier)
            })
    }

    /// Somebody else's device, or none, is nothing to do.
    func remove(_ device: DeviceID, id: String?, _ session: ChatSession) {
        // One's own: the connection is to get its answer before it ends.
        guard session.access?.device != device else {
            return logout(everywhere: false, id: id, session)
        }
        guard let user = session.user?.id, session.access?.device != nil,
            let accounts = context.authenticator.accounts
        else {
            refuse(session, id: id, .noAccounts)
            return settle(session, .barrier)
        }
        performCall(
            { () async throws(WireError) in
                try await accounts.signOut(user, device: device, everywhere: false)
            }, session
        ) { [self] error in
            if let error {
                refuse(session, id: id, error)
            } else {
                session.link.send(answers.ok(id).span)
            }
            settle(session, .barrier)
        }
    }
}
