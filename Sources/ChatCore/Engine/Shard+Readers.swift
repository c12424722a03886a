// SPDX-License-Identifier: MIT

// Who has read what.
extension Shard {
    func answerReaders(_ seq: SequenceNumber, _ request: RoomRequest, _ room: HostedRoom) {
        let id = room.id
        let query = HistoryQuery(room: id, anchor: .around(seq), limit: 1)
        // Of large rooms no times are kept, and they have many members to ask for.
        let isTimed = room.machine.isSmall
        ask({ store async throws(StorageError) in
            let page = try await store.history(query)
            let message = page.messages.first { $0.seq == seq }
            var times: [UserID: Timestamp] = [:]
            if message != nil, isTimed { times = try await store.readTimes(of: seq, in: id) }
            return (message, times)
        }) { [self] result in
            switch result {
            case .success((let message?, let times)):
                let readers = room.receipts.readers(of: seq, excluding: message.sender)
                let status = room.receipts.status(of: seq, by: message.sender)
                let list = readers.compactMap { reader in
                    room.machine.member(reader).map {
                        MessageReader(user: $0.user, at: times[reader])
                    }
                }
                answer(request.origin, id, .readers(status: status, list))
            case .success:
                let error = WireError(.messageNotFound, "seq is no message", field: "seq")
                answer(request.origin, id, .refused(error))
            case .failure: answer(request.origin, id, .refused(.storageUnavailable))
            }
        }
    }
}
