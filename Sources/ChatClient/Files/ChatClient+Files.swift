// SPDX-License-Identifier: MIT

import ChatCore
import ChatPlatform

extension ChatClient {
    /// Brings a file to the server, for a message in a room: ``send(_:to:replyTo:clientID:files:)`` it then.
    ///
    /// After a disconnect it goes on where it was. Memory: a piece of 32 KiB, however long the file is. A task that
    /// is cancelled takes the upload back.
    ///
    /// - Parameters:
    ///   - path: where the file is.
    ///   - room: the room's id or name.
    ///   - name: what others see; the last part of `path` by itself.
    ///   - resuming: an upload that an earlier run of the program left, by ``ChatProgress/id``.
    ///   - progress: called after each piece.
    /// - Returns: the file as the server has it.
    /// - Throws: the server's refusal, for example `file_too_large`; `file_unreadable`; `cancelled` with the task.
    public func upload(
        _ path: String, to room: String, name: String? = nil, resuming: String? = nil,
        progress: @Sendable (ChatProgress) -> Void = { _ in }
    ) async throws(ChatRefusal) -> ChatFile {
        let file = try LocalFile(reading: path)
        let bytes = try await file.bytes()
        let last = path.split(separator: "/").last.map(String.init)
        let begin: JSONValue = [
            "type": "upload.begin", "room": .string(room),
            "name": .string(name ?? last ?? "file"), "bytes": .int(Int(bytes)),
            "sha256": .string(try await file.digest(of: bytes)),
        ]
        var machine = UploadMachine(begin: begin, bytes: bytes, resuming: resuming)
        do throws(ChatRefusal) {
            return try await upload(file, &machine, progress)
        } catch {
            if error.code == "cancelled", !machine.id.isEmpty {
                let id = machine.id
                // Of a task of its own: this one is over. What fails here ends by itself a day later.
                Task { try? await call(["type": "upload.cancel", "upload": .string(id)]) }
            }
            throw error
        }
    }

    private func upload(
        _ file: LocalFile, _ machine: inout UploadMachine,
        _ progress: @Sendable (ChatProgress) -> Void
    ) async throws(ChatRefusal) -> ChatFile {
        while true {
            let command: JSONValue
            switch machine.step {
            case .done(let file): return file
            case .failed(let refusal): throw refusal
            case .ask(let question): command = question
            case .piece(let id, let offset, let bytes):
                let piece = try await file.read(at: offset, bytes: bytes)
                command = [
                    "type": "upload.chunk", "upload": .string(id), "offset": .int(Int(offset)),
                    "data": .string(Base64Text.encode(piece)),
                ]
            }
            machine.answered(await insist(command))
            progress(machine.progress)
        }
    }

    /// Saves a file of a message; returns once it is complete and checked.
    ///
    /// Until then it has another name beside `path`; what an earlier attempt left there is gone on with. Memory: a
    /// piece of 32 KiB.
    ///
    /// - Parameters:
    ///   - file: which one.
    ///   - room: the id or name of the message's room.
    ///   - path: where to; nothing may be there.
    ///   - progress: called after each piece.
    /// - Throws: the server's refusal, for example `file_not_found`; `file_exists`, `file_unwritable`; `hash_mismatch`
    ///   if the bytes are not those that were sent; `cancelled` with the task.
    public func download(
        _ file: ChatFile, in room: String, to path: String,
        progress: @Sendable (ChatProgress) -> Void = { _ in }
    ) async throws(ChatRefusal) {
        let target = try Self.target(path, of: file)
        let local = try LocalFile(writing: target.temporaryPath)
        var offset = try await local.bytes()
        if offset > file.bytes {
            try await local.cut(to: 0)
            offset = 0
        }
        while offset < file.bytes {
            let command: JSONValue = [
                "type": "download", "room": .string(room), "file": .string(file.id),
                "offset": .int(Int(offset)),
            ]
            let answer = try await insist(command).get()
            guard let bytes = answer["data"]?.string.flatMap({ Base64Text.decode($0) }),
                !bytes.isEmpty, offset + Int64(bytes.count) <= file.bytes
            else {
                throw ChatRefusal(code: "bad_answer", message: "the server's answer has no bytes")
            }
            try await local.write(bytes, at: offset)
            offset += Int64(bytes.count)
            progress(ChatProgress(id: file.id, bytes: offset, totalBytes: file.bytes))
        }
        guard try await local.digest(of: file.bytes) == file.sha256 else {
            target.discard()
            throw ChatRefusal(
                code: "hash_mismatch", message: "what came is not what was sent: try again")
        }
        try await local.publish(target)
    }

    private static func target(
        _ path: String, of file: ChatFile
    ) throws(ChatRefusal) -> NewFile {
        // The same name for the same file: so that the next attempt finds what this one leaves.
        let tag = file.id.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        do throws(NewFile.Failure) {
            return try NewFile(path: path, tag: tag)
        } catch {
            throw LocalFile.refusal(error, path)
        }
    }

    /// Sends a command that does no harm twice until it is answered for good.
    private func insist(_ command: JSONValue) async -> Result<JSONValue, ChatRefusal> {
        while true {
            do throws(ChatRefusal) {
                return .success(try await call(command))
            } catch {
                guard error.isPassing else { return .failure(error) }
                let delay = max(100, error.retryMilliseconds ?? 1_000)
                do {
                    try await Task.sleep(for: .milliseconds(delay))
                } catch {
                    return .failure(.cancelled)
                }
            }
        }
    }
}
