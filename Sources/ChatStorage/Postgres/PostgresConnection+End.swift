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

/// How far the answers have come to what stands before the end of a pipeline.
struct PipelineEnd {
    /// Of the statements that are expected: the first whose answers are not over.
    var index = 0
    var hasResult = false
    /// The rows of what was asked.
    var results: [PostgresResult] = []
    /// What the server said first against a statement.
    var failure: PostgresFailure?
}

/// The end of a pipeline, in steps that do not wait: a thread waits between them, or an event loop.
extension PostgresConnection {
    /// What one waits on for input.
    var descriptor: Int32 { unsafe PQsocket(handle) }

    /// Ends the pipeline: like ``answers()``, and failures are over with it.
    func finish() throws(PostgresFailure) -> [PostgresResult] {
        try beginEnd("sending")
        return try awaitEnd()
    }

    /// Sends the end, as far as the server takes it now.
    func beginEnd(_ activity: String) throws(PostgresFailure) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw lost(activity) }
        end = PipelineEnd()
        unsent = unsafe PQflush(handle)
    }

    /// Waits on this thread until the deadline for what is missing of the answers.
    func awaitEnd() throws(PostgresFailure) -> [PostgresResult] {
        while true {
            if let results = try takeEnd() { return results }
            // The server may stop reading while nobody reads its answers: always look for both.
            try wait(for: unsent > 0 ? POLLIN | POLLOUT : POLLIN, "waiting")
            try takeInput()
        }
    }

    /// Reads what the server has sent, and goes on sending. Call it when there is input.
    func takeInput() throws(PostgresFailure) {
        guard unsafe PQconsumeInput(handle) == 1 else { throw lost("waiting") }
        unsent = unsafe PQflush(handle)
    }

    /// Takes the answers that are there.
    ///
    /// - Returns: all of them; `nil` if some have not come yet.
    /// - Throws: the first failure, once the pipeline is over, or that the connection is lost.
    func takeEnd() throws(PostgresFailure) -> [PostgresResult]? {
        while unsafe PQisBusy(handle) == 0 {
            guard let handle = unsafe PQgetResult(handle) else {
                if unsafe PQstatus(self.handle) == CONNECTION_BAD { throw lost("waiting") }
                endStatement()
                continue
            }
            let result = unsafe PostgresResult(handle)
            if result.status == PGRES_PIPELINE_SYNC { return try closeEnd() }
            try take(result)
        }
        if unsent < 0 { throw lost("waiting") }
        return nil
    }

    /// Each statement's results end with an empty one.
    private func endStatement() {
        guard end?.hasResult == true else { return }
        end?.hasResult = false
        end?.index += 1
    }

    private func take(_ result: PostgresResult) throws(PostgresFailure) {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            end?.hasResult = true
            guard let index = end?.index, index < expected.count else { return }
            switch expected[index] {
            case .nothing: break
            case .preparation(let statement):
                preparing.remove(statement)
                prepared.insert(statement)
            case .rows: end?.results.append(result)
            }
        // What stands behind a failure is not run.
        case PGRES_PIPELINE_ABORTED: break
        default:
            let failure = result.failure("running a statement")
            let isBroken = unsafe PQstatus(handle) == CONNECTION_BAD
            if failure.kind == .lost || isBroken { throw failure }
            if end?.failure == nil { end?.failure = failure }
        }
    }

    private func closeEnd() throws(PostgresFailure) -> [PostgresResult] {
        let closed = end
        end = nil
        expected.removeAll(keepingCapacity: true)
        // What stood behind a failure was not prepared either.
        preparing.removeAll(keepingCapacity: true)
        if let failure = closed?.failure { throw failure }
        return closed?.results ?? []
    }
}
