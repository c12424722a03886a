// SPDX-License-Identifier: MIT

import Glibc

/// Looks for bytes in bytes, where it does not matter how long that takes.
enum ByteSearch {
    static func find(_ wanted: [UInt8], in bytes: UnsafePointer<UInt8>, count: Int) -> Int? {
        var at = 0
        while at + wanted.count <= count {
            guard let first = memchr(bytes + at, Int32(wanted[0]), count - at - wanted.count + 1)
            else {
                return nil
            }
            at = UnsafeRawPointer(first) - UnsafeRawPointer(bytes)
            if memcmp(bytes + at, wanted, wanted.count) == 0 { return at }
            at += 1
        }
        return nil
    }
}

/// Bytes in a piece of memory that grows when it must. A plain value without a reference count, because it is
/// part of a connection that lies in raw memory: whoever owns it calls `free`.
struct ByteStore {
    private(set) var start: UnsafeMutablePointer<UInt8>?
    private(set) var capacity = 0
    var count = 0

    var end: UnsafeMutablePointer<UInt8>? { start.map { $0 + count } }

    mutating func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(256, (count + more) * 2)
        guard let larger = realloc(start, capacity) else { fatalError("chat-load: out of memory") }
        start = larger.assumingMemoryBound(to: UInt8.self)
    }

    mutating func append(_ bytes: UnsafePointer<UInt8>, count more: Int) {
        guard more > 0 else { return }
        reserve(more)
        if let end { memcpy(end, bytes, more) }
        count += more
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            if let base = bytes.baseAddress { append(base, count: bytes.count) }
        }
    }

    mutating func removeFirst(_ taken: Int) {
        guard let start, taken > 0 else { return }
        memmove(start, start + taken, count - taken)
        count -= taken
    }

    mutating func free() {
        Glibc.free(start)
        self = ByteStore()
    }
}
