// SPDX-License-Identifier: MIT

import ChatTerminal
import Glibc

/// The terminal device: its mode, its size, and that it gets back the mode that it had, however the program ends.
enum Device {
    // Written before anything could read them: the handlers are set afterwards.
    private nonisolated(unsafe) static var saved = termios()
    private nonisolated(unsafe) static var isOurs: sig_atomic_t = 0
    private nonisolated(unsafe) static var isHidden: sig_atomic_t = 0
    private nonisolated(unsafe) static var farewell: UnsafeMutableBufferPointer<UInt8> = {
        let bytes = Array(Renderer.leave.utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        return buffer
    }()
    /// What a fault in the program raises: the terminal is given back, and the fault goes its way.
    private static let faults = [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE]

    /// Takes the terminal: keys come one by one, the screen is ours.
    static func enter() {
        if isOurs == 0 {
            tcgetattr(0, &saved)
            _ = farewell.count
            atexit { Device.leave() }
            for fault in faults {
                signal(fault) { number in
                    Device.leave()
                    signal(number, SIG_DFL)
                    raise(number)
                }
            }
        }
        var raw = saved
        raw.c_iflag &= ~tcflag_t(ICRNL | INLCR | IXON | ISTRIP | BRKINT)
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        raw.c_oflag &= ~tcflag_t(OPOST)
        isOurs = 1
        tcsetattr(0, TCSANOW, &raw)
        Output.write(Renderer.enter)
    }

    /// Gives the terminal back. May be called at any time, also by a signal's handler.
    static func leave() {
        if isOurs == 1 {
            isOurs = 2
            _ = write(1, farewell.baseAddress, farewell.count)
            tcsetattr(0, TCSANOW, &saved)
        }
        if isHidden == 1 {
            isHidden = 0
            tcsetattr(0, TCSANOW, &saved)
        }
    }

    /// Stops the program, as Ctrl+Z does in others; returns when it goes on.
    static func suspend() {
        leave()
        signal(SIGTSTP, SIG_DFL)
        // The threads of Swift's pool keep signals off; this one takes it here and now.
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, SIGTSTP)
        var before = sigset_t()
        pthread_sigmask(SIG_UNBLOCK, &only, &before)
        raise(SIGTSTP)
        pthread_sigmask(SIG_SETMASK, &before, nil)
        enter()
    }

    /// Columns and rows.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Asks for something that is not shown while it is typed; `nil` without a terminal.
    static func ask(_ question: String) -> String? {
        guard isatty(0) == 1 else { return nil }
        tcgetattr(0, &saved)
        atexit { Device.leave() }
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                Device.leave()
                _exit(128 + number)
            }
        }
        var hidden = saved
        hidden.c_lflag &= ~tcflag_t(ECHO)
        isHidden = 1
        tcsetattr(0, TCSAFLUSH, &hidden)
        Output.complain(question)
        let line = readLine(strippingNewline: true)
        leave()
        Output.complain("\n")
        return line
    }
}
