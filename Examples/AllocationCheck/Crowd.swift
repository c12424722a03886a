// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

/// Members of one room over real sockets, half of them WebSocket and half plain TCP, who read everything.
///
/// The first of each kind posts. A message carries ``mark`` once, so that counting needs no parsing: nothing
/// else that is sent meanwhile has this byte, nor has the length of a frame (a miscount would be noticed).
final class Crowd {
    static let mark = UInt8(ascii: "#")

    private var sockets: [Socket] = []
    private var received: [Int] = []
    private let poller = epoll_create1(0)
    private var ready = [epoll_event](repeating: epoll_event(), count: 256)
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    /// Connects and signs in `count` users; `ports` are WebSocket's and TCP's.
    init(count: Int, ports: [Int]) {
        for index in 0..<count {
            let socket = Socket(port: ports[index % 2])
            let hello = #"{"type":"hello","name":"guest \#(index)"}"#
            if Self.isWebSocket(index) {
                socket.write(Array(Self.upgrade.utf8))
                waitForHead(socket)
            }
            socket.write(Self.frame(hello, index))
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u32 = UInt32(index)
            epoll_ctl(poller, EPOLL_CTL_ADD, socket.descriptor, &event)
            sockets.append(socket)
            received.append(0)
            // Everybody hears of everybody who joins: read on, so that nobody falls behind.
            while poll(milliseconds: 0) > 0 {}
        }
        settle()
    }

    deinit {
        for socket in sockets { close(socket.descriptor) }
        close(poller)
        buffer.deallocate()
    }

    /// Posts `messages` messages, `window` at a time, and waits until everybody has each of them.
    ///
    /// - Returns: the number of deliveries.
    func exchange(messages: Int, window: Int) -> Int {
        for index in received.indices { received[index] = 0 }
        let text = Self.messages(window)
        for round in 1...(messages / window) {
            let poster = round % 2
            sockets[poster].write(text[poster])
            let wanted = round * window
            var waits = 0
            while received.contains(where: { $0 < wanted }) {
                waits = poll(milliseconds: 1_000) > 0 ? 0 : waits + 1
                if waits == 10 { Main.fail("a delivery is missing after 10 s") }
            }
            guard received.allSatisfy({ $0 == wanted }) else { Main.fail("a message came twice") }
        }
        return messages * sockets.count
    }

    /// Reads until nothing has come for a while.
    func settle() { while poll(milliseconds: 500) > 0 {} }

    /// Reads what is there of every connection; returns the number of connections that had something.
    private func poll(milliseconds: Int32) -> Int {
        let count = ready.withUnsafeMutableBufferPointer {
            epoll_wait(poller, $0.baseAddress, Int32($0.count), milliseconds)
        }
        for index in 0..<max(0, Int(count)) {
            let place = Int(ready[index].data.u32)
            let length = sockets[place].read(into: buffer)
            for offset in 0..<length where buffer[offset] == Self.mark { received[place] += 1 }
        }
        return Int(count)
    }

    private func waitForHead(_ socket: Socket) {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&entry, 1, 10_000) > 0 else { Main.fail("no answer to the upgrade") }
        let length = socket.read(into: buffer)
        guard String(decoding: buffer[..<length], as: UTF8.self).hasPrefix("HTTP/1.1 101") else {
            Main.fail("the upgrade was refused")
        }
    }

    // MARK: What is sent

    private static func isWebSocket(_ index: Int) -> Bool { index % 2 == 0 }

    private static let upgrade = """
        GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
        """

    /// A line, or a frame masked with zeros.
    private static func frame(_ text: String, _ index: Int) -> [UInt8] {
        guard isWebSocket(index) else { return Array(text.utf8) + [0x0A] }
        let length = text.utf8.count
        let size =
            length < 126 ? [0x80 | UInt8(length)] : [0xFE, UInt8(length >> 8), UInt8(length & 255)]
        return [0x81] + size + [0, 0, 0, 0] + Array(text.utf8)
    }

    /// `window` messages of a typical length, for each of the two posters.
    private static func messages(_ window: Int) -> [[UInt8]] {
        let text = String(repeating: "a typical message ", count: 7) + "#"
        let send = #"{"type":"send","id":1,"room":"general","text":"\#(text)"}"#
        return (0..<2).map { poster in
            Array((0..<window).map { _ in frame(send, poster) }.joined())
        }
    }
}
