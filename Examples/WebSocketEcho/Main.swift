// SPDX-License-Identifier: MIT

import ChatTransportWS

/// `websocket-echo [--port N]`: sends every WebSocket message back.
@main struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        var port = 9001
        if let index = arguments.firstIndex(of: "--port"), index + 1 < arguments.count {
            port = Int(arguments[index + 1]) ?? port
        }
        var configuration = WebSocketServer.Configuration()
        configuration.compresses = true
        let server = try await WebSocketServer.start(port: port, configuration: configuration) {
            connection, message in
            connection.send(message)
        }
        print("echoing on ws://127.0.0.1:\(server.port)/")
        // Runs until the process is killed.
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}
