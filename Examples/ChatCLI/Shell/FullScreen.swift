// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatPlatform
import ChatTerminal
import Glibc

/// The loop of the full-screen client: what happens goes into the model, what the model wants is done, and what has
/// changed on its screen is written.
struct FullScreen {
    private var model: TerminalModel
    private let session: Session
    private let wakes: AsyncStream<Wake>
    private let inbox: Inbox
    private let depth: ColourDepth
    private var shown: Screen?
    private var drawnAt = ChatInstant.zero
    private var isDrawing = false
    private var exitCode: Int32?
    private let clock = SystemClock()
    /// More than so often a screen is not drawn: a thousand events at once are one picture.
    private static let frameMilliseconds: Int64 = 16

    init(_ client: ChatClient, _ settings: ChatModel.Settings) {
        (wakes, inbox) = AsyncStream<Wake>.makeStream()
        session = Session(client, inbox)
        let size = Device.size
        model = TerminalModel(settings, columns: size.columns, rows: size.rows)
        depth = ColourDepth { name in getenv(name).map { String(cString: $0) } }
    }

    /// Chats until the person leaves; returns the exit code.
    mutating func run() async -> Int32 {
        let signals = Signals.report([SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT])
        Device.enter()
        session.start()
        let input = InputLoop(inbox, signals: signals)
        Task { await input.run() }
        draw()
        for await wake in wakes {
            take(wake)
            for effect in model.takeEffects() { carryOut(effect) }
            if let exitCode, isEnded { return finish(exitCode) }
            drawSoon()
        }
        return finish(1)
    }

    private func finish(_ code: Int32) -> Int32 {
        Device.leave()
        if code == 1, let last = model.farewell { Output.complain("chat-cli: \(last)\n") }
        return code
    }

    private var isEnded = false

    private mutating func take(_ wake: Wake) {
        switch wake {
        case .incoming(let incoming):
            session.settled(incoming)
            if case .state(.closed) = incoming { isEnded = true }
            model.take(incoming)
        case .event(let event, let done):
            model.take(.event(event))
            done.resume()
        case .keys(let keys): for key in keys { press(key) }
        case .endOfInput: leave(1)
        case .signal(let number): took(number)
        case .draw:
            isDrawing = false
            draw()
        case .line, .giveUp: break
        }
    }

    private mutating func press(_ key: Key) {
        switch key {
        case .control("z"): suspend()
        case .control("l"): shown = nil
        default: model.take(key)
        }
    }

    private mutating func took(_ signal: Int32) {
        switch signal {
        case SIGWINCH: resize()
        case SIGTSTP: suspend()
        case SIGCONT: shown = nil
        default: leave(128 + signal)
        }
    }

    private mutating func suspend() {
        Device.suspend()
        Signals.watch(SIGTSTP)
        resize()
    }

    private mutating func resize() {
        let size = Device.size
        model.resize(columns: size.columns, rows: size.rows)
        shown = nil
    }

    private mutating func carryOut(_ effect: Effect) {
        if session.carryOut(effect) { return }
        switch effect {
        case .bell: Output.write("\u{7}")
        case .quit(let code): leave(code)
        default: break
        }
    }

    /// Signs out first; the end of the client is the end of this.
    private mutating func leave(_ code: Int32) {
        guard exitCode == nil else { return }
        exitCode = code
        session.client.close()
    }

    // MARK: Drawing

    private mutating func drawSoon() {
        guard !isDrawing else { return }
        let elapsed = clock.now().milliseconds(since: drawnAt)
        if elapsed >= Self.frameMilliseconds { return draw() }
        isDrawing = true
        let inbox = inbox
        Task {
            try? await Task.sleep(for: .milliseconds(Self.frameMilliseconds - elapsed))
            inbox.yield(.draw)
        }
    }

    private mutating func draw() {
        let screen = model.screen
        Output.write(Renderer.update(from: shown, to: screen, depth: depth))
        shown = screen
        drawnAt = clock.now()
    }
}
