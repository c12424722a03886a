#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What scripts/scale.sh measures beside chat-load: many rooms, and single commands in a room with many members.

  scale-probe.py rooms PORT PID COUNT     users make COUNT rooms, post to each, and leave
  scale-probe.py members PORT PID ROOM    joins, pages of members, presence in ROOM, which has its members already
"""
import json
import os
import socket
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
ROOMS_PER_USER = 500
PIPELINE = 50


class Client:
    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")
        self.number = 0
        self.events = 0
        answer = self.ask({"type": "hello", "name": name})
        self.general = answer["rooms"][0]["id"]

    def post(self, command):
        self.number += 1
        self.socket.sendall(json.dumps(command | {"id": self.number}).encode() + b"\n")
        return self.number

    def wait(self, number):
        while True:
            line = self.lines.readline()
            if not line:
                sys.exit("scale-probe: the server closed the connection")
            message = json.loads(line)
            if message["type"] == "error":
                sys.exit(f"scale-probe: refused: {message}")
            if message["type"] != "ok":
                self.events += 1
            elif message.get("id") == number:
                return message

    def ask(self, command):
        return self.wait(self.post(command))

    def close(self):
        self.ask({"type": "logout"})
        self.socket.close()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_kib(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def row(name, value):
    print(f"  {name:<58} {value}")


def rooms(port, pid, count):
    # Once, so that what every server needs is there before the first look.
    first = Client(port, "first")
    first.ask({"type": "room.create", "name": "first"})
    first.close()
    before, cpu = rss_kib(pid), cpu_seconds(pid)
    peak_open = 0
    for start in range(0, count, ROOMS_PER_USER):
        user = Client(port, f"maker{start}")
        made = []
        for number in range(start, min(start + ROOMS_PER_USER, count)):
            made.append(user.ask({"type": "room.create", "name": f"room {number}"})["room"]["id"])
        for first in range(0, len(made), PIPELINE):
            numbers = [user.post({"type": "send", "room": room, "text": "x" * 100}) for room in made[first : first + PIPELINE]]
            waiting = set(numbers)
            while waiting:
                message = json.loads(user.lines.readline())
                if message["type"] == "ok":
                    waiting.discard(message["id"])
        peak_open = max(peak_open, rss_kib(pid) - before)
        user.close()
        if start == 0 or (start + ROOMS_PER_USER) % 20_000 == 0:
            row(f"after {start + ROOMS_PER_USER} rooms: growth in KiB", rss_kib(pid) - before)
    used = cpu_seconds(pid) - cpu
    row("growth in KiB, at most", peak_open)
    row("growth in bytes per room that exists", (rss_kib(pid) - before) * 1024 // count)
    row("CPU per room made and posted to, in us", round(used / count * 1e6))


def members(port, pid, room):
    def measure(name, times, body):
        cpu, start = cpu_seconds(pid), time.monotonic()
        for number in range(times):
            body(number)
        used, took = cpu_seconds(pid) - cpu, time.monotonic() - start
        row(name, f"{used / times * 1e6:8.0f} us CPU   {took / times * 1e6:8.0f} us passed")

    joiners = []
    measure("hello and join of one more", 300, lambda number: joiners.append(Client(port, f"late{number}")))
    first = joiners[0]
    measure("a page of 20 members", 300, lambda number: first.ask({"type": "room.members", "room": room, "offset": number * 20, "limit": 20}))

    def flip(number):
        status = "away" if number // 300 % 2 == 0 else "online"
        joiners[number % 300].ask({"type": "presence.set", "status": status})

    events, start = first.events, time.monotonic()
    measure("a change of presence", 6_000, flip)
    took = time.monotonic() - start
    first.ask({"type": "ping"})
    row("events that one member got of these 6000", f"{first.events - events} in {took:.1f} s")

    def message(number):
        first.ask({"type": "send", "room": room, "text": "x" * 100})

    measure("a message, one at a time, to all", 50, message)


mode, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if mode == "rooms":
    rooms(port, pid, int(sys.argv[4]))
else:
    members(port, pid, sys.argv[4])
