# SPDX-License-Identifier: MIT
"""How long a new user's sign-in takes, alone and beside 1 000 connections that never finish what they begin: first in the
middle of the TLS handshake, then, with TLS, in the middle of the head of an HTTP request.

slow-loris.py WS-PORT TCP-PORT CA-FILE [report]     (a server with TLS; called by scripts/tls-check.sh)

A sign-in beside them may take twice as long as alone, by the medians; with `report` it has to succeed, that is all.
"""
import socket, ssl, statistics, sys, threading, time

ws_port, tcp_port, trust = int(sys.argv[1]), int(sys.argv[2]), ssl.create_default_context(cafile=sys.argv[3])
judges = sys.argv[4:] != ["report"]

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

def connect(number, port):
    return socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.1.{1 + number // 90}", 0))

def handshake(number):  # a fifth speaks no TLS at all, the others stop in the middle of its first message
    peer = connect(number, ws_port if number % 2 else tcp_port)
    peer.sendall(b"\x16" if number % 5 == 0 else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    return peer

def head(number):
    peer = trust.wrap_socket(connect(number, ws_port), server_hostname="localhost")
    peer.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    return peer

def still_open(peer):
    peer.setblocking(False)
    try: return peer.recv(1) != b""
    except (BlockingIOError, ssl.SSLWantReadError): return True
    except OSError: return False

def drip(crowd, stop):  # each of them sends a byte now and then, so that it looks alive
    while not stop.wait(0.05):
        for peer in crowd[1::20]:
            try: peer.send(b"\x00" if type(peer) is socket.socket else b"x")
            except OSError: pass

def times(label, number):
    taken = sorted(sign_in(f"{label}{index}") for index in range(number))
    print(f"sign-in {label}: median {statistics.median(taken):.2f} ms, p95 {taken[int(number * .95)]:.2f} ms")
    return statistics.median(taken)

is_well = True
for number in range(50):
    sign_in(f"warm{number}")
for begin in (handshake, head):
    alone = times(f"before {begin.__name__}s", 200)
    crowd, stop = [begin(number) for number in range(1000)], threading.Event()
    dripping = threading.Thread(target=drip, args=(crowd, stop))
    dripping.start()
    try: beside = times(f"beside 1000 {begin.__name__}s", 200)
    finally: stop.set()
    dripping.join()
    held = sum(map(still_open, crowd))
    print(f"half-open {begin.__name__}s held at the end: {held}; ratio of the medians: {beside / alone:.2f}")
    is_well = is_well and beside <= 2 * alone and held >= 900
    for peer in crowd: peer.close()
sys.exit(0 if is_well or not judges else 1)
