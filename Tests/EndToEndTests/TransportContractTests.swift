// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// The contract of transports over those that we ship.
@Suite(.timeLimit(.minutes(15)))
struct TransportContractTests {
    @Test(arguments: TransportContract.checks, ReactorKind.usable)
    func `TCP keeps the contract`(
        _ check: TransportContract.Check, _ kind: ReactorKind
    ) async throws {
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: TCPTransport(port: 0), reactor: kind) {
                port in
                LineWire(try RawClient(port: port))
            }
        }
    }

    @Test(arguments: TransportContract.checks, ReactorKind.usable)
    func `WebSocket keeps the contract`(
        _ check: TransportContract.Check, _ kind: ReactorKind
    ) async throws {
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: WebSocketTransport(port: 0), reactor: kind)
            { port in
                try await WebSocketWire(RawClient(port: port))
            }
        }
    }
}
