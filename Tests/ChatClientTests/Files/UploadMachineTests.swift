// SPDX-License-Identifier: MIT

import ChatClient
import Testing

struct UploadMachineTests {
    private static let file: JSONValue = [
        "file": ["id": "f_1", "name": "a", "bytes": 70_000, "sha256": "00"]
    ]

    private func machine(_ bytes: Int64 = 70_000, resuming: String? = nil) -> UploadMachine {
        UploadMachine(begin: ["type": "upload.begin"], bytes: bytes, resuming: resuming)
    }

    private func begun(at offset: Int = 0, bytes: Int = 70_000) -> JSONValue {
        ["upload": ["id": "f_1", "offset": .int(offset), "bytes": .int(bytes)]]
    }

    private func refusal(_ code: String) -> Result<JSONValue, ChatRefusal> {
        .failure(ChatRefusal(code: code, message: "no"))
    }

    /// The step in short.
    private func step(_ machine: UploadMachine) -> String {
        switch machine.step {
        case .ask(let command): command["type"]?.string ?? ""
        case .piece(let upload, let offset, let bytes): "\(upload) \(offset)+\(bytes)"
        case .done(let file): "done \(file.name)"
        case .failed(let refusal): refusal.code
        }
    }

    @Test func `a file goes in pieces, in their order, and is finished`() {
        var machine = machine()
        var steps: [String] = []
        for answer in [
            begun(), ["offset": 32_768], ["offset": 65_536], ["offset": 70_000], Self.file,
        ] {
            steps.append(step(machine))
            machine.answered(.success(answer))
        }
        #expect(
            steps == [
                "upload.begin", "f_1 0+32768", "f_1 32768+32768", "f_1 65536+4464", "upload.finish",
            ])
        #expect(step(machine) == "done a")
        #expect(machine.progress == ChatProgress(id: "f_1", bytes: 70_000, totalBytes: 70_000))
    }

    @Test func `a piece that was there already is not a failure: the upload goes on behind it`() {
        var machine = machine()
        machine.answered(.success(begun()))
        machine.answered(refusal("offset_mismatch"))
        #expect(step(machine) == "upload.status")
        machine.answered(.success(begun(at: 32_768)))
        #expect(step(machine) == "f_1 32768+32768")
    }

    @Test func `the last piece may have ended the upload before its answer was lost`() {
        var machine = machine(10)
        machine.answered(.success(begun(bytes: 10)))
        machine.answered(refusal("offset_mismatch"))
        machine.answered(.success(Self.file))
        #expect(step(machine) == "done a")
    }

    @Test func `an upload that an earlier run left goes on where it was`() {
        var machine = machine(resuming: "f_1")
        #expect(step(machine) == "upload.status")
        machine.answered(.success(begun(at: 60_000)))
        #expect(step(machine) == "f_1 60000+10000")
    }

    @Test func `an upload of another length is not gone on with`() {
        var machine = machine(resuming: "f_1")
        machine.answered(.success(begun(bytes: 5)))
        #expect(step(machine) == "size_mismatch")
    }

    @Test(arguments: ["file_too_large", "hash_mismatch", "quota_exceeded", "file_not_found"])
    func `a refusal for good ends it`(code: String) {
        var machine = machine()
        machine.answered(.success(begun()))
        machine.answered(refusal(code))
        #expect(step(machine) == code)
        machine.answered(.success(Self.file))
        #expect(step(machine) == code)
    }

    @Test func `a server that never agrees on a place is given up`() {
        var machine = machine()
        machine.answered(.success(begun()))
        var doubts = 0
        while step(machine) != "offset_mismatch", doubts < 100 {
            machine.answered(refusal("offset_mismatch"))
            machine.answered(.success(begun()))
            doubts += 1
        }
        #expect(doubts == 21)
    }

    @Test func `a server may ask for smaller pieces, and gets no larger ones than a command holds`()
    {
        for (asked, expected) in [(100, "f_1 0+100"), (1_048_576, "f_1 0+32768")] {
            var machine = machine()
            machine.answered(
                .success([
                    "upload": [
                        "id": "f_1", "offset": 0, "bytes": 70_000, "chunk_bytes": .int(asked),
                    ]
                ]))
            #expect(step(machine) == expected)
        }
    }
}
