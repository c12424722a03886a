// SPDX-License-Identifier: MIT

import CChatSystem
import Glibc

extension Worker {
    /// Reads once and takes every whole message. What comes after that is for the next turn.
    mutating func readable(_ connection: UnsafeMutablePointer<Connection>) {
        let kept = connection.pointee.carry.count
        guard kept < Self.readSize / 2 else {
            close(connection, because: "a message of more than \(Self.readSize / 2) bytes")
            return
        }
        if let carried = connection.pointee.carry.start { memcpy(readBuffer, carried, kept) }
        let count = recv(connection.pointee.descriptor, readBuffer + kept, Self.readSize - kept, 0)
        guard count > 0 else {
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            let reason = count == 0 ? "closed by the server" : String(cString: strerror(errno))
            close(connection, because: reason)
            return
        }
        var pass = ReadPass(now: SystemProbe.now())
        let length = kept + count
        let used = take(connection, length: length, &pass)
        finish(connection, &pass, bytes: count)
        guard connection.pointee.state != .closed else { return }
        connection.pointee.carry.count = 0
        if used < length {
            connection.pointee.carry.append(readBuffer + used, count: length - used)
        } else if connection.pointee.carry.capacity > 4_096 {
            connection.pointee.carry.free()
        }
    }

    /// What slow members are waited for: nothing, or input when all is over.
    func watchSlow(_ events: UInt32) {
        for local in 0..<connectionCount
        where connections[local].isSlow && connections[local].state == .ready {
            watch(connections + local, EPOLL_CTL_MOD, events)
        }
    }

    /// A slow member reads what there still is, to see whether the server has closed it: before, the end is
    /// behind what was not read.
    mutating func readToTheEnd(_ connection: UnsafeMutablePointer<Connection>) {
        let count = recv(connection.pointee.descriptor, readBuffer, Self.readSize, 0)
        if count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR) { return }
        close(connection, because: nil)
    }

    private mutating func take(
        _ connection: UnsafeMutablePointer<Connection>, length: Int, _ pass: inout ReadPass
    ) -> Int {
        var used = 0
        if connection.pointee.state == .upgrading {
            switch WebSocketClient.upgrade(readBuffer, count: length) {
            case .incomplete: return 0
            case .refused(let line):
                close(connection, because: "the upgrade was refused: \(line)")
                return length
            case .done(let bytes):
                used = bytes
                open(connection)
            }
        }
        guard connection.pointee.state != .closed, used < length else { return used }
        let rest = UnsafePointer(readBuffer + used)
        let taken =
            plan.framing == .webSocket
            ? takeFrames(connection, rest, length - used, &pass)
            : takeLines(connection, rest, length - used, &pass)
        return used + taken
    }

    private mutating func takeFrames(
        _ connection: UnsafeMutablePointer<Connection>, _ bytes: UnsafePointer<UInt8>,
        _ length: Int,
        _ pass: inout ReadPass
    ) -> Int {
        var at = 0
        while length - at >= 2, connection.pointee.state != .closed {
            let first = bytes[at]
            var size = Int(bytes[at + 1])
            var header = 2
            if size >= 126 {
                header = size == 126 ? 4 : 10
                guard size < 128, length - at >= header else {
                    if size >= 128 { close(connection, because: "a masked frame") }
                    break
                }
                if header == 4 {
                    size = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
                } else {
                    size = 0
                    for index in at + 2..<at + header { size = size << 8 | Int(bytes[index]) }
                }
                guard size >= 0, size < Self.readSize else {
                    close(connection, because: "a frame of \(size) bytes")
                    break
                }
            }
            guard length - at >= header + size else { break }
            let body = bytes + at + header
            at += header + size
            if first == 0x81 {
                take(connection, message: body, size, &pass)
            } else {
                takeControl(connection, first, body, size)
            }
        }
        return at
    }

    private mutating func takeLines(
        _ connection: UnsafeMutablePointer<Connection>, _ bytes: UnsafePointer<UInt8>,
        _ length: Int,
        _ pass: inout ReadPass
    ) -> Int {
        var at = 0
        while at < length, connection.pointee.state != .closed,
            let end = memchr(bytes + at, 0x0A, length - at)
        {
            let size = UnsafeRawPointer(end) - UnsafeRawPointer(bytes + at)
            let body = bytes + at
            at += size + 1
            take(connection, message: body, size, &pass)
        }
        return at
    }

    /// One message, in place. Almost always a delivery that looks like the one before it.
    @inline(__always)
    private mutating func take(
        _ connection: UnsafeMutablePointer<Connection>, message bytes: UnsafePointer<UInt8>,
        _ size: Int,
        _ pass: inout ReadPass
    ) {
        guard plan.dialect == .chat else {
            if !takePayload(connection, bytes, size, &pass) { takeOther(connection, bytes, size) }
            return
        }
        let at = checks.matchedPrefix(room: connection.pointee.room, bytes, count: size)
        guard at > 0, connection.pointee.roomHash != 0 else {
            takeUnusual(connection, bytes, size, &pass)
            return
        }
        let seq = DecimalDigits.value(bytes + at, count: size - at)
        if !connection.pointee.roomCheck.accepts(seq) { recordSeq(seq, connection) }
        _ = takePayload(connection, bytes, size, &pass)
    }

    /// Counts a delivery; false if there is no payload in the message.
    @inline(__always)
    mutating func takePayload(
        _ connection: UnsafeMutablePointer<Connection>, _ bytes: UnsafePointer<UInt8>, _ size: Int,
        _ pass: inout ReadPass
    ) -> Bool {
        var offset = size - payloadTail
        if payloadTail == 0 || offset < 0 || Payload.word(bytes, at: offset) != Payload.mark {
            guard let found = findPayload(bytes, size) else { return false }
            offset = found
        }
        pass.deliveries += 1
        pass.bytes += size
        let low = Payload.word(bytes, at: offset + 8)
        let high = Payload.word(bytes, at: offset + 16)
        if low != pass.stampLow || high != pass.stampHigh {
            settle(&pass)
            pass.stampLow = low
            pass.stampHigh = high
        }
        pass.run += 1
        let sender = Payload.word(bytes, at: offset + 24)
        if sender != pass.sender { choose(sender, connection, &pass) }
        if pass.isWitnessed { addCredit(to: connection.pointee.creditTo) }
        if let check = pass.numbers {
            let number = UInt64(Payload.decode(Payload.word(bytes, at: offset + 32)))
            if !check.pointee.accepts(number) { recordNumber(number, check, pass, connection) }
        }
        return true
    }

    /// What the next messages of this sender have in common. Senders send bursts: this is not once per message.
    private func choose(
        _ sender: UInt64, _ connection: UnsafeMutablePointer<Connection>, _ pass: inout ReadPass
    ) {
        let index = Payload.decode(sender)
        pass.sender = sender
        pass.isWitnessed = index == connection.pointee.witnessed && pacer == nil
        pass.ordinal = checks.ordinal(ofSender: index) ?? 0
        let isKnown = isVerifying && checks.ordinal(ofSender: index) != nil
        pass.numbers =
            isKnown
            ? checks.messages(at: connection - connections, from: pass.ordinal) : nil
    }

    @inline(never)
    private mutating func recordNumber(
        _ number: UInt64, _ check: UnsafeMutablePointer<SequenceCheck>, _ pass: ReadPass,
        _ connection: UnsafeMutablePointer<Connection>
    ) {
        let stream = FaultLog.Stream(
            connection: connection.pointee.index, topic: UInt64(pass.ordinal))
        result.senderFaults.record(number, in: &check.pointee, of: stream)
    }

    @inline(never)
    private mutating func recordSeq(_ seq: UInt64, _ connection: UnsafeMutablePointer<Connection>) {
        let stream = FaultLog.Stream(
            connection: connection.pointee.index, topic: connection.pointee.roomHash)
        result.faults.record(seq, in: &connection.pointee.roomCheck, of: stream)
    }

    @inline(never)
    private mutating func findPayload(_ bytes: UnsafePointer<UInt8>, _ size: Int) -> Int? {
        guard let offset = ByteSearch.find(Payload.markBytes, in: bytes, count: size),
            size - offset >= Payload.byteCount
        else { return nil }
        payloadTail = size - offset
        return offset
    }

    /// Puts the deliveries of equal time into the histogram.
    private mutating func settle(_ pass: inout ReadPass) {
        if isMeasuring, pass.run > 0 {
            let stamp =
                UInt64(Payload.decode(pass.stampHigh)) << 32 | UInt64(Payload.decode(pass.stampLow))
            result.latency.add(pass.now > stamp ? pass.now - stamp : 0, times: pass.run)
        }
        pass.run = 0
    }

    private mutating func finish(
        _ connection: UnsafeMutablePointer<Connection>, _ pass: inout ReadPass, bytes: Int
    ) {
        settle(&pass)
        connection.pointee.deliveredCount += UInt64(pass.deliveries)
        deliveredThisTurn += pass.deliveries
        guard isMeasuring else { return }
        result.reads += 1
        result.bytesRead += bytes
        result.deliveredMeasured += pass.deliveries
        result.deliveredBytes += pass.bytes
    }
}
