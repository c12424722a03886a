// SPDX-License-Identifier: MIT

package import ChatCore

/// What lies between a socket and the protocol of its connection: a proxy's header, encryption. Connections without
/// either have none.
final class StreamLayer {
    /// The most bytes that are sealed before the kernel is asked whether it takes them.
    static let sealedBytes = 65_536

    /// Reads what a proxy says about the client; `nil` once that is done, or without a proxy.
    var proxyHeader: ProxyHeaderReader?
    /// The encryption; `nil` without.
    let channel: (any SecureChannel)?
    /// Starts the protocol; `nil` once that is done.
    var begin: ((StreamConnection) -> Void)?
    /// Whether bytes can be sealed.
    var isOpen = false
    /// Whether the peer was told that nothing more will be sent.
    var hasFinished = false
    /// Whether the peer has said that it will send no more.
    var hasPeerFinished = false
    /// What the peer sent while it was not its turn to go on with the handshake; nothing more is read meanwhile.
    var held: [UInt8] = []
    /// Whether it waits for its turn.
    var isHeld = false
    /// Sealed bytes that the kernel has not taken, and how many of them it has.
    private(set) var unsent: [UInt8] = []
    private(set) var sentCount = 0

    init(
        proxyHeader: ProxyHeaderReader?, channel: (any SecureChannel)?,
        begin: @escaping (StreamConnection) -> Void
    ) {
        self.proxyHeader = proxyHeader
        self.channel = channel
        self.begin = begin
    }

    /// How many sealed bytes wait.
    var unsentCount: Int { unsent.count - sentCount }

    /// Keeps what the kernel did not take.
    func keep(_ bytes: ArraySlice<UInt8>) { unsent.append(contentsOf: bytes) }

    /// Hands `unsent` to the kernel.
    func send(to descriptor: Int32) -> IOOutcome {
        let outcome = OutboundPart.own(unsent, from: sentCount).send(to: descriptor)
        if case .bytes(let count) = outcome {
            sentCount += count
            if sentCount == unsent.count {
                unsent = []
                sentCount = 0
            }
        }
        return outcome
    }
}

/// How the connections of a server begin.
package struct StreamOpening: Sendable {
    /// Encrypts; `nil` for none.
    package var security: (any TransportSecurity)?
    /// What may be agreed on in the handshake (RFC 7301).
    package var applicationProtocols: [String] = []
    /// How long a proxy's header and the handshake may take together, in milliseconds.
    package var handshakeMilliseconds: Int64 = 10_000
    /// Which proxies are believed; `nil` for none.
    package var proxies: ProxyTrust?
    /// The name of the transport.
    package var transport = ""
    /// What those who have not signed in may hold together, over all loops, in bytes; `nil` for no bound.
    package var newcomerBytes: Int?
    /// What somebody over a cap is told, if they are not encrypted.
    package var refusal: @Sendable (CloseCode) -> [UInt8] = { _ in [] }
    /// Is told of connections that were let go before their protocol was, with their address.
    package var refused: @Sendable (TransportRefusal, String) -> Void = { _, _ in }

    package init() {}

    /// Has the engine's observer told what happens, and its limits kept.
    package mutating func watch(_ transport: String, _ engine: ChatConfiguration) {
        self.transport = transport
        newcomerBytes = engine.limits.newcomerBytes
        let observer = engine.observer
        refused = { refusal, address in
            observer.refused(refusal, peer: PeerInfo(address: address, transport: transport))
        }
    }
}
