// SPDX-License-Identifier: MIT

import Glibc

/// A place to connect to.
///
/// Names are resolved once; every address is tried in turn.
struct Address {
    let host: String
    let port: Int
    private var candidates: [[UInt8]] = []
    private var turn = 0

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// A socket that is connecting without blocking, or nil if not even that began.
    mutating func connect() -> Int32? {
        if candidates.isEmpty { resolve() }
        guard !candidates.isEmpty else { return nil }
        let candidate = candidates[turn % candidates.count]
        turn += 1
        return candidate.withUnsafeBytes { raw -> Int32? in
            guard let base = raw.baseAddress else { return nil }
            let address = base.assumingMemoryBound(to: sockaddr.self)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let descriptor = socket(
                Int32(address.pointee.sa_family), kind | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return nil }
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
            if Glibc.connect(descriptor, address, socklen_t(raw.count)) == 0
                || errno == EINPROGRESS
            {
                return descriptor
            }
            close(descriptor)
            return nil
        }
    }

    private mutating func resolve() {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return }
        defer { freeaddrinfo(list) }
        var entry = list
        while let info = entry?.pointee {
            if let address = info.ai_addr {
                candidates.append(
                    Array(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen))))
            }
            entry = info.ai_next
        }
    }
}
