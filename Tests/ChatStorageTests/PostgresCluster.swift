// SPDX-License-Identifier: MIT

import ChatStoragePostgres
import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A throwaway server: made with the first use, on a socket in a directory of its own, and removed
/// with the process, however that ends.
///
/// Each test has a schema of its own in it. Programs are waited for on threads of their own: Swift's
/// pool has one per core, and other tests need them.
final class PostgresCluster: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Not the directory of Foundation: a socket's path may have a hundred bytes at most.
    let directory = "/tmp/chat-postgres-\(UUID().uuidString.prefix(8))"

    private static let started = Task { try await PostgresCluster() }

    /// The one that tests share, which leave it running.
    static func shared() async throws -> PostgresCluster { try await started.value }

    /// Makes a cluster and starts it.
    ///
    /// - Parameter settings: of the server, as `postgres` takes them.
    /// - Throws: when PostgreSQL is not installed (`scripts/setup.sh test`).
    init(_ settings: String = "") async throws {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        // A server does not run as root.
        if geteuid() == 0 { try await Self.run(["/bin/chown", "postgres", directory]) }
        try removeAtEnd()
        try await server(
            "initdb",
            ["-D", data, "-U", "chat", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"])
        try await start(settings)
    }

    var data: String { directory + "/data" }

    /// A connection string for libpq.
    var conninfo: String { "host=\(directory) user=chat dbname=postgres" }

    /// Starts the server again after it was stopped.
    func start(_ settings: String = "") async throws {
        // `fsync` off: what these tests stop is the server, never the machine.
        let all =
            "-c listen_addresses='' -c unix_socket_directories=\(directory) -c fsync=off"
            + " -c max_connections=400 -c shared_buffers=64MB \(settings)"
        try await server(
            "pg_ctl", ["-D", data, "-w", "-s", "-l", "\(directory)/log", "-o", all, "start"])
    }

    /// Ends the server as a crash does: nobody is waited for, nothing is written back.
    func crash() async throws {
        try await server("pg_ctl", ["-D", data, "-w", "-s", "-m", "immediate", "stop"])
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
    ///
    /// - Parameter host: where the server's socket is, if not in its usual place.
    @discardableResult
    func query(_ sql: String, host: String? = nil) async throws -> String {
        // Of a keyword given twice the last one counts.
        let place = host.map { "\(conninfo) host=\($0)" } ?? conninfo
        return try await server(
            "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", place, "-c", sql])
    }

    /// Runs `body` while no commit is answered: with a standby that never comes a backend waits behind its commit,
    /// and is ended there. Those of other calls, as of the index, meet the same.
    func cuttingCommits<Value: Sendable>(
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await query("SELECT pg_reload_conf()")
        // A backend reads its settings before a statement: not before the signal has arrived.
        while try await query("SHOW synchronous_standby_names") != "nobody" { await Task.yield() }
        let cutter = Task {
            let cut = """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE wait_event = 'SyncRep'
                """
            while !Task.isCancelled { try await query(cut) }
        }
        let value: Value
        do {
            value = try await body()
        } catch {
            cutter.cancel()
            throw error
        }
        cutter.cancel()
        try await cutter.value
        try await query("ALTER SYSTEM RESET synchronous_standby_names")
        try await query("SELECT pg_reload_conf()")
        return value
    }

    // MARK: Programs

    @discardableResult
    private func server(_ program: String, _ arguments: [String]) async throws -> String {
        try await Self.run(Self.asOwner([try Self.path(of: program)] + arguments))
    }

    private static func asOwner(_ words: [String]) -> [String] {
        geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] + words : words
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

    /// Runs a program on a thread of its own; returns what it prints.
    @discardableResult
    private static func run(_ words: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runAndWait(words) }) }
        }
    }

    /// Not Foundation's `Process`: it waits for whoever has its socket, and a server inherits that.
    private static func runAndWait(_ words: [String]) throws -> String {
        let output = FileManager.default.temporaryDirectory
            .appending(path: "chat-postgres-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let child = try spawn(words) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(
                &actions, 1, output.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let text = try String(contentsOf: output, encoding: .utf8)
        guard status == 0 else { throw Failure(description: "\(words): \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a program in a process group of its own: what ends the tests must not end it as well.
    private static func spawn(
        _ words: [String], _ open: (inout posix_spawn_file_actions_t) -> Void
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        open(&actions)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawn(&child, words[0], &actions, &attributes, &arguments, environ) == 0 else {
            throw Failure(description: "\(words[0]) cannot be started")
        }
        return child
    }

    // MARK: The end

    /// Has a shell wait for the end of a pipe that only this process holds: it comes also when the
    /// process is killed.
    private func removeAtEnd() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: "no pipe can be made") }
        // No program that is started here may hold it open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let script = """
            read -r _; "$1" -D "$2/data" -w -s -m immediate stop; rm -rf "$2"
            """
        let pgCtl = try Self.path(of: "pg_ctl")
        _ = try Self.spawn(
            Self.asOwner(["/bin/sh", "-c", script, "sh", pgCtl, directory])
        ) { actions in
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
    }
}
