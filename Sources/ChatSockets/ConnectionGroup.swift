// SPDX-License-Identifier: MIT

package import ChatCore

/// The connections of one transport on one event loop, so that they can be let go together.
package final class ConnectionGroup {
    private var connections: ContiguousArray<StreamConnection> = []
    private var whenEmpty: [() -> Void] = []
    /// Counts the connections; `nil` for nobody.
    var host: (any ConnectionHost)?
    /// The name of the transport, for whoever watches.
    var transport = ""
    /// Is told of connections that were let go before their protocol was, with their address.
    var refused: (TransportRefusal, String) -> Void = { _, _ in }

    /// Makes an empty group.
    package init() {}

    /// How many there are.
    package var count: Int { connections.count }

    /// All of them, in no particular order.
    package var all: [StreamConnection] { Array(connections) }

    func add(_ connection: StreamConnection) {
        connection.group = self
        connection.groupIndex = connections.count
        connections.append(connection)
    }

    /// O(1): the last one takes the place.
    func remove(_ connection: StreamConnection) {
        let index = connection.groupIndex
        guard index < connections.count, connections[index] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.groupIndex = index
        }
        connection.group = nil
        host?.release(connection)
        guard connections.isEmpty else { return }
        let waiting = whenEmpty
        whenEmpty = []
        for body in waiting { body() }
    }

    /// Says goodbye to all of them with `code`, to those that still owe an answer after it; `body` is called when the last one has ended, at
    /// the latest that many milliseconds from now.
    package func close(_ code: CloseCode, within milliseconds: Int64, _ body: @escaping () -> Void)
    {
        if connections.isEmpty { return body() }
        whenEmpty.append(body)
        for connection in connections { connection.stop(code, within: max(0, milliseconds)) }
    }
}
