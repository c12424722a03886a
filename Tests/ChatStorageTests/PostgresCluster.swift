// SPDX-License-Identifier: MIT

import ChatStoragePostgres
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A throwaway server: made with the first use, on a socket in a directory of its own, and stopped
/// with the process.
///
/// Each test has a schema of its own in it.
final class PostgresCluster: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let directory: String

    /// The one that tests share, which leave it running.
    static let shared = Result { try PostgresCluster() }

    /// Makes a cluster and starts it.
    ///
    /// - Throws: when PostgreSQL is not installed (`scripts/setup.sh test`).
    init() throws {
        // Not the directory of Foundation: a socket's path may have a hundred bytes at most.
        directory = "/tmp/chat-postgres-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        // A server does not run as root.
        if geteuid() == 0 { try Self.run("/bin/chown", ["postgres", directory]) }
        try server(
            "initdb",
            ["-D", data, "-U", "chat", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"])
        try start()
        Self.stopAtExit(self)
    }

    private var data: String { directory + "/data" }

    /// A connection string for libpq.
    var conninfo: String { "host=\(directory) user=chat dbname=postgres" }

    /// Starts the server again after it was stopped.
    func start() throws {
        // `fsync` off: what these tests stop is the server, never the machine.
        let settings =
            "-c listen_addresses='' -c unix_socket_directories=\(directory) -c fsync=off"
            + " -c max_connections=400 -c shared_buffers=64MB"
        try server(
            "pg_ctl", ["-D", data, "-w", "-s", "-l", "\(directory)/log", "-o", settings, "start"])
    }

    /// Ends the server as a crash does: nobody is waited for, nothing is written back.
    func crash() throws {
        try server("pg_ctl", ["-D", data, "-w", "-s", "-m", "immediate", "stop"])
    }

    /// A store in a new schema.
    func store(_ configure: (inout PostgresOptions) -> Void = { _ in }) -> PostgresStore {
        var options = PostgresOptions()
        options.schema = Self.newSchema()
        options.connections = 2
        configure(&options)
        // The name by which `pg_stat_activity` tells whose a connection is.
        return PostgresStore("\(conninfo) application_name=\(options.schema)", options: options)
    }

    static func newSchema() -> String {
        "test_" + UUID().uuidString.lowercased().replacing("-", with: "_")
    }

    /// What a query gives, as `psql` shows it without decoration.
    @discardableResult
    func query(_ sql: String) throws -> String {
        try server(
            "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", sql])
    }

    // MARK: Programs

    @discardableResult
    private func server(_ program: String, _ arguments: [String]) throws -> String {
        let path = try Self.path(of: program)
        if geteuid() == 0 {
            return try Self.run("/usr/sbin/runuser", ["-u", "postgres", "--", path] + arguments)
        }
        return try Self.run(path, arguments)
    }

    /// Debian keeps the programs of each version in a folder that is not in PATH.
    private static func path(of program: String) throws -> String {
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let newest = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        let paths = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            newest.map { "\(debian)/\($0)/bin" } + paths.split(separator: ":").map(String.init)
        for folder in folders {
            let path = "\(folder)/\(program)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Failure(description: "\(program) is missing: run scripts/setup.sh test")
    }

    /// Not Foundation's `Process`: it waits for whoever has its socket, and a server inherits that.
    @discardableResult
    private static func run(_ path: String, _ arguments: [String]) throws -> String {
        let output = FileManager.default.temporaryDirectory
            .appending(path: "chat-postgres-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        guard posix_spawn(&child, path, &actions, nil, &words, environ) == 0 else {
            throw Failure(description: "\(path) cannot be started")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let text = try String(contentsOf: output, encoding: .utf8)
        guard status == 0 else { throw Failure(description: "\(path) \(arguments): \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The end

    /// Clusters that run, stopped by the process's last act.
    private static let running = Running()

    private final class Running: @unchecked Sendable {
        private let lock = NSLock()
        private var clusters: [PostgresCluster] = []

        func add(_ cluster: PostgresCluster) {
            lock.withLock {
                if clusters.isEmpty { atexit { PostgresCluster.running.stopAll() } }
                clusters.append(cluster)
            }
        }

        func stopAll() { for cluster in lock.withLock({ clusters }) { cluster.remove() } }
    }

    private static func stopAtExit(_ cluster: PostgresCluster) { running.add(cluster) }

    private func remove() {
        _ = try? crash()
        try? FileManager.default.removeItem(atPath: directory)
    }
}
