// SPDX-License-Identifier: MIT

import Glibc

/// Everything that is not a plain delivery: answers, other events, control frames. May be slow.
extension Worker {
    @inline(never)
    mutating func takeUnusual(
        _ connection: UnsafeMutablePointer<Connection>, _ bytes: UnsafePointer<UInt8>, _ size: Int,
        _ pass: inout ReadPass
    ) {
        let message = JSONSlice(start: bytes, count: size)
        guard let type = message["type"] else { return }
        if type.isString("ok") {
            answered(connection, message)
        } else if type.isString("error") {
            refused(connection, message)
        } else if type.isString("ping") {
            // A sign of life is asked for over TCP; WebSockets have their own.
            writeBuffer.count = 0
            appendMessage(#"{"type":"ping"}"#)
            sendWriteBuffer(connection)
        } else if type.isString("gap") {
            result.refused += 1
            board.complain("connection \(connection.pointee.index): \(message.text)")
        } else if let room = message["room"]?.content, let place = message["seq"],
            let seq = place.number
        {
            event(connection, room: room.hash, seq: seq)
            guard type.isString("message"), room.hash == connection.pointee.roomHash else { return }
            checks.learnPrefix(room: connection.pointee.room, bytes, count: place.start - bytes)
            _ = takePayload(connection, bytes, size, &pass)
        }
    }

    private mutating func event(
        _ connection: UnsafeMutablePointer<Connection>, room: UInt64, seq: UInt64
    ) {
        let stream = FaultLog.Stream(connection: connection.pointee.index, topic: room)
        if room == connection.pointee.roomHash {
            if !connection.pointee.roomCheck.accepts(seq) {
                result.faults.record(seq, in: &connection.pointee.roomCheck, of: stream)
            }
        } else if var check = otherRooms[stream] {
            if !check.accepts(seq) { result.faults.record(seq, in: &check, of: stream) }
            otherRooms[stream] = check
        } else if isVerifying {
            otherRooms[stream] = SequenceCheck(after: seq)
        }
    }

    private mutating func answered(
        _ connection: UnsafeMutablePointer<Connection>, _ answer: JSONSlice
    ) {
        guard connection.pointee.state == .opening else {
            if answer["seq"] != nil { result.acknowledged += 1 }
            return
        }
        guard case .chat(let id, _) = openingStep(of: connection)?.answer,
            answer["id"]?.number == id
        else { return }
        for room in answer["rooms"]?.elements ?? [] { follow(room, connection) }
        if let room = answer["room"] {
            follow(room, connection)
            if id == 3, let hash = room["id"]?.content?.hash {
                connection.pointee.roomHash = hash
                let stream = FaultLog.Stream(connection: connection.pointee.index, topic: hash)
                connection.pointee.roomCheck =
                    otherRooms.removeValue(forKey: stream) ?? SequenceCheck()
            }
        }
        connection.pointee.opening += 1
        open(connection)
    }

    /// Events of a room begin after the first `head` that is told of it. A later one (in the answer to a join
    /// that was not needed) may count events that are still on their way.
    private mutating func follow(
        _ room: JSONSlice, _ connection: UnsafeMutablePointer<Connection>
    ) {
        guard plan.mode != .connects, let hash = room["id"]?.content?.hash,
            let head = room["head"]?.number
        else { return }
        let stream = FaultLog.Stream(connection: connection.pointee.index, topic: hash)
        if otherRooms[stream] == nil { otherRooms[stream] = SequenceCheck(after: head) }
    }

    private mutating func refused(
        _ connection: UnsafeMutablePointer<Connection>, _ answer: JSONSlice
    ) {
        if connection.pointee.state == .opening,
            case .chat(let id, let tolerated?) = openingStep(of: connection)?.answer,
            answer["id"]?.number == id, answer["code"]?.content?.text == tolerated
        {
            connection.pointee.opening += 1
            open(connection)
            return
        }
        if connection.pointee.state == .opening {
            close(connection, because: "refused: \(answer.text)")
        } else {
            result.refused += 1
            board.complain("connection \(connection.pointee.index) was refused: \(answer.text)")
        }
    }

    /// A line of another protocol that carries no message of ours.
    @inline(never)
    mutating func takeOther(
        _ connection: UnsafeMutablePointer<Connection>, _ bytes: UnsafePointer<UInt8>, _ size: Int
    ) {
        guard plan.dialect != .raw else { return }
        let line = JSONSlice(start: bytes, count: size).text
        if line.hasPrefix("PING") {
            writeBuffer.count = 0
            writeBuffer.append(
                "PONG" + line.dropFirst(4).filter { $0 != "\r" && $0 != "\r\n" } + "\r\n")
            sendWriteBuffer(connection)
            return
        }
        if plan.dialect.refuses(line) {
            close(connection, because: "refused: \(line)")
            return
        }
        guard connection.pointee.state == .opening,
            case .line(let wanted) = openingStep(of: connection)?.answer, line.contains(wanted)
        else { return }
        connection.pointee.opening += 1
        open(connection)
    }

    mutating func takeControl(
        _ connection: UnsafeMutablePointer<Connection>, _ first: UInt8,
        _ body: UnsafePointer<UInt8>,
        _ size: Int
    ) {
        switch first {
        case 0x89:
            writeBuffer.count = 0
            appendMessage(Array(UnsafeBufferPointer(start: body, count: size)), opcode: 10)
            sendWriteBuffer(connection)
        case 0x8A: break
        case 0x88:
            let code = size >= 2 ? Int(body[0]) << 8 | Int(body[1]) : 1_005
            let reason = JSONSlice(start: body + min(2, size), count: max(0, size - 2)).text
            close(connection, because: "closed by the server: \(code) \(reason)")
        default:
            close(connection, because: "a frame that is not understood: \(first)")
        }
    }
}
