// SPDX-License-Identifier: MIT

import COpenSSL

/// What OpenSSL calls back: reading and writing memory, choosing certificate and protocol, ticket keys.
@safe
enum ChannelCallbacks {
    /// How a BIO reads and writes the memory of its ``TLSChannel``.
    @safe
    private struct Method: @unchecked Sendable {
        // Unchecked because it is only read once it is made.
        let pointer: OpaquePointer?
    }

    private static let method: Method = {
        let index = BIO_get_new_index() | 0x0400  // BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(index, "chat connection") else {
            return unsafe Method(pointer: nil)
        }
        unsafe BIO_meth_set_read(method) { bio, data, count in
            unsafe ChannelCallbacks.read(bio, data, count)
        }
        unsafe BIO_meth_set_write(method) { bio, data, count in
            unsafe ChannelCallbacks.write(bio, data, count)
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe Method(pointer: method)
    }()

    /// Makes a BIO without a channel.
    static func makeBIO() -> OpaquePointer? {
        guard let method = unsafe method.pointer, let bio = unsafe BIO_new(method) else {
            return nil
        }
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private static func channel(of bio: OpaquePointer?) -> TLSChannel? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSChannel>.fromOpaque(data).takeUnretainedValue()
    }

    private static func channel(ofSSL ssl: OpaquePointer?) -> TLSChannel? {
        guard let data = unsafe SSL_get_ex_data(ssl, 0) else { return nil }
        return unsafe Unmanaged<TLSChannel>.fromOpaque(data).takeUnretainedValue()
    }

    private static func read(
        _ bio: OpaquePointer?, _ data: UnsafeMutablePointer<CChar>?, _ count: Int32
    ) -> Int32 {
        guard let channel = unsafe channel(of: bio), let data = unsafe data else { return -1 }
        let taken = min(Int(count), unsafe channel.input.count)
        guard taken > 0, let base = unsafe channel.input.baseAddress else {
            unsafe chat_bio_retry_read(bio)
            return -1
        }
        unsafe chat_bio_no_retry(bio)
        unsafe UnsafeMutableRawPointer(data).copyMemory(from: base, byteCount: taken)
        unsafe channel.input = UnsafeRawBufferPointer(rebasing: channel.input.dropFirst(taken))
        return Int32(taken)
    }

    private static func write(
        _ bio: OpaquePointer?, _ data: UnsafePointer<CChar>?, _ count: Int32
    ) -> Int32 {
        guard let channel = unsafe channel(of: bio), let data = unsafe data, count >= 0 else {
            return -1
        }
        unsafe chat_bio_no_retry(bio)
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: Int(count))
        unsafe channel.output.append(contentsOf: bytes)
        return count
    }

    /// Sets what is called for every connection of `context`.
    static func install(on context: OpaquePointer) {
        unsafe chat_ssl_ctx_on_server_name(context) { ssl, _, _ in
            unsafe ChannelCallbacks.chooseCertificate(ssl)
        }
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { ssl, chosen, chosenCount, offered, offeredCount, _ in
                unsafe ChannelCallbacks.chooseProtocol(
                    ssl, chosen, chosenCount,
                    UnsafeBufferPointer(start: offered, count: Int(offeredCount)))
            }, nil)
        unsafe chat_ssl_ctx_on_ticket(context) { ssl, name, vector, cipher, mac, seals in
            guard let channel = unsafe ChannelCallbacks.channel(ofSSL: ssl),
                let name = unsafe name, let vector = unsafe vector,
                let cipher = unsafe cipher, let mac = unsafe mac
            else { return -1 }
            return unsafe channel.credentials.ticketKeys.prepare(
                name, vector, cipher, mac, seals: seals == 1)
        }
    }

    /// RFC 6066, section 3: a name that nobody here has gets the first certificate, and the client decides.
    private static func chooseCertificate(_ ssl: OpaquePointer?) -> Int32 {
        guard let channel = unsafe channel(ofSSL: ssl),
            let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)
        else { return SSL_TLSEXT_ERR_NOACK }
        let context = channel.credentials.context(for: unsafe String(cString: name))
        unsafe SSL_set_SSL_CTX(ssl, context.context)
        return SSL_TLSEXT_ERR_OK
    }

    /// RFC 7301, section 3.2: a client that offers only what is not spoken here is refused.
    private static func chooseProtocol(
        _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
        _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        guard let channel = unsafe channel(ofSSL: ssl), !channel.applicationProtocols.isEmpty else {
            return SSL_TLSEXT_ERR_NOACK
        }
        for wanted in channel.applicationProtocols {
            var index = 0
            while index < offered.count {
                let length = Int(unsafe offered[index])
                let end = index + 1 + length
                guard end <= offered.count else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                let name = unsafe UnsafeBufferPointer(rebasing: offered[(index + 1)..<end])
                if unsafe name.elementsEqual(wanted) {
                    unsafe chosen?.pointee = name.baseAddress
                    unsafe chosenCount?.pointee = UInt8(length)
                    return SSL_TLSEXT_ERR_OK
                }
                index = end
            }
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
