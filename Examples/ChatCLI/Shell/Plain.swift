// SPDX-License-Identifier: MIT

import ChatClient
import ChatTerminal
import Glibc

/// The loop for pipes: a line is taken when the one before is done, and what happens is printed.
struct Plain {
    private var model: ChatModel
    private let session: Session
    private let wakes: AsyncStream<Wake>
    private let inbox: Inbox
    private let giveUpSeconds: Int?
    private var lines: ArraySlice<String> = []
    private var isInputEnded = false
    private var isReading = false
    private var isEnded = false
    private var exitCode: Int32?
    private var permission: Int32 = -1

    init(_ client: ChatClient, _ settings: ChatModel.Settings, giveUpSeconds: Int?) {
        (wakes, inbox) = AsyncStream<Wake>.makeStream()
        session = Session(client, inbox)
        model = ChatModel(settings)
        self.giveUpSeconds = giveUpSeconds
    }

    /// Chats until the input ends and everything was done; returns the exit code.
    mutating func run() async -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return 1 }
        permission = ends[1]
        let signals = Signals.report([SIGINT, SIGTERM, SIGHUP])
        session.start()
        let input = InputLoop(inbox, signals: signals, permission: ends[0])
        Task { await input.run() }
        if let giveUpSeconds {
            let inbox = inbox
            Task {
                try? await Task.sleep(for: .seconds(giveUpSeconds))
                inbox.yield(.giveUp)
            }
        }
        for await wake in wakes {
            take(wake)
            carryOut()
            while goOn() { carryOut() }
            if isEnded { return exitCode ?? 1 }
        }
        return 1
    }

    private mutating func take(_ wake: Wake) {
        switch wake {
        case .incoming(let incoming):
            session.settled(incoming)
            if case .state(.closed) = incoming { isEnded = true }
            model.take(incoming)
        case .event(let event, let done):
            model.take(.event(event))
            done.resume()
        case .line(let line):
            isReading = false
            lines.append(line)
        case .endOfInput: isInputEnded = true
        case .signal(let number): leave(128 + number)
        case .giveUp:
            guard !model.isReady else { return }
            Output.complain("chat-cli: no connection to the server\n")
            leave(1)
        case .keys, .draw: break
        }
    }

    /// Does the next thing, if it is time for it; returns whether there was one.
    private mutating func goOn() -> Bool {
        guard exitCode == nil, model.isReady, session.underWay == 0 else { return false }
        if let line = lines.popFirst() {
            model.entered(line)
            return true
        }
        if isInputEnded {
            leave(model.hasFailed ? 1 : 0)
        } else if !isReading {
            isReading = true
            var byte: UInt8 = 1
            _ = write(permission, &byte, 1)
        }
        return false
    }

    private mutating func carryOut() {
        for effect in model.takeEffects() where !session.carryOut(effect) {
            switch effect {
            case .print(let line): Output.write(line + "\n")
            case .quit(let code): leave(code)
            default: break
            }
        }
    }

    private mutating func leave(_ code: Int32) {
        if exitCode == nil { exitCode = code }
        session.client.close()
    }
}
