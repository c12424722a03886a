// SPDX-License-Identifier: MIT

import ChatCore

extension Benchmark {
    static let codec = [
        Benchmark("decode-send", "a typical send command of 198 bytes becomes a value") {
            decoding(Samples.send)
        },
        Benchmark("decode-typing", "a typing command becomes a value") {
            decoding(Array(#"{"type":"typing","room":"\#(Samples.room)","on":true}"#.utf8))
        },
        Benchmark("scan-json", "nested JSON is checked and passed over") {
            decoding(Samples.nested)
        },
        Benchmark("encode-message", "a message event becomes JSON") {
            let encoder = Encoder()
            let sink = Sink()
            let entry = LogEntry(
                room: Samples.room, sender: Samples.user.id, at: Samples.start,
                clientID: "3f1c9d52-07a4-4b6e-9c1d-00000000",
                change: .message(text: Samples.text, replyTo: nil))
            var at = entry.at
            return { iterations in
                for _ in 0..<iterations {
                    at = Timestamp(milliseconds: at.milliseconds + 1)
                    let event = encoder.events.logged(
                        entry, by: Samples.user.name, seq: SequenceNumber(rawValue: 12_345), at: at)
                    sink.take(event.count)
                }
            }
        },
    ]

    private static func decoding(_ bytes: [UInt8]) -> (Int) -> Void {
        let decoder = CommandDecoder(limits: Limits())
        let sink = Sink()
        return { iterations in
            for _ in 0..<iterations {
                guard case .command(let command, _) = decoder.decode(bytes.span) else {
                    Main.fail("a sample command is not valid")
                }
                if case .room = command { sink.take(1) } else { sink.take(2) }
            }
        }
    }
}

/// Holds what cannot be copied where closures can reach it.
private final class Encoder {
    var events = EventEncoder()
}
