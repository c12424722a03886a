// SPDX-License-Identifier: MIT

import ChatActivityLog
import ChatAuth
import ChatCore
import ChatFiles
import ChatHTTP
import ChatTLS
import ChatTransportTCP
import ChatTransportWS

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The composition root: settings -> store, engine, transports and the page.
@main
struct ChatServer {
    static func main() async {
        Signals.catchTermination()
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") || arguments.contains("-h") {
            print(Option.help, terminator: "")
            return
        }
        let settings: Settings
        do throws(Settings.Problem) {
            settings = try Settings(arguments: arguments, environment: Environment.all)
        } catch {
            fail("chat-server: \(error.text)", status: 2)
        }
        guard let task = settings.task else { return await run(settings) }
        do {
            try await task.run(settings)
        } catch let error as Settings.Problem {
            fail("chat-server: \(error.text)", status: 2)
        } catch {
            fail("chat-server: \(error)", status: 1)
        }
    }

    private static func run(_ settings: Settings) async {
        let log = Log(level: settings.logLevel)
        var configuration = settings.configuration
        configuration.observer = log
        let engine: ChatEngine
        let tls: TLSServer?
        let files: FileService?
        let activity: FileActivityLog?
        do {
            tls = try settings.tls.map { configuration in try TLSServer(configuration) }
            activity = try await settings.activity.makeLog(log)
            configuration.activityLog = activity
            files = try await settings.files.makeService(log, activity)
            configuration.attachments = files
            let store = settings.makeStore()
            configuration.passwords = try RoomPasswords.argon2id()
            engine = try await ChatEngine(
                store: store, authenticator: settings.makeAuthenticator(store),
                configuration: configuration)
            files?.serve(engine)
            try await engine.serve(
                webSocket(settings, engine, tls, files, activity), tcp(settings, tls))
        } catch let error as Settings.Problem {
            fail("chat-server: \(error.text)", status: 1)
        } catch {
            fail("chat-server: \(error)", status: 1)
        }
        announce(engine, settings, log)
        tls?.warnings.forEach { log.write(.warning, "certificate", ["advice": $0.description]) }
        var signal = await Signals.wait()
        while signal == "SIGHUP" {
            reload(tls, log)
            signal = await Signals.wait()
        }
        log.write(.info, "stopping", ["signal": signal])
        await engine.shutdown(deadlineMilliseconds: settings.drainMilliseconds)
        await files?.close()
        await activity?.close()
        log.write(.info, "stopped")
    }

    /// New certificates for connections from now on; with bad ones everything stays as it was.
    private static func reload(_ tls: TLSServer?, _ log: Log) {
        guard let tls else { return log.write(.info, "nothing_to_reload") }
        do throws(TLSError) {
            try tls.reload()
            log.write(.info, "certificates_reloaded")
            tls.warnings.forEach { log.write(.warning, "certificate", ["advice": $0.description]) }
        } catch {
            log.write(.error, "certificates_kept", ["problem": error.description])
        }
    }

    private static func webSocket(
        _ settings: Settings, _ engine: ChatEngine, _ tls: TLSServer?, _ files: FileService?,
        _ activity: FileActivityLog?
    ) -> WebSocketTransport {
        var configuration = WebSocketTransport.Configuration()
        configuration.limits = settings.configuration.limits
        configuration.origins = settings.origins
        configuration.compresses = settings.isCompressing
        configuration.security = tls
        configuration.proxies = settings.proxies
        configuration.handshakeMilliseconds = settings.handshakeMilliseconds
        configuration.headMilliseconds = settings.handshakeMilliseconds
        configuration.routes = Page.routes(
            folder: settings.webFolder, guests: settings.auth != .accounts,
            accounts: settings.auth != .guests,
            registration: settings.accounts.allowsRegistration,
            fileBytes: files?.options.fileBytes ?? 0
        ) { [weak engine] in
            health(
                connections: engine?.connectionCount ?? 0,
                isReady: engine?.isStorageHealthy ?? false,
                activity: activity?.counts)
        }
        configuration.routes += ChatAPI(engine).routes
        configuration.refusal = ChatAPI.refusal
        configuration.crossOrigin = settings.crossOrigin
        if let files { configuration.routes += files.routes() }
        return WebSocketTransport(
            host: settings.host, port: settings.webSocketPort, configuration: configuration)
    }

    private static func tcp(_ settings: Settings, _ tls: TLSServer?) -> TCPTransport {
        var configuration = TCPTransport.Configuration()
        configuration.limits = settings.configuration.limits
        configuration.userTimeoutMilliseconds = Int32(
            clamping: settings.configuration.heartbeat.timeoutMilliseconds)
        configuration.security = tls
        configuration.proxies = settings.proxies
        configuration.handshakeMilliseconds = settings.handshakeMilliseconds
        return TCPTransport(
            host: settings.host, port: settings.tcpPort, configuration: configuration)
    }

    private static func health(
        connections: Int, isReady: Bool, activity: ActivityLogCounts?
    ) -> HTTPResponse {
        let status = isReady ? "ok" : "storage_unavailable"
        let lost = activity.map { ",\"activity_lines_lost\":\($0.lost)" } ?? ""
        return HTTPResponse(
            isReady ? .ok : .unavailable,
            fields: [HTTPResponse.Field("Content-Type", "application/json")],
            body: Array("{\"status\":\"\(status)\",\"connections\":\(connections)\(lost)}\n".utf8))
    }

    private static func announce(_ engine: ChatEngine, _ settings: Settings, _ log: Log) {
        let scheme = settings.tls == nil ? "http" : "https"
        let page = "\(scheme)://\(settings.host):\(engine.ports[0])"
        print("Web page:   \(page)/")
        print("HTTP API:   \(page)/api")
        for endpoint in engine.endpoints { print("Endpoint:   \(endpoint)") }
        fflush(nil)
        log.write(.info, "started", ["shards": "\(settings.configuration.shards)"])
    }

    private static func fail(_ text: String, status: Int32) -> Never {
        _ = (text + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
        exit(status)
    }
}

/// The process's environment.
enum Environment {
    static var all: [String: String] {
        var values: [String: String] = [:]
        var pointer = environ
        while let entry = pointer.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            pointer += 1
        }
        return values
    }
}
