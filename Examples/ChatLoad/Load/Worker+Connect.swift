// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

extension Worker {
    /// IP_BIND_ADDRESS_NO_PORT, which the C library's module does not show.
    private static var bindAddressNoPort: Int32 { 24 }

    /// Starts as many connections as may be on their way at once.
    mutating func startMore(_ phase: Phase, sleep: inout UInt64) {
        if plan.mode == .connects {
            for local in 0..<connectionCount {
                let connection = connections + local
                guard [.unused, .closed].contains(connection.pointee.state) else { continue }
                guard phase == .measure else { return }
                guard let attempt = board.nextAttempt(of: plan.connectionCount) else { return }
                connection.pointee.index = UInt32(attempt)
                start(connection)
            }
            return
        }
        while nextToStart < startOrder.count, handshakes < plan.handshakesAtOnce {
            if nextToStart >= makerCount, plan.createsRooms,
                board.count(board.roomsReady) < plan.roomCount
            {
                sleep = 1_000_000
                return
            }
            start(connections + startOrder[nextToStart])
            nextToStart += 1
        }
    }

    private mutating func start(_ connection: UnsafeMutablePointer<Connection>) {
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0
        )
        connection.pointee.descriptor = descriptor
        connection.pointee.state = .connecting
        connection.pointee.opening = 0
        connection.pointee.roomHash = 0
        connection.pointee.startedAt = SystemProbe.now()
        handshakes += 1
        guard descriptor >= 0 else {
            close(connection, because: "socket: \(String(cString: strerror(errno)))")
            return
        }
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        if plan.mode == .connects {
            // Closed with a reset, so that no port is kept in TIME_WAIT.
            var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                descriptor, SOL_SOCKET, SO_LINGER, &linger,
                socklen_t(MemoryLayout.size(ofValue: linger)))
        }
        if connection.pointee.isSlow {
            // Little fits between the server and us, so that it notices soon that nobody reads.
            setOption(descriptor, SOL_SOCKET, SO_RCVBUF, 4_096)
        }
        if plan.sourceCount > 1 {
            let source = 0x7F00_0101 + connection.pointee.index % UInt32(plan.sourceCount)
            // Or the kernel would pick the port before it knows where to, and run out of them.
            setOption(descriptor, Int32(IPPROTO_IP), Self.bindAddressNoPort, 1)
            _ = withAddress(source, port: 0) { bind(descriptor, $0, $1) }
        }
        let status = withAddress(address.raw, port: address.port) {
            Glibc.connect(descriptor, $0, $1)
        }
        guard status == 0 || errno == EINPROGRESS else {
            close(connection, because: "connect: \(String(cString: strerror(errno)))")
            return
        }
        connection.pointee.wantsOutput = true
        watch(connection, EPOLL_CTL_ADD, EPOLLIN.rawValue | EPOLLOUT.rawValue)
    }

    mutating func connected(_ connection: UnsafeMutablePointer<Connection>) {
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(connection.pointee.descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0 else {
            close(connection, because: "connect: \(String(cString: strerror(failure)))")
            return
        }
        connection.pointee.wantsOutput = false
        watch(connection, EPOLL_CTL_MOD, EPOLLIN.rawValue)
        guard plan.framing == .webSocket else {
            open(connection)
            return
        }
        connection.pointee.state = .upgrading
        let room = plan.roomName(Int(connection.pointee.room))
        writeBuffer.count = 0
        writeBuffer.append(
            WebSocketClient.request(
                path: plan.dialect == .raw ? "/\(room)" : plan.path, host: plan.host,
                port: plan.port))
        sendWriteBuffer(connection)
    }

    /// Says the next thing of signing in, or is ready when everything is said.
    mutating func open(_ connection: UnsafeMutablePointer<Connection>) {
        connection.pointee.state = .opening
        guard let step = openingStep(of: connection) else {
            ready(connection)
            return
        }
        writeBuffer.count = 0
        if plan.dialect == .chat {
            appendMessage(step.say)
        } else {
            writeBuffer.append(step.say)
        }
        sendWriteBuffer(connection)
    }

    func openingStep(of connection: UnsafeMutablePointer<Connection>) -> OpeningStep? {
        guard !plan.isBare else { return nil }
        let index = Int(connection.pointee.index)
        let steps = plan.dialect.opening(
            user: "\(plan.userPrefix)\(index)", room: plan.roomName(Int(connection.pointee.room)),
            creates: plan.createsRooms && index % plan.membersPerRoom == 0)
        let number = Int(connection.pointee.opening)
        return number < steps.count ? steps[number] : nil
    }

    private mutating func ready(_ connection: UnsafeMutablePointer<Connection>) {
        connection.pointee.state = .ready
        handshakes -= 1
        board.add(1, to: board.ready)
        if plan.createsRooms, Int(connection.pointee.index) % plan.membersPerRoom == 0 {
            board.add(1, to: board.roomsReady)
        }
        if plan.mode == .connects {
            result.latency.add(SystemProbe.now() - connection.pointee.startedAt)
            result.finished += 1
            close(connection, because: nil)
        }
    }

    /// Closes; with a reason it counts as a failure, and the first reason is told.
    mutating func close(_ connection: UnsafeMutablePointer<Connection>, because reason: String?) {
        let state = connection.pointee.state
        guard state != .closed else { return }
        if state != .ready { handshakes -= 1 }
        if connection.pointee.descriptor >= 0 { Glibc.close(connection.pointee.descriptor) }
        connection.pointee.state = .closed
        connection.pointee.free()
        if let reason {
            board.complain("connection \(connection.pointee.index): \(reason)")
            if state == .ready {
                board.add(1, to: board.closed)
            } else {
                board.add(1, to: board.failed)
            }
        } else if connection.pointee.isSlow {
            result.slowClosed += 1
        }
    }

    func watch(_ connection: UnsafeMutablePointer<Connection>, _ operation: Int32, _ events: UInt32)
    {
        var event = epoll_event()
        event.events = events
        event.data.u32 = UInt32(connection - connections)
        epoll_ctl(poller, operation, connection.pointee.descriptor, &event)
    }

    private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private func withAddress(
        _ raw: UInt32, port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = raw.bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
