// SPDX-License-Identifier: MIT

/// The rules of an upload: begin, pieces in their order, finish; after a doubt, ask where to go on.
///
/// A value without a file or a connection: ``step`` says what is to be done, ``answered(_:)`` takes what came of it.
package struct UploadMachine {
    /// What is to be done next.
    package enum Step {
        case ask(JSONValue)
        /// Send so many bytes from there on.
        case piece(upload: String, offset: Int64, bytes: Int)
        case done(ChatFile)
        case failed(ChatRefusal)
    }

    private enum Phase {
        case beginning
        case asking
        case sending
        case finishing
        case done(ChatFile)
        case failed(ChatRefusal)
    }

    /// The most bytes of a piece: what one command may carry.
    package static let pieceBytes = 32_768
    /// So often the server may say that the upload goes on elsewhere before one gives up.
    private static let mostDoubts = 20

    private let begin: JSONValue
    private let bytes: Int64
    private var phase: Phase
    private var pieceBytes = Self.pieceBytes
    private var doubts = 0
    /// The upload, once it has begun.
    package private(set) var id: String
    /// How much of it is there.
    package private(set) var offset: Int64 = 0

    /// Makes the machine of an upload.
    ///
    /// - Parameters:
    ///   - begin: the command `upload.begin`.
    ///   - bytes: how long the file is.
    ///   - resuming: the upload to go on with; `nil` for a new one.
    package init(begin: JSONValue, bytes: Int64, resuming: String? = nil) {
        self.begin = begin
        self.bytes = bytes
        id = resuming ?? ""
        phase = resuming == nil ? .beginning : .asking
    }

    /// What is to be done now.
    package var step: Step {
        switch phase {
        case .beginning: .ask(begin)
        case .asking: .ask(["type": "upload.status", "upload": .string(id)])
        case .sending:
            .piece(
                upload: id, offset: offset,
                bytes: Int(min(Int64(pieceBytes), bytes - offset)))
        case .finishing: .ask(["type": "upload.finish", "upload": .string(id)])
        case .done(let file): .done(file)
        case .failed(let refusal): .failed(refusal)
        }
    }

    /// How far it is.
    package var progress: ChatProgress { ChatProgress(id: id, bytes: offset, totalBytes: bytes) }

    /// Takes what came of ``step``.
    ///
    /// - Parameter result: the answer; refusals that pass are for the caller, who tries again.
    package mutating func answered(_ result: Result<JSONValue, ChatRefusal>) {
        switch (phase, result) {
        case (.done, _), (.failed, _): break
        case (_, .success(let answer)): took(answer)
        case (.sending, .failure(let refusal)) where refusal.code == "offset_mismatch":
            // A piece whose answer was lost is there already.
            doubts += 1
            phase = doubts > Self.mostDoubts ? .failed(refusal) : .asking
        case (.sending, .failure(let refusal)) where refusal.code == "file_not_found":
            // It may be that the last piece has ended it.
            phase = offset < bytes ? .failed(refusal) : .finishing
        case (_, .failure(let refusal)): phase = .failed(refusal)
        }
    }

    private mutating func took(_ answer: JSONValue) {
        if let file = ChatFile(answer["file"]) {
            offset = bytes
            phase = .done(file)
        } else if let upload = answer["upload"], let id = upload["id"]?.string {
            self.id = id
            guard upload["bytes"]?.int.map(Int64.init) ?? bytes == bytes else {
                return phase = .failed(
                    ChatRefusal(
                        code: "size_mismatch",
                        message: "the upload was begun for a file of another size"))
            }
            if let most = upload["chunk_bytes"]?.int, most > 0 {
                pieceBytes = min(most, Self.pieceBytes)
            }
            goOn(at: upload["offset"]?.int ?? 0)
        } else if case .sending = phase, let offset = answer["offset"]?.int {
            doubts = 0
            goOn(at: offset)
        } else {
            phase = .failed(
                ChatRefusal(code: "bad_answer", message: "the server's answer has no upload"))
        }
    }

    private mutating func goOn(at offset: Int) {
        self.offset = min(max(0, Int64(offset)), bytes)
        phase = self.offset < bytes ? .sending : .finishing
    }
}
