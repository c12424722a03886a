// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Every phase of a connection and every event in it.
@Suite struct SessionMachineTests {
    private static let ana = UserReference(id: alice, name: "ana")

    private static func machine(answersProbes: Bool = true, pipelined: Int = 3) -> SessionMachine {
        var limits = Limits()
        limits.pipelinedCommands = pipelined
        return SessionMachine(now: at(0), answersProbes: answersProbes, limits: limits)
    }

    private static func active(answersProbes: Bool = true, pipelined: Int = 3) -> SessionMachine {
        var machine = machine(answersProbes: answersProbes, pipelined: pipelined)
        _ = machine.admit(.hello)
        machine.signedIn(ana, now: at(0))
        return machine
    }

    @Test func `each phase takes what it should`() {
        let greeting: [SessionVerdict] = [
            .run, .refused(.helloRequired), .refused(.helloRequired), .refused(.helloRequired),
        ]
        for (work, verdict) in zip(SessionWork.allCases, greeting) {
            var machine = Self.machine()
            #expect(machine.admit(work) == verdict)
            var signingIn = Self.machine()
            _ = signingIn.admit(.hello)
            #expect(signingIn.admit(work) == .wait)
            var closed = Self.active()
            closed.close()
            #expect(closed.admit(work) == .refused(.shuttingDown))
            #expect(closed.nextDeadline == nil)
            #expect(closed.user == nil)
            var active = Self.active()
            #expect(active.admit(work) == (work == .hello ? .refused(.alreadySignedIn) : .run))
        }
    }

    @Test func `a hello that failed may be tried again, until its time is over`() {
        var machine = Self.machine()
        _ = machine.admit(.hello)
        machine.signedIn(nil, now: at(5_000))
        #expect(machine.user == nil)
        #expect(machine.admit(.hello) == .run)
        #expect(machine.expire(now: at(9_999)) == .nothing)
        #expect(machine.expire(now: at(10_000)) == .close(.helloTimeout))
    }

    @Test func `an answer to a hello that nobody waits for changes nothing`() {
        var machine = Self.machine()
        machine.signedIn(Self.ana, now: at(0))
        #expect(machine.user == nil)
        var closed = Self.machine()
        _ = closed.admit(.hello)
        closed.close()
        closed.signedIn(Self.ana, now: at(0))
        #expect(closed.user == nil)
    }

    @Test func `silence is asked after the interval and ends after the time-out`() {
        var machine = Self.active()
        #expect(machine.nextDeadline == at(25_000))
        #expect(machine.expire(now: at(24_999)) == .nothing)
        #expect(machine.expire(now: at(25_000)) == .probe)
        #expect(machine.nextDeadline == at(60_000))
        #expect(machine.expire(now: at(59_999)) == .nothing)
        #expect(machine.expire(now: at(60_000)) == .close(.heartbeatTimeout))
    }

    @Test func `anything heard begins the silence anew`() {
        var machine = Self.active()
        _ = machine.expire(now: at(25_000))
        machine.heard(isHeartbeat: false, now: at(30_000))
        #expect(machine.nextDeadline == at(55_000))
        #expect(machine.expire(now: at(54_999)) == .nothing)
        #expect(machine.expire(now: at(55_000)) == .probe)
    }

    @Test func `a peer that never answered a probe is not held to it, until it did once`() {
        var machine = Self.active(answersProbes: false)
        #expect(machine.expire(now: at(25_000)) == .probe)
        #expect(machine.nextDeadline == nil)
        #expect(machine.expire(now: at(900_000)) == .nothing)
        machine.heard(isHeartbeat: true, now: at(900_000))
        #expect(machine.expire(now: at(925_000)) == .probe)
        #expect(machine.expire(now: at(960_000)) == .close(.heartbeatTimeout))
    }

    @Test(arguments: [1, 2, 5]) func `so many writes may be under way and not one more`(_ maximum: Int) {
        var machine = Self.active(pipelined: maximum)
        for _ in 0..<maximum { #expect(machine.admit(.write) == .run) }
        #expect(machine.admit(.write) == .wait)
        #expect(machine.admit(.immediate) == .run)
        #expect(machine.admit(.barrier) == .wait)
        #expect(machine.answered(.write) == true)
        #expect(machine.admit(.write) == .run)
    }

    /// What the model of pipelining knows: what runs.
    private struct Model {
        var writes = 0
        var barriers = 0

        func mayRun(_ work: SessionWork) -> Bool {
            switch work {
            case .hello: false
            case .immediate: barriers == 0
            case .write: barriers == 0 && writes < 2
            case .barrier: barriers == 0 && writes == 0
            }
        }
    }

    private enum Event: CaseIterable { case write, immediate, barrier, writeAnswered, barrierAnswered }

    @Test func `in every sequence a barrier is alone and nobody is forgotten`() throws {
        try forEverySequence(of: Event.allCases, depth: 7, from: (Self.active(pipelined: 2), Model())) {
            state, events in
            let admit: SessionWork? = switch events[events.count - 1] {
            case .write: .write
            case .immediate: .immediate
            case .barrier: .barrier
            case .writeAnswered, .barrierAnswered: nil
            }
            if let admit {
                let expected = state.1.mayRun(admit)
                try check(state.0.admit(admit), expected ? .run : .wait, "verdict", after: events)
                if expected, admit == .write { state.1.writes += 1 }
                if expected, admit == .barrier { state.1.barriers += 1 }
                return
            }
            // Only what runs can be answered; whatever an answer makes possible must be told.
            let isWrite = events[events.count - 1] == .writeAnswered
            guard isWrite ? state.1.writes > 0 : state.1.barriers > 0 else { return }
            let before = [SessionWork.write, .barrier, .immediate].filter { state.1.mayRun($0) }
            if isWrite { state.1.writes -= 1 } else { state.1.barriers -= 1 }
            let after = [SessionWork.write, .barrier, .immediate].filter { state.1.mayRun($0) }
            let isTold = state.0.answered(isWrite ? .write : .barrier)
            if after.count > before.count { try check(isTold, true, "told", after: events) }
        }
        #expect(Event.allCases.count == 5)
    }
}
