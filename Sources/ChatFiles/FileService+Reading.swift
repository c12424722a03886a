// SPDX-License-Identifier: MIT

package import ChatCore
import ChatPlatform

// Getting files: members of the room while a message has it, and its owner before.
extension FileService {
    /// A file that the user may have.
    ///
    /// - Throws: `file_not_found`, whatever is the reason: nobody learns what there is elsewhere.
    package func file(
        _ id: FileID, in reference: RoomReference, for user: UserReference
    ) async throws(WireError) -> FileRecord {
        let (room, allowed) = try await files([id], in: reference, for: user)
        guard let record = allowed.first, record.file.room == room else { throw Self.notFound }
        return record
    }

    /// Those of `ids` that the user may have.
    private func files(
        _ ids: [FileID], in reference: RoomReference, for user: UserReference
    ) async throws(WireError) -> (room: RoomID, files: [FileRecord]) {
        let gatekeeper = try gatekeeper()
        try gatekeeper.admit(user, cost: 1)
        let room: RoomID
        do throws(WireError) {
            room = try await gatekeeper.room(reference)
            try await gatekeeper.checkMember(user, of: room)
        } catch {
            let isHidden = [.roomNotFound, .notMember, .forbidden, .banned].contains(error.code)
            throw isHidden ? Self.notFound : error
        }
        let posted = try await gatekeeper.posted(ids, in: room)
        var files: [FileRecord] = []
        for id in ids {
            guard let record = try await found(id), record.file.room == room,
                posted.contains(id) || record.file.owner == user.id
            else { continue }
            files.append(record)
        }
        return (room, files)
    }

    /// A file of a signed link.
    package func file(
        _ id: FileID, in reference: RoomReference, expires: String, signature: String
    ) async throws(WireError) -> FileRecord {
        guard case .id(let room) = reference,
            signer.accepts(
                expires: expires, signature: signature, of: id, in: room, at: clock.wallTime()),
            let record = try await found(id), record.file.room == room
        else { throw Self.notFound }
        return record
    }

    func found(_ id: FileID) async throws(WireError) -> FileRecord? {
        do throws(FileError) {
            return try await store.file(id)
        } catch {
            if error == .notFound { return nil }
            throw Self.wireError(error)
        }
    }

    /// A piece of a file.
    package func read(
        _ id: FileID, from offset: Int64, count: Int
    ) async throws(WireError) -> [UInt8] {
        try await stored { store throws(FileError) in
            try await store.read(id, from: offset, count: count)
        }
    }

    // MARK: Links

    /// Addresses of files that work without a token for a while.
    package struct Links: Sendable, Equatable {
        /// Address by file, of those that the user may have; with it whether there is a preview.
        package var urls: [(file: FileID, url: String, hasPreview: Bool)]
        /// When they end.
        package var expiresAt: Timestamp

        package static func == (left: Links, right: Links) -> Bool {
            left.expiresAt == right.expiresAt && left.urls.elementsEqual(right.urls, by: ==)
        }

        /// The address of the small picture.
        static func preview(_ url: String) -> String {
            guard let mark = url.firstIndex(of: "?") else { return url + "/preview" }
            return url[..<mark] + "/preview" + url[mark...]
        }
    }

    /// Signs addresses of those of `ids` that the user may have.
    package func links(
        to ids: [FileID], in reference: RoomReference, for user: UserReference
    ) async throws(WireError) -> Links {
        let (room, files) = try await files(ids, in: reference, for: user)
        let expires = signer.expiry(at: clock.wallTime())
        let urls = files.map { record in
            let query = signer.query(record.file.id, in: room, expires: expires)
            return (
                file: record.file.id,
                url: "\(options.basePath)/rooms/\(room)/files/\(record.file.id)?\(query)",
                hasPreview: !record.file.preview.isEmpty
            )
        }
        return Links(urls: urls, expiresAt: Timestamp(milliseconds: expires * 1_000))
    }
}
