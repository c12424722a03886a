# SPDX-License-Identifier: MIT
"""Keeps many logins in flight and counts how each of them was answered; called by scripts/login-flood.sh.

login-flood.py register TCP-PORT ACCOUNTS             makes accounts flood0, flood1 …
login-flood.py flood TCP-PORT ACCOUNTS PARALLEL SECONDS    prints a line of JSON

Each login has a connection of its own, from one of many addresses (sign-ins are limited for each). When it was
answered the next begins; after SECONDS the last ones are waited for. One thread: it must not take the server's CPU.
"""
import collections, json, selectors, socket, sys, time

mode, port, accounts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
parallel, seconds = (int(sys.argv[4]), float(sys.argv[5])) if mode == "flood" else (50, 0.0)
patience = 60
selector = selectors.DefaultSelector()
answers, times, count = collections.Counter(), [], 0

def begin():
    global count
    number, count = count % accounts, count + 1
    kind, name = ("register", "username") if mode == "register" else ("login", "login")
    peer = socket.socket()
    peer.bind((f"127.0.3.{1 + number % 200}", 0))
    peer.connect(("127.0.0.1", port))
    peer.sendall(b'{"type":"%s","id":1,"%s":"flood%d","password":"correct horse %d"}\n'
                 % (kind.encode(), name.encode(), number, number))
    peer.setblocking(False)
    selector.register(peer, selectors.EVENT_READ, [time.monotonic(), b""])

def answered(peer, state):
    """How a login was answered; None while the line is not whole."""
    try:
        data = peer.recv(65536)
    except BlockingIOError:
        return None
    except OSError:
        return "connection lost"
    state[1] += data
    if b"\n" not in state[1]:
        return None if data else "connection lost"
    answer = json.loads(state[1].split(b"\n")[0])
    return "ok" if answer["type"] == "ok" else answer["code"]

start = time.monotonic()
def wants_more():
    return count < accounts if mode == "register" else time.monotonic() < start + seconds

for _ in range(min(parallel, accounts) if mode == "register" else parallel):
    begin()
while selector.get_map():
    ready = selector.select(timeout=patience)
    if not ready:
        answers["no answer"] += len(selector.get_map())
        break
    for key, _ in ready:
        how = answered(key.fileobj, key.data)
        if how is None:
            continue
        answers[how] += 1
        times.append(time.monotonic() - key.data[0])
        selector.unregister(key.fileobj)
        key.fileobj.close()
        if wants_more():
            begin()
times.sort()
print(json.dumps({
    "logins": count, "answers": dict(answers), "per_s": round(len(times) / (time.monotonic() - start), 1),
    "p50_ms": round(1000 * times[len(times) // 2]), "max_ms": round(1000 * times[-1])}))
sys.exit(0 if sum(answers.values()) == count and not answers["no answer"] and not answers["connection lost"]
         and (mode == "flood" or answers["ok"] == count) else 1)
