// SPDX-License-Identifier: MIT

import CPostgres
import ChatCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection to a server, in non-blocking and pipeline mode.
///
/// Statements are sent ahead with ``send(_:_:)`` and ``ask(_:_:)``; ``answers()`` is the round
/// trip. Belongs to one thread, which waits in `poll` with a deadline, never inside libpq; closed
/// with its last reference.
@safe
final class PostgresConnection {
    enum Expectation {
        case nothing, rows
        case preparation(PostgresStatement)
    }

    let handle: OpaquePointer
    private var parameters = PostgresParameters()
    /// What is done with the rows of each statement that was sent and not answered yet.
    var expected: [Expectation] = []
    /// What the server knows, and what was sent to it before the end of the pipeline.
    var prepared: Set<PostgresStatement> = []
    var preparing: Set<PostgresStatement> = []
    /// How far the answers to the end of the pipeline have come; `nil` before it was sent.
    var end: PipelineEnd?
    /// What `PQflush` said last: whether something waits until the server reads, or negative.
    var unsent: Int32 = 0
    /// Until when the present call may wait.
    var deadline: ChatInstant

    /// Connects and signs in.
    ///
    /// - Parameters:
    ///   - conninfo: a URI or keywords, as libpq takes them; TLS is what its `sslmode` says.
    ///   - deadline: until when.
    init(conninfo: String, deadline: ChatInstant) throws(PostgresFailure) {
        self.deadline = deadline
        guard let handle = unsafe PQconnectStart(conninfo) else {
            throw PostgresFailure(
                .lost, StorageError(.unavailable, "Postgres, connecting: no memory is left"))
        }
        unsafe self.handle = handle
        _ = unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try finishConnecting()
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw lost("connecting") }
    }

    deinit { unsafe PQfinish(handle) }

    private func finishConnecting() throws(PostgresFailure) {
        guard unsafe PQstatus(handle) != CONNECTION_BAD else { throw refusal() }
        var wanted = PGRES_POLLING_WRITING
        while wanted != PGRES_POLLING_OK {
            switch wanted {
            case PGRES_POLLING_READING: try wait(for: POLLIN, "connecting")
            case PGRES_POLLING_WRITING: try wait(for: POLLOUT, "connecting")
            default: throw refusal()
            }
            wanted = unsafe PQconnectPoll(handle)
        }
    }

    /// Why no connection was made.
    ///
    /// libpq gives what the server said as text only, which may be in any language; with
    /// `PQERRORS_VERBOSE` the text holds the code. What libpq itself finds wrong has none.
    private func refusal() -> PostgresFailure {
        let text = message
        if let state = SQLState(inMessage: text) {
            return PostgresFailure(
                .lost, StorageError(state.kind, "Postgres, connecting: \(text); \(state.advice)"))
        }
        let isSetting = [
            "invalid", "missing", "no password supplied", "certificate", "does not support SSL",
        ].contains { text.contains($0) }
        // A socket's file that does not exist is a server that is not up.
        let isDown = text.contains("No such file") || text.contains("refused")
        return PostgresFailure(
            .lost,
            StorageError(
                isSetting && !isDown ? .configuration : .unavailable,
                "Postgres, connecting: \(text); check the connection string and the server"))
    }

    /// What libpq says last, in one line.
    private var message: String {
        let text = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    func lost(_ activity: String) -> PostgresFailure {
        PostgresFailure(
            SQLState(""), message.isEmpty ? "the connection is lost" : message, activity)
    }

    // MARK: Before the pipeline

    /// Runs statements without parameters; their rows are of no interest but for one number.
    ///
    /// - Returns: the first number of the last row, given as text.
    @discardableResult
    func execute(_ sql: String, _ activity: String) throws(PostgresFailure) -> Int64? {
        guard unsafe PQsendQuery(handle, sql) == 1 else { throw lost(activity) }
        var number: Int64?
        var failure: PostgresFailure?
        while let result = try next(activity) {
            switch result.status {
            case PGRES_TUPLES_OK:
                number = result.first { Int64($0.text(0)) } ?? nil
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            default: failure = failure ?? result.failure(activity)
            }
        }
        if let failure { throw failure }
        return number
    }

    /// Asks something before the statements are prepared.
    ///
    /// - Returns: what `read` makes of each row; its columns are given as text.
    func rows<Value>(
        _ sql: String, _ activity: String, _ read: (PostgresRow) -> Value
    ) throws(PostgresFailure) -> [Value] {
        guard unsafe PQsendQuery(handle, sql) == 1 else { throw lost(activity) }
        var values: [Value] = []
        var failure: PostgresFailure?
        while let result = try next(activity) {
            if result.status == PGRES_TUPLES_OK {
                values += result.all(read)
            } else {
                failure = failure ?? result.failure(activity)
            }
        }
        if let failure { throw failure }
        return values
    }

    /// Enters pipeline mode, for good, and has the statements prepared that every connection needs soon.
    func prepare() throws(PostgresFailure) {
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw lost("preparing") }
        for statement in PostgresStatement.common { try prepare(statement) }
        _ = try finish()
    }

    /// Has a statement prepared with its first use, in the same flight: that costs no round trip.
    private func prepare(_ statement: PostgresStatement) throws(PostgresFailure) {
        if prepared.contains(statement) || !preparing.insert(statement).inserted { return }
        guard unsafe PQsendPrepare(handle, statement.name, statement.sql, 0, nil) == 1 else {
            throw lost("preparing")
        }
        expected.append(.preparation(statement))
    }

    // MARK: The pipeline

    /// Sends a statement whose rows do not matter.
    func send(
        _ statement: PostgresStatement, _ values: [PostgresValue] = []
    ) throws(PostgresFailure) {
        try send(statement, values, expecting: .nothing)
    }

    /// Sends a statement whose rows the next ``answers()`` or ``finish()`` gives.
    func ask(
        _ statement: PostgresStatement, _ values: [PostgresValue] = []
    ) throws(PostgresFailure) {
        try send(statement, values, expecting: .rows)
    }

    /// Asks one thing and waits for the answer to it and to all that was sent before.
    func fetch(
        _ statement: PostgresStatement, _ values: [PostgresValue] = []
    ) throws(PostgresFailure) -> PostgresResult {
        try ask(statement, values)
        let results = try answers()
        guard let result = results.last else { throw lost(statement.name) }
        return result
    }

    /// Locks rooms, and sends for them as they are then.
    func askLocked(_ rooms: [Int64]) throws(PostgresFailure) {
        try send(.lockRooms, [.ints(rooms)])
        try ask(.lockedRooms, [.ints(rooms)])
    }

    /// Locks a room and reads it.
    func fetchLocked(_ room: RoomID) throws(PostgresFailure) -> PostgresResult {
        try send(.lockRooms, [.ints([Int64(bitPattern: room.rawValue)])])
        return try fetch(.lockedRooms, [.ints([Int64(bitPattern: room.rawValue)])])
    }

    private func send(
        _ statement: PostgresStatement, _ values: [PostgresValue], expecting: Expectation
    ) throws(PostgresFailure) {
        try prepare(statement)
        parameters.set(values)
        let formats = [Int32](repeating: 1, count: values.count)
        let lengths = parameters.lengths
        let offsets = parameters.offsets
        let isSent = unsafe parameters.bytes.withUnsafeBytes { bytes in
            let addresses = unsafe offsets.indices.map { index in
                unsafe lengths[index] < 0
                    ? nil
                    : bytes.baseAddress?.advanced(by: offsets[index])
                        .assumingMemoryBound(to: CChar.self)
            }
            return unsafe PQsendQueryPrepared(
                handle, statement.name, Int32(values.count), addresses, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost(statement.name) }
        expected.append(expecting)
    }

    /// Waits for the answers to all that was sent.
    ///
    /// - Returns: the rows of what was asked, in that order.
    /// - Throws: the first failure; then ``recover()`` is called before anything else.
    func answers() throws(PostgresFailure) -> [PostgresResult] {
        guard unsafe PQsendFlushRequest(handle) == 1 else { throw lost("sending") }
        return try read()
    }

    /// Brings the connection back to where a transaction can begin, after a failure.
    ///
    /// - Throws: when it is lost.
    func recover() throws(PostgresFailure) {
        try beginEnd("rolling back")
        do throws(PostgresFailure) {
            _ = try awaitEnd()
        } catch {
            // What was not run is what this is for.
            if error.kind == .lost { throw error }
        }
        if unsafe PQtransactionStatus(handle) != PQTRANS_IDLE {
            try send(.rollback)
            _ = try finish()
        }
    }

    private func read() throws(PostgresFailure) -> [PostgresResult] {
        var results: [PostgresResult] = []
        var done = 0
        defer { expected.removeFirst(done) }
        for expectation in expected {
            guard let result = try next("waiting") else { throw lost("waiting") }
            done += 1
            // Each statement's results end with an empty one.
            while try next("waiting") != nil {}
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                switch expectation {
                case .nothing: break
                case .preparation(let statement):
                    preparing.remove(statement)
                    prepared.insert(statement)
                case .rows: results.append(result)
                }
            default: throw result.failure("running a statement")
            }
        }
        return results
    }

    // MARK: Waiting

    /// The next result; `nil` at the end of a statement's results.
    private func next(_ activity: String) throws(PostgresFailure) -> PostgresResult? {
        var unsent = unsafe PQflush(handle)
        while unsafe PQisBusy(handle) == 1 {
            if unsent < 0 { throw lost(activity) }
            // The server may stop reading while nobody reads its answers: always look for both.
            try wait(for: unsent > 0 ? POLLIN | POLLOUT : POLLIN, activity)
            guard unsafe PQconsumeInput(handle) == 1 else { throw lost(activity) }
            unsent = unsafe PQflush(handle)
        }
        guard let result = unsafe PQgetResult(handle) else {
            if unsafe PQstatus(handle) == CONNECTION_BAD { throw lost(activity) }
            return nil
        }
        return unsafe PostgresResult(result)
    }

    func wait(for events: Int32, _ activity: String) throws(PostgresFailure) {
        while true {
            let rest = deadline.milliseconds(since: SystemClock().now())
            guard rest > 0 else { throw Self.late(activity) }
            var descriptor = pollfd(
                fd: unsafe PQsocket(handle), events: Int16(events), revents: 0)
            let ready = unsafe poll(&descriptor, 1, Int32(clamping: rest))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw lost(activity) }
        }
    }

    /// The deadline is over.
    static func late(_ activity: String) -> PostgresFailure {
        PostgresFailure(
            .lost,
            StorageError(
                .unavailable,
                "Postgres, \(activity): the server did not answer in time; see whether it "
                    + "is overloaded or the network drops packets"))
    }
}
