// SPDX-License-Identifier: MIT

/// What an ``HTTPBodyReader`` found.
package enum HTTPBodyStep: Sendable, Equatable {
    /// Everything was looked at, and the body goes on.
    case needMore(consumed: Int)
    /// Bytes of the body are in that range; nothing before `consumed` is needed again.
    case data(Range<Int>, consumed: Int)
    /// The body has ended; what follows `consumed` is the next request.
    case finished(consumed: Int)
    /// Answer with this status and close.
    case rejected(HTTPStatus)
}

/// Finds the bytes of a body among those of a connection: counted or in chunks (RFC 9112 section 7.1).
///
/// It keeps no bytes. Chunk extensions and trailers are skipped, within bounds.
package struct HTTPBodyReader: Sendable {
    private enum Phase: Equatable {
        case counted(rest: Int)
        case size(digits: Int, value: Int)
        case sizeExtension(value: Int)
        case sizeEnd(value: Int)
        case data(rest: Int)
        case dataReturn
        case dataEnd
        /// In a line of the trailers, of which so many bytes were seen.
        case trailer(lineBytes: Int, sawReturn: Bool)
        case done
    }

    private var phase: Phase
    private let maximumBytes: Int
    private var bodyBytes = 0
    /// Bytes of chunk sizes' extensions and of trailers, which nobody reads.
    private var skippedBytes = 0
    private let maximumSkippedBytes: Int

    /// Makes a reader for one body.
    ///
    /// - Parameters:
    ///   - framing: what the head said.
    ///   - maximumBytes: the longest body; above it: 413.
    ///   - limits: `headBytes` bounds what is skipped.
    package init(_ framing: HTTPBodyFraming, maximumBytes: Int, limits: HTTPLimits = HTTPLimits()) {
        self.maximumBytes = maximumBytes
        maximumSkippedBytes = limits.headBytes
        switch framing {
        case .none: phase = .done
        case .length(let bytes): phase = bytes == 0 ? .done : .counted(rest: bytes)
        case .chunked: phase = .size(digits: 0, value: 0)
        }
    }

    /// Whether the whole body was found.
    package var isDone: Bool { phase == .done }

    /// Looks at the bytes that follow what was consumed.
    ///
    /// - Complexity: O(bytes), without allocation.
    package mutating func next(_ bytes: Span<UInt8>) -> HTTPBodyStep {
        var index = 0
        while phase != .done {
            guard index < bytes.count else { return .needMore(consumed: index) }
            switch phase {
            case .counted(let rest):
                let end = index + min(rest, bytes.count - index)
                guard let refusal = count(end - index) else {
                    phase = rest == end - index ? .done : .counted(rest: rest - (end - index))
                    return .data(index..<end, consumed: end)
                }
                return refusal
            case .data(let rest):
                let end = index + min(rest, bytes.count - index)
                guard let refusal = count(end - index) else {
                    phase = rest == end - index ? .dataReturn : .data(rest: rest - (end - index))
                    return .data(index..<end, consumed: end)
                }
                return refusal
            default:
                if let refusal = step(bytes[index]) { return refusal }
                index += 1
            }
        }
        return .finished(consumed: index)
    }

    private mutating func count(_ bytes: Int) -> HTTPBodyStep? {
        bodyBytes += bytes
        return bodyBytes > maximumBytes ? .rejected(.contentTooLarge) : nil
    }

    /// One byte of what is between the data.
    private mutating func step(_ byte: UInt8) -> HTTPBodyStep? {
        switch phase {
        case .size(let digits, let value):
            if let digit = HTTPByte.hexValue(byte) {
                // Eight digits are 4 GiB in one chunk: more than any body here.
                guard digits < 8 else { return .rejected(.contentTooLarge) }
                phase = .size(digits: digits + 1, value: value << 4 | Int(digit))
                return nil
            }
            guard digits > 0 else { return .rejected(.badRequest) }
            return afterSize(byte, value)
        case .sizeExtension(let value):
            if byte == HTTPByte.carriageReturn {
                phase = .sizeEnd(value: value)
                return nil
            }
            guard HTTPByte.isFieldValue(byte) else { return .rejected(.badRequest) }
            return skip()
        case .sizeEnd(let value):
            guard byte == HTTPByte.lineFeed else { return .rejected(.badRequest) }
            phase = value == 0 ? .trailer(lineBytes: 0, sawReturn: false) : .data(rest: value)
            return nil
        case .dataReturn:
            guard byte == HTTPByte.carriageReturn else { return .rejected(.badRequest) }
            phase = .dataEnd
            return nil
        case .dataEnd:
            guard byte == HTTPByte.lineFeed else { return .rejected(.badRequest) }
            phase = .size(digits: 0, value: 0)
            return nil
        case .trailer(let lineBytes, let sawReturn): return trailer(byte, lineBytes, sawReturn)
        case .counted, .data, .done: return nil
        }
    }

    private mutating func afterSize(_ byte: UInt8, _ value: Int) -> HTTPBodyStep? {
        switch byte {
        case HTTPByte.carriageReturn: phase = .sizeEnd(value: value)
        case UInt8(ascii: ";"), HTTPByte.space, HTTPByte.tab: phase = .sizeExtension(value: value)
        default: return .rejected(.badRequest)
        }
        return nil
    }

    private mutating func trailer(
        _ byte: UInt8, _ lineBytes: Int, _ sawReturn: Bool
    ) -> HTTPBodyStep? {
        if sawReturn {
            guard byte == HTTPByte.lineFeed else { return .rejected(.badRequest) }
            phase = lineBytes == 0 ? .done : .trailer(lineBytes: 0, sawReturn: false)
            return nil
        }
        if byte == HTTPByte.carriageReturn {
            phase = .trailer(lineBytes: lineBytes, sawReturn: true)
            return nil
        }
        guard HTTPByte.isFieldValue(byte) else { return .rejected(.badRequest) }
        phase = .trailer(lineBytes: lineBytes + 1, sawReturn: false)
        return skip()
    }

    private mutating func skip() -> HTTPBodyStep? {
        skippedBytes += 1
        return skippedBytes > maximumSkippedBytes ? .rejected(.headTooLarge) : nil
    }
}
