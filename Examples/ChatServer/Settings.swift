// SPDX-License-Identifier: MIT

import ChatAuth
import ChatCore
import ChatStorageMemory
import ChatStoragePostgres
import ChatStorageSQLite
import ChatTLS
import ChatTransportWS

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the server was started with: checked, so that a bad value stops the start.
struct Settings {
    /// A setting that cannot be used, said so that one can repair it.
    struct Problem: Error, CustomStringConvertible {
        let text: String

        var description: String { text }
    }

    enum Auth {
        case guests, accounts, both
    }

    enum Store {
        case memory
        case sqlite(path: String)
        case postgres(uri: String)
    }

    var host = ""
    var webSocketPort = 0
    var tcpPort = 0
    var store = Store.memory
    var auth = Auth.guests
    var accounts = AccountOptions()
    var tokenSecretFile = ""
    var sqlite = SQLiteOptions()
    var drainMilliseconds: Int64 = 0
    var logLevel = Log.Level.info
    var origins = WebSocketOriginPolicy.sameHost
    var crossOrigin = HTTPCrossOrigin()
    var isCompressing = false
    /// Where the page's files are read from; the built-in ones if `nil`.
    var webFolder: String?
    /// `nil` without TLS.
    var tls: TLSConfiguration?
    var proxies: ProxyTrust?
    var handshakeMilliseconds: Int64 = 0
    var configuration = ChatConfiguration()
    var files = FileSettings()
    var activity = ActivitySettings()
    /// What to do instead of serving.
    var task: MaintenanceTask?

    init(arguments: [String], environment: [String: String]) throws(Problem) {
        let values = try Self.values(arguments, environment)
        func text(_ flag: String) -> String { values[flag] ?? "" }
        func number(_ flag: String, _ range: ClosedRange<Int>) throws(Problem) -> Int {
            guard let number = Int(text(flag)), range.contains(number) else {
                throw Problem(
                    text:
                        "\(flag) \(text(flag)): give a number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
        func choice<Value>(_ flag: String, _ choices: [String: Value]) throws(Problem) -> Value {
            guard let value = choices[text(flag)] else {
                let names = choices.keys.sorted().joined(separator: ", ")
                throw Problem(text: "\(flag) \(text(flag)): give one of \(names)")
            }
            return value
        }
        host = text("--host")
        webSocketPort = try number("--ws-port", 0...65_535)
        tcpPort = try number("--tcp-port", 0...65_535)
        store = try Self.store(text("--store"))
        sqlite.synchronous = try choice("--synchronous", ["full": .full, "normal": .normal])
        drainMilliseconds = Int64(try number("--drain-ms", 0...600_000))
        logLevel = try choice("--log-level", Log.Level.byName)
        isCompressing = try choice("--compression", ["on": true, "off": false])
        switch text("--allow-origin") {
        case "same": origins = .sameHost
        case "any": origins = .any
        case let list: origins = .allow(list.split(separator: ",").map(String.init))
        }
        if !text("--web").isEmpty { webFolder = try Self.webFolder(text("--web")) }
        tls = try Self.tls(certificates: text("--tls-cert"), keys: text("--tls-key"))
        let header: ProxyTrust.Header = try choice(
            "--proxy-header",
            ["x-forwarded-for": .xForwardedFor, "forwarded": .forwarded, "proxy": .proxyProtocol])
        proxies = try Self.proxies(text("--trusted-proxy"), header)
        handshakeMilliseconds = Int64(try number("--handshake-ms", 100...600_000))
        crossOrigin.responseFields.append("Location")
        switch text("--cors-origin") {
        case "none": crossOrigin.origins = .none
        case "any": crossOrigin.origins = .any
        case let list: crossOrigin.origins = .these(try Self.origins(list))
        }
        var limits = Limits()
        limits.connections = try number("--connections", 1...10_000_000)
        limits.connectionsPerAddress = try number("--connections-per-address", 1...10_000_000)
        if try choice("--limits", ["standard": false, "off": true]) {
            limits.connections = .max
            limits.connectionsPerAddress = .max
            configuration.rates = .off
        }
        configuration.limits = limits
        let reactors = try number("--reactors", 0...256)
        configuration.shards =
            reactors == 0 ? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) : reactors
        configuration.reactor = try choice(
            "--reactor", ["epoll": .epoll, "io_uring": .ioUring, "auto": .auto])
        configuration.heartbeat.intervalMilliseconds = Int64(
            try number("--heartbeat-ms", 10...3_600_000))
        configuration.heartbeat.timeoutMilliseconds = Int64(
            try number("--heartbeat-timeout-ms", 20...3_600_000))
        guard
            configuration.heartbeat.timeoutMilliseconds
                > configuration.heartbeat.intervalMilliseconds
        else { throw Problem(text: "--heartbeat-timeout-ms must be more than --heartbeat-ms") }
        configuration.presence.presenceGraceMilliseconds = Int64(
            try number("--presence-grace-ms", 0...3_600_000))
        guard !text("--default-room").isEmpty, text("--default-room").count <= 100 else {
            throw Problem(text: "--default-room: give a name of 1 to 100 characters")
        }
        configuration.defaultRoom = text("--default-room")
        let days = try number("--retention-days", 0...36_500)
        configuration.retention = RetentionPolicy(
            seconds: days * 86_400, messages: try number("--retention-messages", 0...1_000_000_000))
        configuration.retention.readTimeDays = try number(
            "--read-time-days", 0...RetentionPolicy.maximumReadTimeDays)
        auth = try choice(
            "--auth", ["guests": .guests, "accounts": .accounts, "both": .both])
        accounts.allowsRegistration = try choice("--registration", ["on": true, "off": false])
        accounts.accessSeconds = Int64(try number("--access-seconds", 1...31_536_000))
        accounts.refreshSeconds = Int64(try number("--refresh-days", 1...3_650)) * 86_400
        tokenSecretFile = try Self.secretFile(text("--token-secret-file"), auth, store)
        files = try FileSettings(values, store: store)
        activity = try ActivitySettings(
            directory: text("--activity-log"), days: try number("--activity-days", 0...36_500),
            includesContent: try choice("--activity-content", ["on": true, "off": false]))
        task = try MaintenanceTask(values)
    }

    private static func values(
        _ arguments: [String], _ environment: [String: String]
    ) throws(Problem) -> [String: String] {
        var values: [String: String] = [:]
        for option in Option.all {
            values[option.flag] = environment[option.variable] ?? option.standard
        }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            var flag = argument
            var value: String?
            if let equals = argument.firstIndex(of: "=") {
                flag = String(argument[..<equals])
                value = String(argument[argument.index(after: equals)...])
            }
            guard values[flag] != nil else {
                throw Problem(text: "\(argument): there is no such option; --help lists them")
            }
            let isSwitch = Option.all.contains { $0.flag == flag && $0.value.isEmpty }
            guard let given = value ?? (isSwitch ? "on" : rest.popFirst()) else {
                throw Problem(text: "\(flag) needs a value; --help says which")
            }
            values[flag] = given
        }
        return values
    }

    private static func webFolder(_ path: String) throws(Problem) -> String {
        guard PageFile.read("\(path)/index.html") != nil else {
            throw Problem(text: "--web \(path): give the folder that index.html is in")
        }
        return path
    }

    private static func tls(
        certificates: String, keys: String
    ) throws(Problem) -> TLSConfiguration? {
        let certificates = certificates.split(separator: ",").map(String.init)
        let keys = keys.split(separator: ",").map(String.init)
        guard certificates.count == keys.count else {
            throw Problem(text: "--tls-cert and --tls-key: give as many keys as certificates")
        }
        if certificates.isEmpty { return nil }
        return TLSConfiguration(
            certificates: zip(certificates, keys).map { certificate, key in
                TLSConfiguration.Certificate(chainPath: certificate, keyPath: key)
            })
    }

    private static func proxies(
        _ list: String, _ header: ProxyTrust.Header
    ) throws(Problem) -> ProxyTrust? {
        var trust = ProxyTrust(header: header)
        for text in list.split(separator: ",") {
            guard let range = AddressRange(String(text)) else {
                throw Problem(
                    text: "--trusted-proxy \(text): give addresses such as 10.0.0.0/8 or ::1")
            }
            trust.ranges.append(range)
        }
        return trust.ranges.isEmpty ? nil : trust
    }

    /// As browsers send them: a mistake would only show as a page that does not work.
    private static func origins(_ text: String) throws(Problem) -> [String] {
        let list = text.split(separator: ",").map(String.init)
        let isUsable = list.allSatisfy { origin in
            let rest = origin.split(separator: "://", maxSplits: 1)
            return rest.count == 2 && !rest[1].isEmpty && !rest[1].contains("/")
        }
        guard isUsable, !list.isEmpty else {
            throw Problem(
                text: "--cors-origin \(text): give none, any, or origins like https://example.org")
        }
        return list
    }

    private static func store(_ text: String) throws(Problem) -> Store {
        if text == "memory" { return .memory }
        if text.hasPrefix("sqlite:"), text.count > 7 {
            return .sqlite(path: String(text.dropFirst(7)))
        }
        if ["postgres://", "postgresql://"].contains(where: text.hasPrefix) {
            return .postgres(uri: text)
        }
        // Not the text itself: a mistyped URI may hold a password.
        throw Problem(text: "--store: give sqlite:PATH, postgres://USER@HOST/DATABASE or memory")
    }

    /// Beside the database, unless another one is given.
    private static func secretFile(
        _ text: String, _ auth: Auth, _ store: Store
    ) throws(Problem) -> String {
        guard auth != .guests, text.isEmpty else { return text }
        switch store {
        case .memory: return ""
        case .sqlite(let path): return path + ".token-secret"
        case .postgres:
            throw Problem(text: "--auth: with Postgres, give --token-secret-file as well")
        }
    }

    /// Who users are.
    func makeAuthenticator(
        _ store: any ChatStore & AccountStore
    ) throws -> any Authenticator {
        if auth == .guests { return .guests }
        let keys = try TokenSecret.keys(file: tokenSecretFile)
        let service = try AccountService(store: store, keys: keys, options: accounts)
        return .accounts(service, allowsGuests: auth == .both)
    }

    /// The store that was asked for.
    func makeStore() -> any ChatStore & AccountStore {
        switch store {
        case .memory: MemoryStore(limits: configuration.limits)
        case .sqlite(let path): SQLiteStore(path: path, options: sqlite)
        case .postgres(let uri):
            PostgresStore(uri, options: PostgresOptions(limits: configuration.limits))
        }
    }
}
