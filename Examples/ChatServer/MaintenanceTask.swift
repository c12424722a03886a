// SPDX-License-Identifier: MIT

import ChatCore
import ChatStorageSQLite

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the program does once, instead of serving.
enum MaintenanceTask {
    case backup(path: String)
    case exportUser(String)
    case eraseUser(String)
    case storageReport

    /// Reads it from the settings; `nil` for none.
    init?(_ values: [String: String]) throws(Settings.Problem) {
        var tasks: [MaintenanceTask] = []
        func given(_ flag: String) -> String? { values[flag].flatMap { $0.isEmpty ? nil : $0 } }
        if let path = given("--backup") { tasks.append(.backup(path: path)) }
        if let name = given("--export-user") { tasks.append(.exportUser(name)) }
        if let name = given("--erase-user") { tasks.append(.eraseUser(name)) }
        if given("--storage-report") != nil { tasks.append(.storageReport) }
        guard tasks.count < 2 else {
            throw Settings.Problem(
                text: "--backup, --export-user, --erase-user, --storage-report: give one at a time")
        }
        guard let task = tasks.first else { return nil }
        self = task
    }

    func run(_ settings: Settings) async throws {
        switch self {
        case .backup(let path):
            guard case .sqlite(let source) = settings.store else {
                throw Settings.Problem(
                    text:
                        "--backup: for --store sqlite:PATH; Postgres has pg_dump and pg_basebackup")
            }
            try await SQLiteStore(path: source, options: settings.sqlite).backup(to: path)
        case .exportUser(let name): try await export(name, settings)
        case .eraseUser(let name): try await erase(name, settings)
        case .storageReport: try await report(settings)
        }
    }

    private func export(_ name: String, _ settings: Settings) async throws {
        let store = settings.makeStore()
        try await store.open()
        let named = try await store.user(named: NameKey(name))?.id
        guard let user = UserID(name) ?? named, try await store.user(user) != nil else {
            throw Settings.Problem(text: "--export-user: there is no user of that name or id")
        }
        for try await line in UserExport(of: user, from: store) {
            print(String(decoding: line, as: UTF8.self))
        }
        await store.close()
        fflush(nil)
    }

    private func erase(_ name: String, _ settings: Settings) async throws {
        var configuration = settings.configuration
        configuration.shards = 1
        // It serves nobody: it makes no room and trims none.
        configuration.defaultRoom = nil
        configuration.retention = RetentionPolicy()
        configuration.retention.readTimeDays = RetentionPolicy.maximumReadTimeDays
        let engine = try await ChatEngine(
            store: settings.makeStore(), configuration: configuration)
        do throws(WireError) {
            let user: UserID
            if let id = UserID(name) {
                user = id
            } else {
                user = try await engine.user(named: name).id
            }
            try await engine.erase(user)
        } catch {
            await engine.shutdown()
            throw Settings.Problem(text: "--erase-user: \(error.message)")
        }
        await engine.shutdown()
    }

    private func report(_ settings: Settings) async throws {
        let store = settings.makeStore()
        try await store.open()
        let report = try await store.storageReport()
        await store.close()
        for part in report.parts {
            var line = "\(part.name): \(part.bytes) bytes"
            if let free = part.freeBytes { line += ", \(free) free" }
            if let dead = part.deadRows { line += ", \(dead) dead rows" }
            print(line)
        }
        for advice in report.advice { print("advice: \(advice)") }
        if report.advice.isEmpty { print("nothing to do") }
        fflush(nil)
    }
}
