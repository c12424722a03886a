// SPDX-License-Identifier: MIT

package import ChatCore

/// How the engine counts a connection.
enum ConnectionCount {
    /// Not at all.
    case none
    /// Among all, because it is a proxy's and the client is not known.
    case inTotal
    /// Among all and among those of its address.
    case byAddress
}

extension ConnectionHost {
    /// Counts a connection out.
    func release(_ connection: StreamConnection) {
        switch connection.counted {
        case .none: return
        case .inTotal: release(nil)
        case .byAddress: release(connection.peer)
        }
        connection.counted = .none
    }
}

extension StreamConnection {
    /// Whether the engine has counted it already.
    package var isCounted: Bool { counted != .none }

    /// A trusted proxy has said who the client is.
    ///
    /// - Returns: the code to refuse the client with; `nil` if it may stay.
    package func move(to address: String) -> CloseCode? {
        guard let host = group?.host, isCounted else {
            peer = address
            return nil
        }
        host.release(self)
        peer = address
        if let code = host.admit(address, transport: group?.transport ?? "") { return code }
        counted = .byAddress
        return nil
    }

    /// Like ``move(to:)``, before there is a protocol that could tell the client.
    ///
    /// - Returns: whether it may stay.
    func movePeer(to address: NetworkAddress) -> Bool {
        if move(to: address.description) == nil { return true }
        fail()
        return false
    }

    /// Tells whoever watches the server.
    package func tell(_ refusal: TransportRefusal) { group?.refused(refusal, peer) }

    /// Writes a few bytes before the connection is registered; what the kernel does not take is lost.
    func say(_ bytes: [UInt8]) {
        if !bytes.isEmpty { _ = OutboundPart.own(bytes, from: 0).send(to: raw) }
    }

    /// Lets go of a connection that was never registered.
    func drop() {
        phase = .ended
        Syscalls.finishWriting(raw)
        descriptor = nil
        group?.remove(self)
    }
}
