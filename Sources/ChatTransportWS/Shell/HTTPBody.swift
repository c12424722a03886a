// SPDX-License-Identifier: MIT

import ChatPlatform

/// The body of a request, read piece by piece by one task.
///
/// What comes in faster than it is read makes the connection wait: at most about 128 KiB are held.
public final class HTTPBody: Sendable {
    /// Why a body does not end well.
    public enum Failure: Error, Sendable, Equatable {
        /// The connection ended or broke the protocol.
        case disconnected
        /// Nothing came for too long.
        case timedOut
        /// There is more than was allowed.
        case tooLarge
    }

    /// Above this many bytes that nobody has read, the connection waits.
    static let highBytes = 128 << 10
    private static let pieceBytes = 16 << 10

    private struct State {
        var pieces: [[UInt8]] = []
        var bytes = 0
        var isFinished = false
        var failure: Failure?
        var isHeldBack = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// The length that the head told, in bytes; `nil` for chunks.
    public let length: Int?
    private let state = Lock(State())
    /// Reads on; called without the lock, on any thread.
    private let resume: @Sendable () -> Void

    init(length: Int?, resume: @escaping @Sendable () -> Void) {
        self.length = length
        self.resume = resume
    }

    /// The next piece, or `nil` at the end.
    public func next() async throws(Failure) -> [UInt8]? {
        while true {
            let (piece, isOver, failure, resumes) = take()
            if resumes { resume() }
            if let piece { return piece }
            if let failure { throw failure }
            if isOver { return nil }
            await withCheckedContinuation { waiter in
                let isReady = state.withLock { state -> Bool in
                    if !state.pieces.isEmpty || state.isFinished || state.failure != nil {
                        return true
                    }
                    state.waiter = waiter
                    return false
                }
                if isReady { waiter.resume() }
            }
        }
    }

    /// The whole body.
    ///
    /// - Throws: ``Failure/tooLarge`` above `maximumBytes`.
    public func collect(upTo maximumBytes: Int) async throws(Failure) -> [UInt8] {
        var whole: [UInt8] = []
        if let length { whole.reserveCapacity(min(length, maximumBytes)) }
        while let piece = try await next() {
            guard whole.count + piece.count <= maximumBytes else { throw .tooLarge }
            whole += piece
        }
        return whole
    }

    private func take() -> ([UInt8]?, Bool, Failure?, Bool) {
        state.withLock { state in
            guard !state.pieces.isEmpty else {
                return (nil, state.isFinished, state.failure, false)
            }
            let piece = state.pieces.removeFirst()
            state.bytes -= piece.count
            let resumes = state.isHeldBack && state.bytes <= Self.highBytes / 2
            if resumes { state.isHeldBack = false }
            return (piece, false, nil, resumes)
        }
    }

    // MARK: The connection's side

    /// Adds what was read. Returns whether more may come at once.
    func feed(_ bytes: Span<UInt8>) -> Bool {
        var piece: [UInt8] = []
        piece.append(span: bytes)
        let fed = piece
        let (waiter, goesOn) = state.withLock { state in
            state.bytes += fed.count
            // Bytes that drip in one by one are not held one by one.
            if let last = state.pieces.last, last.count + fed.count <= Self.pieceBytes {
                state.pieces[state.pieces.count - 1] += fed
            } else {
                state.pieces.append(fed)
            }
            if state.bytes >= Self.highBytes { state.isHeldBack = true }
            let waiter = state.waiter
            state.waiter = nil
            return (waiter, !state.isHeldBack)
        }
        waiter?.resume()
        return goesOn
    }

    /// All of it has come.
    func finish() { end { $0.isFinished = true } }

    /// No more will come.
    func fail(_ failure: Failure) {
        end { state in
            if !state.isFinished, state.failure == nil { state.failure = failure }
        }
    }

    private func end(_ change: @Sendable (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            let waiter = state.waiter
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }
}
