// SPDX-License-Identifier: MIT

import Glibc

/// What the kernel has been asked to do for one descriptor of a ``RingPoller``, and what is wanted
/// now.
///
/// There are at most two requests: one that receives or accepts again and again (the *input*), and
/// one poll. Requests end on their own terms, so what is wanted and what runs are compared before
/// every wait, by ``orders()``.
struct RingWatch {
    /// One request's life.
    enum Request: UInt8 {
        case idle
        case armed
        case cancelling
    }

    /// What has to be submitted.
    struct Orders: OptionSet, Sendable {
        let rawValue: UInt8
        static let armInput = Orders(rawValue: 1)
        static let cancelInput = Orders(rawValue: 2)
        static let armPoll = Orders(rawValue: 4)
        static let cancelPoll = Orders(rawValue: 8)
    }

    let source: PolledSource
    var wanted: Readiness
    private(set) var input = Request.idle
    private(set) var poll = Request.idle
    /// What the armed poll waits for.
    private(set) var polled: Readiness = []
    /// Whether the input has ended or failed for good.
    private var isInputOver = false
    /// Whether something came that nobody wants now: only then a request is worth cancelling.
    private var isSurplus = false

    init(_ source: PolledSource, wanted: Readiness) {
        self.source = source
        self.wanted = wanted
    }

    private var wantsInput: Bool {
        source != .other && wanted.contains(.input) && !isInputOver
    }

    /// What a poll should wait for; `nil` for no poll.
    private var wantedPoll: Readiness? {
        switch source {
        case .other: return wanted.isEmpty ? nil : wanted
        case .listener: return nil
        case .stream:
            if wanted.contains(.output) { return .output }
            // While nothing is received, somebody has to notice that the connection breaks.
            return input == .idle && !wantsInput ? [] : nil
        }
    }

    /// What is to be submitted now; it counts as submitted.
    mutating func orders() -> Orders {
        var orders: Orders = []
        if wantsInput {
            isSurplus = false
            if input == .idle {
                input = .armed
                orders.insert(.armInput)
            }
        } else if isSurplus, input == .armed {
            input = .cancelling
            orders.insert(.cancelInput)
        }
        guard let wanted = wantedPoll else { return orders }
        switch poll {
        case .idle:
            poll = .armed
            polled = wanted
            orders.insert(.armPoll)
        case .armed where !polled.isSuperset(of: wanted):
            poll = .cancelling
            orders.insert(.cancelPoll)
        case .armed, .cancelling: break
        }
        return orders
    }

    /// The receiving request said `result`; `hasMore` if it goes on.
    ///
    /// - Parameter range: where the bytes are.
    /// - Returns: what to tell the owner.
    mutating func received(_ result: Int32, hasMore: Bool, range: Range<Int>) -> PollerEvent? {
        inputSaid(hasMore)
        switch result {
        case 1...: return .received(range)
        case 0: return end(.inputEnded)
        // Cancelled, out of buffers, interrupted: it is armed again if that is wanted.
        case -ECANCELED, -ENOBUFS, -EINTR, -EAGAIN: return nil
        default: return end(.failed(-result))
        }
    }

    /// The accepting request said `result`; `hasMore` if it goes on.
    mutating func accepted(_ result: Int32, hasMore: Bool) -> PollerEvent? {
        inputSaid(hasMore)
        switch result {
        case 0...: return .accepted(result)
        // The peer was gone before it was accepted; the next one may be there.
        case -ECANCELED, -EINTR, -EAGAIN, -ECONNABORTED, -EPROTO: return nil
        default: return .failed(-result)
        }
    }

    /// The poll said `result`: what is ready.
    mutating func polled(_ result: Int32) -> PollerEvent? {
        poll = .idle
        guard result >= 0 else {
            return result == -ECANCELED ? nil : .failed(-result)
        }
        var readiness = Readiness(rawValue: UInt32(result))
        let isBroken = !readiness.isDisjoint(with: .broken)
        readiness.formIntersection(wanted.union(.broken))
        if source == .stream, isBroken {
            // Received bytes may be on their way still, and their request tells of the end as well;
            // who writes finds out by writing.
            readiness = wanted.contains(.output) ? .output : wantsInput ? [] : .broken
        }
        return readiness.isEmpty ? nil : .ready(readiness)
    }

    private mutating func inputSaid(_ hasMore: Bool) {
        if !hasMore {
            input = .idle
        } else if !wantsInput {
            isSurplus = true
        }
    }

    private mutating func end(_ event: PollerEvent) -> PollerEvent {
        isInputOver = true
        return event
    }
}
