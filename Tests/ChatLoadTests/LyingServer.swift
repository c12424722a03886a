// SPDX-License-Identifier: MIT

import Glibc
import Synchronization

/// A chat server over TCP lines, as small as can be, that does one thing wrong: to the client that connected
/// last, with the message whose `seq` is 3.
final class LyingServer: Sendable {
    enum Lie: String, Sendable, CaseIterable {
        case none, dropsOne, sendsOneTwice, swapsTwo, leavesOneUnanswered, refusesOne, closesOne
    }

    let port: Int
    private let isStopping = Atomic<Bool>(false)

    init(_ lie: Lie, clients: Int) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) + listen(listener, 100) + getsockname(listener, $0, &size)
            }
        }
        guard status == 0 else { throw Failure(code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let session = Session(lie: lie, listener: listener, expected: clients)
        Self.inBackground { [self] in session.run { isStopping.load(ordering: .relaxed) } }
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    struct Failure: Error {
        let code: Int32
    }

    /// Runs what blocks on a thread of its own, not on Swift's pool.
    static func inBackground(_ body: @escaping @Sendable () -> Void) {
        let raw = Unmanaged.passRetained(Box(body)).toOpaque()
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, raw)
        pthread_detach(thread)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// The loop of the server, on its thread.
private struct Session {
    // More than this are in flight at once, so that it is reached however slow the machine is.
    private static let place = 3

    let lie: LyingServer.Lie
    let listener: Int32
    let expected: Int

    private struct Client {
        let descriptor: Int32
        var isOver = false
        var unread: [UInt8] = []
        var held: String?
    }

    func run(until isOver: () -> Bool) {
        var clients: [Client] = []
        var seq = 0
        while !isOver() {
            // A negative descriptor is passed over: who is gone would be readable for ever.
            let descriptors = clients.map { $0.isOver ? -1 : $0.descriptor }
            var entries = ([listener] + descriptors).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard poll(&entries, nfds_t(entries.count), 20) > 0 else { continue }
            for (index, entry) in entries.enumerated().dropFirst() where entry.revents != 0 {
                for line in read(&clients[index - 1]) {
                    answer(line, from: index - 1, &clients, &seq)
                }
            }
            if entries[0].revents != 0 {
                let descriptor = accept(listener, nil, nil)
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
                clients.append(Client(descriptor: descriptor))
            }
        }
        for descriptor in clients.map(\.descriptor) + [listener] { close(descriptor) }
    }

    private func read(_ client: inout Client) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(client.descriptor, &bytes, bytes.count, 0)
        client.isOver = count <= 0
        client.unread += bytes.prefix(max(0, count))
        var lines = client.unread.split(separator: 0x0A, omittingEmptySubsequences: false)
        client.unread = Array(lines.removeLast())
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    private func answer(
        _ line: String, from sender: Int, _ clients: inout [Client], _ seq: inout Int
    ) {
        let room = #"{"id":"r_0000000000001","name":"general","head":\#(seq)}"#
        if line.contains(#""hello""#) {
            say(#"{"type":"ok","id":1,"rooms":[\#(room)]}"#, to: clients[sender])
        } else if line.contains(#""room.create""#) {
            say(#"{"type":"error","id":2,"code":"room_name_taken"}"#, to: clients[sender])
        } else if line.contains(#""room.join""#) {
            say(#"{"type":"ok","id":3,"room":\#(room)}"#, to: clients[sender])
        } else if line.contains(#""send""#), let text = line.split(separator: "\"text\":").last {
            if lie == .refusesOne, seq == Self.place - 1 {
                say(#"{"type":"error","id":9,"code":"rate_limited"}"#, to: clients[sender])
                return
            }
            seq += 1
            if lie != .leavesOneUnanswered || seq != Self.place {
                say(#"{"type":"ok","id":9,"seq":\#(seq)}"#, to: clients[sender])
            }
            let event = #"{"type":"message","room":"r_0000000000001","seq":\#(seq),"text":\#(text)"#
            for index in clients.indices { deliver(event, seq, to: &clients[index], index) }
        }
    }

    private func deliver(_ event: String, _ seq: Int, to client: inout Client, _ index: Int) {
        guard index == expected - 1, seq == Self.place || client.held != nil else {
            say(event, to: client)
            return
        }
        switch lie {
        case .none, .leavesOneUnanswered, .refusesOne: say(event, to: client)
        case .dropsOne: break
        case .sendsOneTwice:
            say(event, to: client)
            say(event, to: client)
        case .swapsTwo where seq == Self.place: client.held = event
        case .swapsTwo:
            say(event, to: client)
            say(client.held ?? "", to: client)
            client.held = nil
        case .closesOne: shutdown(client.descriptor, Int32(SHUT_RDWR))
        }
    }

    private func say(_ text: String, to client: Client) {
        let line = text + "\n"
        send(client.descriptor, line, line.utf8.count, Int32(MSG_NOSIGNAL))
    }
}
