// SPDX-License-Identifier: MIT

import ChatCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Structured lines on standard error: time, level, event, `key=value` pairs. Never what people write.
struct Log: ChatObserver {
    enum Level: Int, Comparable {
        case debug, info, warning, error

        static let byName: [String: Level] = [
            "debug": .debug, "info": .info, "warning": .warning, "error": .error,
        ]

        var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .warning: "warning"
            case .error: "error"
            }
        }

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    let level: Level

    func write(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
        if level < self.level { return }
        var line = "\(SystemClock().wallTime()) \(level.name) \(event)"
        for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
        line += "\n"
        // One call per line, so that lines of several threads do not mix.
        _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }

    /// Values with blanks, quotes or control characters are quoted: one line stays one line.
    private static func quoted(_ value: String) -> String {
        let isPlain = value.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F
        }
        return isPlain && !value.isEmpty ? value : value.debugDescription
    }

    // MARK: What the engine tells

    func connected(_ user: UserReference, peer: PeerInfo) {
        write(
            .info, "signed_in",
            ["user": user.id.description, "name": user.name, "transport": peer.transport])
    }

    func disconnected(_ user: UserReference, isLast: Bool) {
        write(.info, "signed_out", ["user": user.id.description, "last_device": "\(isLast)"])
    }

    func storageFailed(_ error: StorageError) {
        write(.error, "storage_failed", ["advice": error.advice])
    }

    func refused(_ refusal: TransportRefusal, peer: PeerInfo) {
        write(
            .info, "refused",
            ["reason": refusal.name, "detail": refusal.detail, "transport": peer.transport])
    }

    func dropped(_ code: CloseCode, peer: PeerInfo) {
        write(
            .warning, "dropped",
            ["code": "\(code.rawValue)", "reason": code.name, "transport": peer.transport])
    }
}
