// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

extension Benchmark {
    static let webSocket = [
        Benchmark("websocket-receive", "a masked frame with a send command is parsed and unmasked")
        {
            var machine = WebSocketMachine(.init())
            var inflater = Inflater()
            var target = FrameTarget()
            let (send, key): ([UInt8], UInt32) = (Samples.send, 0x1234_5678)
            var masked: [UInt8] = []
            FrameEncoder.append(
                .text, send.span, maskKey: key, to: &masked)
            var bytes = masked
            return { iterations in
                for _ in 0..<iterations {
                    // The machine unmasks in place.
                    bytes.removeAll(keepingCapacity: true)
                    bytes.append(contentsOf: masked)
                    var span = bytes.mutableSpan
                    let count = machine.receive(
                        &span, inflater: &inflater, now: .zero, sink: &target)
                    guard count == masked.count else { Main.fail("a frame was not taken") }
                }
                guard target.bytes > 0 else { Main.fail("no message has come") }
            }
        },
        Benchmark("websocket-frame", "an event of 256 bytes is put into a frame of a turn's buffer")
        {
            let framing: any WireFraming = WebSocketFraming()
            let payload = [UInt8](repeating: UInt8(ascii: "x"), count: 256)
            var buffer: [UInt8] = []
            return { iterations in
                for _ in 0..<iterations {
                    if buffer.count > 100_000 { buffer.removeAll(keepingCapacity: true) }
                    framing.append(payload.span, to: &buffer)
                }
            }
        },
    ]
}

/// Counts what a connection receives.
private struct FrameTarget: WebSocketSink {
    var bytes = 0

    mutating func message(_ payload: Span<UInt8>, isText: Bool) -> WebSocketFlow {
        bytes += payload.count
        return .proceed
    }

    mutating func pong(_ payload: Span<UInt8>) {}
    mutating func send(_ frames: Span<UInt8>) {}
    mutating func closed(
        _ code: WebSocketCloseCode, reason: Span<UInt8>, by closer: WebSocketCloser
    ) {}
    mutating func finish() {}
    mutating func abort() {}
}
