// SPDX-License-Identifier: MIT

import ChatCore
import Testing

@Suite struct AddressPrefixTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("embedded", "embedded"), ("", ""),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8::1", "2001:db8:0:0::/64"), ("::", "0:0:0:0::/64"), ("::1", "0:0:0:0::/64"),
        ("2001:0db8:0001:0002:0:0:0:7", "2001:db8:1:2::/64"), ("1::", "1:0:0:0::/64"),
        ("fe80::1%eth0", "fe80:0:0:0::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"), ("64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"),
    ])
    func `an IPv6 address is known by its first half, an IPv4 one by all of it`(
        address: String, key: String
    ) {
        #expect(AddressPrefix.key(of: address) == key)
    }

    @Test(arguments: [
        "1:2:3", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::1", "::g", "::1.2.3", "::256.1.1.1", ":::",
        "1:2:3:4:5:6:7::8", "[::1]:80", "::1.2.3.4.5",
    ])
    func `what is no address stays as it is`(text: String) {
        #expect(AddressPrefix.key(of: text) == text)
    }
}
