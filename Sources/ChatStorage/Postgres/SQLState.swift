// SPDX-License-Identifier: MIT

package import ChatCore

/// What the server's error codes mean: to the one who may repeat the call, and to the operator.
///
/// The codes are those of appendix A of the PostgreSQL documentation.
package struct SQLState: Sendable, Equatable {
    /// Five characters; empty when libpq itself failed.
    package let code: String

    /// Makes a state.
    package init(_ code: String) { self.code = code }

    /// The last code in a text of libpq, which has it between the severity and the words:
    /// `FATAL:  57P03: the database system is starting up`.
    package init?(inMessage text: String) {
        let words = text.split(separator: " ")
        let codes = words.filter { word in
            word.utf8.count == 6 && word.last == ":"
                && word.dropLast().utf8.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0)
                }
                && word.utf8.contains { (48...57).contains($0) }
        }
        guard let last = codes.last else { return nil }
        code = String(last.dropLast())
    }

    private var category: Substring { code.prefix(2) }

    /// Whether the server undid the transaction for a reason that a repetition can do away with.
    ///
    /// A unique violation is one: two transactions took one name, and the second sees it now. A division by zero is
    /// how a statement of the store says that a room was deleted (`insertMessages`).
    package var isTransient: Bool {
        ["40001", "40P01", "23505", "55P03", "22012"].contains(code)
    }

    /// Whether the connection is of no use any more: the server ends it, or cannot be reached.
    package var isConnectionLost: Bool {
        code.isEmpty || category == "08" || code.hasPrefix("57P") || code == "25P03"
    }

    /// Whether another connection may lead to a server that does it: this one has become a standby.
    package var isStandby: Bool { code == "25006" }

    /// The kind of failure for the caller of the store.
    package var kind: StorageError.Code {
        switch code {
        case "42501", "25006": return .cannotWrite
        case "57014", "": return .unavailable
        default: break
        }
        switch category {
        case "08", "40", "55", "57": return .unavailable
        case "53": return code == "53100" ? .cannotWrite : .unavailable
        case "58": return .cannotWrite
        case "XX", "22", "23": return .corrupt
        case "28", "3D", "3F", "42", "0A": return .configuration
        default: return .unavailable
        }
    }

    /// What to do about it.
    package var advice: String {
        switch kind {
        case .unavailable:
            "the call can be repeated; see whether the server is up and not overloaded"
        case .cannotWrite:
            "check the server's disk, that it is no standby, and the rights of the database's user"
        case .corrupt: "see the server's log; restore a backup if data is damaged"
        case .configuration: "check the connection string, and that the user may use the database"
        case .tooNew: "update the library"
        case .closed: "the store has been closed"
        }
    }
}

/// A call on a connection failed.
struct PostgresFailure: Error {
    /// What may be done about it.
    enum Kind {
        /// The connection is gone; a transaction whose COMMIT was not sent is undone.
        case lost
        /// The server undid the transaction; the same may succeed at once.
        case transient
        /// The same would fail again.
        case lasting
    }

    let kind: Kind
    let error: StorageError
    /// Whether the connection is not used again.
    let endsConnection: Bool
    /// Whether another server has written to a room meanwhile.
    let isOvertaken: Bool
    /// Whether a room was deleted since the positions were read (`insertMessages`).
    let isOutdated: Bool
    /// Whether the server stopped the statement because it took too long.
    let isTimeout: Bool

    /// A failure that the server or libpq reports.
    ///
    /// - Parameters:
    ///   - state: the server's code.
    ///   - text: the primary message, which holds no values of columns.
    ///   - activity: what was being done.
    ///   - table: what the server names as the place of the failure.
    init(_ state: SQLState, _ text: String, _ activity: String, table: String = "") {
        kind = state.isConnectionLost ? .lost : state.isTransient ? .transient : .lasting
        endsConnection = kind == .lost || state.isStandby
        isOvertaken = state.code == "23505" && table == "events"
        isOutdated = state.code == "22012"
        isTimeout = state.code == "57014"
        let code = state.code.isEmpty ? "" : " (\(state.code))"
        error = StorageError(
            state.kind, "Postgres, \(activity): \(text)\(code); \(state.advice)")
    }

    /// A failure of the library's own finding.
    init(_ kind: Kind, _ error: StorageError) {
        self.kind = kind
        self.error = error
        endsConnection = kind == .lost
        isOvertaken = false
        isOutdated = false
        isTimeout = false
    }
}
