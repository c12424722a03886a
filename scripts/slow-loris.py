# SPDX-License-Identifier: MIT
"""How long a new user's sign-in takes, alone and beside 1 000 connections that never finish what they begin.

slow-loris.py WS-PORT TCP-PORT CA-FILE      (a server with TLS; called by scripts/tls-check.sh)
"""
import socket, ssl, statistics, sys, threading, time

ws_port, tcp_port, trust = int(sys.argv[1]), int(sys.argv[2]), ssl.create_default_context(cafile=sys.argv[3])

count = 0

def sign_in(name):
    global count
    count += 1  # from several addresses: sign-ins are limited for each
    start, source = time.monotonic(), (f"127.0.2.{1 + count // 10}", 0)
    connection = socket.create_connection(("127.0.0.1", tcp_port), source_address=source)
    with trust.wrap_socket(connection, server_hostname="localhost") as peer:
        peer.sendall(b'{"type":"hello","id":1,"name":"%s"}\n' % name.encode())
        assert b'"type":"ok"' in peer.recv(65536), "the sign-in was refused"
    return 1000 * (time.monotonic() - start)

def half_open(number):  # a fifth speaks no TLS at all, the others stop in the middle of its first message
    peer = socket.create_connection(("127.0.0.1", ws_port if number % 2 else tcp_port),
                                    source_address=(f"127.0.1.{1 + number // 90}", 0))
    peer.sendall(b"\x16" if number % 5 == 0 else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    return peer

for number in range(50):
    sign_in(f"warm{number}")
alone = [sign_in(f"alone{number}") for number in range(200)]
crowd = [half_open(number) for number in range(1000)]
stop = threading.Event()
def drip():  # each of them sends a byte now and then, so that it looks alive
    while not stop.wait(0.05):
        for peer in crowd[1::20]:
            try: peer.send(b"\x00")
            except OSError: pass
threading.Thread(target=drip, daemon=True).start()
beside = [sign_in(f"beside{number}") for number in range(200)]
stop.set()
def still_open(peer):
    peer.setblocking(False)
    try: return peer.recv(1) != b""
    except BlockingIOError: return True
    except OSError: return False
held = sum(map(still_open, crowd))
ratio = statistics.median(beside) / statistics.median(alone)
for name, times in (("alone", alone), ("beside 1000 half-open", beside)):
    times.sort()
    print(f"sign-in {name}: median {statistics.median(times):.2f} ms, p95 {times[int(len(times) * .95)]:.2f} ms")
print(f"half-open connections held at the end: {held}; ratio of the medians: {ratio:.2f}")
sys.exit(0 if ratio <= 2 and held >= 900 else 1)
