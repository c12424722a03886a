// SPDX-License-Identifier: MIT

import ChatTesting
import ChatTransportTCP
import ChatTransportWS
import Testing

/// The contract of transports over those that we ship.
@Suite(.timeLimit(.minutes(2)))
struct TransportContractTests {
    @Test(arguments: TransportContract.checks)
    func `TCP keeps the contract`(_ check: TransportContract.Check) async throws {
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: TCPTransport(port: 0)) { port in
                LineWire(try RawClient(port: port))
            }
        }
    }

    @Test(arguments: TransportContract.checks)
    func `WebSocket keeps the contract`(_ check: TransportContract.Check) async throws {
        await #expect(throws: Never.self) {
            try await TransportContract.run(check, over: WebSocketTransport(port: 0)) { port in
                try await WebSocketWire(RawClient(port: port))
            }
        }
    }
}
