// SPDX-License-Identifier: MIT

// Retention and the remains of deleted rooms: shard 0 calls the store, for all rooms.
extension Shard {
    /// Does what is due, unless the engine stops.
    func upkeepDue(now: ChatInstant) {
        if context.isDraining { return }
        let action = upkeep.next(now: now, time: configuration.clock.wallTime())
        guard let action else { return }
        switch action {
        case .sweep(let limit):
            ask(
                { store async throws(StorageError) in try await store.sweep(limit: limit) },
                then: told { $0.swept($1, now: $2) })
        case .readRooms(let room, let limit):
            ask(
                { store async throws(StorageError) in
                    try await store.rooms(after: room, limit: limit)
                }, then: told { $0.roomsRead($1, now: $2) })
        case .findPlace(let room, let bound):
            ask(
                { store async throws(StorageError) in
                    try await store.trimPlace(in: room, for: bound)
                }, then: told { $0.placeFound($1, now: $2) })
        case .trim(let room, let place, let limit):
            ask({ store async throws(StorageError) in
                try await store.trim(room, through: place, limit: limit)
            }) { [self] result in
                if case .success(let slice?) = result, slice.removed > 0 {
                    send(.trimmed(room, through: slice.trimmed), to: context.home(of: room))
                }
                told { $0.trimmed($1, now: $2) }(result)
            }
        }
    }

    /// Forgets devices of accounts that nobody uses any more, unless the engine stops.
    func deviceExpiryDue(now: ChatInstant) {
        guard !context.isDraining, let accounts = context.authenticator.accounts,
            deviceExpiry.begin(now: now)
        else { return }
        perform(
            { () async -> Int? in
                try? await accounts.removeExpiredDevices(limit: ExpiryMachine.sliceRows)
            },
            then: { [self] count in
                if let count {
                    deviceExpiry.removed(count, now: self.now)
                } else {
                    deviceExpiry.failed(now: self.now)
                }
            })
    }

    /// Forgets when members read what was read long ago, unless the engine stops.
    func readTimeExpiryDue(now: ChatInstant) {
        guard !context.isDraining, readTimeExpiry.begin(now: now) else { return }
        let oldest = configuration.retention.oldestReadTime(at: configuration.clock.wallTime())
        ask({ store async throws(StorageError) in
            try await store.removeReadTimes(before: oldest, limit: ExpiryMachine.sliceRows)
        }) { [self] result in
            switch result {
            case .success(let count): readTimeExpiry.removed(count, now: self.now)
            case .failure: readTimeExpiry.failed(now: self.now)
            }
        }
    }

    private func told<Value>(
        _ body: @escaping (inout UpkeepMachine, Value, ChatInstant) -> Void
    ) -> (Result<Value, StorageError>) -> Void {
        { [self] result in
            switch result {
            case .success(let value): body(&upkeep, value, now)
            case .failure: upkeep.failed(now: now)
            }
        }
    }

    /// Events up to `place` are no longer in the log: nobody gets them from memory either.
    func trimmed(_ id: RoomID, through place: SequenceNumber) {
        guard case .ready(let room)? = rooms[id] else { return }
        publish(.trimmed(place), in: room)
    }
}
