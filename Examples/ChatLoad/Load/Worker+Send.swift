// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

extension Worker {
    /// Bytes that may wait for a connection that the server does not read from; past that, messages are skipped.
    private static let outputLimit = 4_194_304
    /// Messages that are sent before the loop looks at its sockets again.
    private static let burst = 256

    /// The load begins: senders get their credit or their clock, slow members stop reading.
    mutating func begin() {
        if plan.rate > 0, !senders.isEmpty {
            let share = plan.rate * Double(senders.count) / Double(plan.senderCount)
            pacer = Pacer(start: SystemProbe.now(), rate: share)
        } else {
            for sender in senders { addCredit(to: UInt32(sender), UInt32(plan.window)) }
        }
        watchSlow(0)
    }

    mutating func sendMore(sleep: inout UInt64) {
        if plan.rate > 0 {
            sendDue(sleep: &sleep)
        } else if !hot.isEmpty {
            spendCredit()
        }
    }

    @inline(__always)
    mutating func addCredit(to sender: UInt32, _ count: UInt32 = 1) {
        let connection = connections + Int(sender)
        connection.pointee.credit += count
        if !connection.pointee.isHot {
            connection.pointee.isHot = true
            hot.append(Int(sender))
        }
    }

    private mutating func spendCredit() {
        let now = SystemProbe.now()
        for index in 0..<hot.count {
            let connection = connections + hot[index]
            let credit = connection.pointee.credit
            connection.pointee.isHot = false
            connection.pointee.credit = 0
            if connection.pointee.state == .ready { publish(connection, stamp: now, count: credit) }
        }
        hot.removeAll(keepingCapacity: true)
    }

    private mutating func sendDue(sleep: inout UInt64) {
        guard pacer != nil else { return }
        let now = SystemProbe.now()
        for _ in 0..<Self.burst {
            guard let due = pacer?.take(now: now) else {
                sleep = min(sleep, (pacer?.nextDue ?? now) - now)
                return
            }
            let connection = connections + senders[nextSender]
            nextSender = (nextSender + 1) % senders.count
            if connection.pointee.state == .ready {
                publish(connection, stamp: due, count: 1)
            } else {
                result.skipped += 1
            }
        }
        sleep = 0
    }

    /// Sends `count` messages with one call.
    private mutating func publish(
        _ connection: UnsafeMutablePointer<Connection>, stamp: UInt64, count: UInt32
    ) {
        let room = Int(connection.pointee.room)
        guard let template = templates[room] else { return }
        guard connection.pointee.output.count <= Self.outputLimit else {
            result.skipped += Int(count)
            return
        }
        writeBuffer.count = 0
        for _ in 0..<count {
            connection.pointee.sentCount += 1
            append(
                template, stamp: stamp, sender: connection.pointee.index,
                number: connection.pointee.sentCount)
        }
        sendWriteBuffer(connection)
        result.sent += Int(count)
        result.sentByRoom[room] += Int(count)
        if isMeasuring { result.sentMeasured += Int(count) }
        board.add(Int(count), to: board.sent)
        board.add(Int(count) * (plan.copiesPerMessage - plan.slowCount), to: board.expected)
    }

    private mutating func append(
        _ template: MessageTemplate, stamp: UInt64, sender: UInt32, number: UInt32
    ) {
        guard let frame = beginFrame(opcode: 1, count: template.bytes.count) else { return }
        template.bytes.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { memcpy(frame.body, base, source.count) }
        }
        Payload.write(
            stamp: stamp, sender: sender, number: number, to: frame.body + template.payloadOffset)
        if let offset = template.clientIDOffset {
            let field = UnsafeMutableRawPointer(frame.body + offset)
            Payload.store(runTag, at: field)
            Payload.store(sender, at: field + 8)
            Payload.store(number, at: field + 16)
        }
        endFrame(frame)
    }

    /// Appends a message in the transport's framing.
    mutating func appendMessage(_ text: String) { appendMessage(Array(text.utf8), opcode: 1) }

    mutating func appendMessage(_ bytes: [UInt8], opcode: UInt8) {
        guard let frame = beginFrame(opcode: opcode, count: bytes.count) else { return }
        memcpy(frame.body, bytes, bytes.count)
        endFrame(frame)
    }

    /// A frame in the write buffer whose body is about to be written.
    private struct OpenFrame {
        let body: UnsafeMutablePointer<UInt8>
        let count: Int
        let key: UInt32
    }

    private mutating func beginFrame(opcode: UInt8, count: Int) -> OpenFrame? {
        writeBuffer.reserve(count + WebSocketClient.overhead)
        guard let start = writeBuffer.end else { return nil }
        guard plan.framing == .webSocket else {
            return OpenFrame(body: start, count: count, key: 0)
        }
        // xorshift: a key that differs from frame to frame, so that the server has to unmask.
        maskKey ^= maskKey << 13
        maskKey ^= maskKey >> 17
        maskKey ^= maskKey << 5
        let header = WebSocketClient.writeHeader(
            opcode: opcode, count: count, key: maskKey, to: start)
        writeBuffer.count += header
        return OpenFrame(body: start + header, count: count, key: maskKey)
    }

    private mutating func endFrame(_ frame: OpenFrame) {
        writeBuffer.count += frame.count
        if plan.framing == .webSocket {
            WebSocketClient.mask(frame.body, count: frame.count, key: frame.key)
        } else {
            frame.body[frame.count] = 0x0A
            writeBuffer.count += 1
        }
    }

    /// Sends what is in the write buffer, after what is still waiting.
    mutating func sendWriteBuffer(_ connection: UnsafeMutablePointer<Connection>) {
        guard let start = writeBuffer.start else { return }
        var sent = 0
        if connection.pointee.output.count == 0 {
            sent = send(
                connection.pointee.descriptor, start, writeBuffer.count, Int32(MSG_NOSIGNAL))
            // Another error than a full socket: reading will find out what is wrong.
            if sent < 0 && errno != EAGAIN && errno != EINTR { return }
            sent = max(0, sent)
        }
        guard sent < writeBuffer.count else { return }
        connection.pointee.output.append(start + sent, count: writeBuffer.count - sent)
        setWantsOutput(connection, true)
    }

    mutating func flush(_ connection: UnsafeMutablePointer<Connection>) {
        let output = connection.pointee.output
        if output.count > 0 {
            let sent = send(
                connection.pointee.descriptor, output.start, output.count, Int32(MSG_NOSIGNAL))
            connection.pointee.output.removeFirst(max(0, sent))
        }
        if connection.pointee.output.count == 0 { setWantsOutput(connection, false) }
    }

    private func setWantsOutput(_ connection: UnsafeMutablePointer<Connection>, _ wants: Bool) {
        guard connection.pointee.wantsOutput != wants else { return }
        connection.pointee.wantsOutput = wants
        watch(connection, EPOLL_CTL_MOD, EPOLLIN.rawValue | (wants ? EPOLLOUT.rawValue : 0))
    }
}
