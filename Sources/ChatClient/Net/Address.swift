// SPDX-License-Identifier: MIT

import Glibc

/// A place to connect to.
///
/// Names are resolved once; every address is tried in turn.
package struct Address {
    package let host: String
    package let port: Int
    private var candidates: [[UInt8]] = []
    private var turn = 0

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// A socket that is connecting without blocking, or nil if not even that began.
    package mutating func connect() -> Int32? {
        if candidates.isEmpty { resolve() }
        guard !candidates.isEmpty else { return nil }
        let candidate = candidates[turn % candidates.count]
        turn += 1
        return unsafe candidate.withUnsafeBytes { raw -> Int32? in
            guard let base = raw.baseAddress else { return nil }
            let address = unsafe base.assumingMemoryBound(to: sockaddr.self)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let descriptor = socket(
                Int32(unsafe address.pointee.sa_family), kind | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            var on: Int32 = 1
            _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            if unsafe Glibc.connect(descriptor, address, socklen_t(raw.count)) == 0
                || errno == EINPROGRESS
            {
                return descriptor
            }
            _ = close(descriptor)
            return nil
        }
    }

    private mutating func resolve() {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &list) == 0 else { return }
        defer { unsafe freeaddrinfo(list) }
        var entry = unsafe list
        while let info = unsafe entry?.pointee {
            if let address = unsafe info.ai_addr {
                candidates.append(
                    unsafe Array(
                        UnsafeRawBufferPointer(
                            start: address, count: Int(info.ai_addrlen))))
            }
            unsafe entry = info.ai_next
        }
    }
}
