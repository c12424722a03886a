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
            var event = LoggedEvent(
                seq: SequenceNumber(rawValue: 12_345), at: Samples.start, sender: Samples.user.id,
                senderName: Samples.user.name, clientID: "3f1c9d52-07a4-4b6e-9c1d-00000000",
                change: .message(text: Samples.text, replyTo: nil))
            return { iterations in
                for _ in 0..<iterations {
                    event.at = Timestamp(milliseconds: event.at.milliseconds + 1)
                    sink.take(encoder.events.logged(event, room: Samples.room).count)
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
