# SPDX-License-Identifier: MIT
"""The programs under test: the server, nc, chat-cli. Nothing here sleeps for a fixed time."""

import base64
import json
import signal
import socket
import subprocess
import threading
import time
import urllib.request

DEADLINE_S = 60


def wait(condition, what, seconds=DEADLINE_S):
    """Polls until `condition` gives something true, and gives that back."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.03)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Server:
    def __init__(self, binary, store, log, *more):
        self.binary, self.store, self.log, self.more = binary, store, log, more
        self.web_port, self.tcp_port = free_ports(2)
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.web_port}/"

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, "--host", "127.0.0.1", "--ws-port", str(self.web_port), "--tcp-port",
             str(self.tcp_port), "--store", self.store, "--limits", "off",
             "--presence-grace-ms", "400", *self.more],
            stdout=self.log, stderr=self.log)
        wait(self._answers, "the server answers")

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", self.tcp_port), 1).close()
            return urllib.request.urlopen(self.url, timeout=1).status == 200
        except OSError:
            return False

    def headers(self):
        return urllib.request.urlopen(self.url, timeout=5).headers

    def get(self, path):
        return urllib.request.urlopen(self.url + path, timeout=DEADLINE_S).read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Program:
    """A program that is written to line by line, and whose lines are collected."""

    def __init__(self, *command):
        self.lines = []
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.decode())

    def write(self, *lines):
        self.process.stdin.write("".join(line + "\n" for line in lines).encode())
        self.process.stdin.flush()

    def count(self, text):
        return sum(text in line for line in list(self.lines))

    def sees(self, text):
        wait(lambda: self.count(text), f"{self.process.args[0]} prints {text!r}")

    def end_of_input(self):
        """Closes the standard input and waits for the exit code."""
        self.process.stdin.close()
        return self.process.wait(DEADLINE_S)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(5)


class Netcat(Program):
    """A person with nc, who types JSON."""

    def __init__(self, port, name=None, token=None):
        super().__init__("nc", "127.0.0.1", str(port))
        self.number = 0
        self.read = 0
        self.answers = {}
        self.user = self.command(type="hello", **({"token": token} if token else {"name": name}))["user"]

    def command(self, **keys):
        """Sends a command and gives its answer back."""
        self.number += 1
        number = self.number
        self.write(json.dumps({**keys, "id": number}))
        return wait(lambda: self.answer(number), f"nc gets the answer to {keys}")

    def answer(self, number):
        while self.read < len(self.lines):
            one = json.loads(self.lines[self.read])
            self.read += 1
            if one["type"] in ("ok", "error"):
                self.answers[one.get("id")] = one
        one = self.answers.pop(number, None)
        assert one is None or one["type"] == "ok", one
        return one

    def events(self, kind):
        return [one for one in map(json.loads, list(self.lines)) if one["type"] == kind]

    def say(self, room, text, **more):
        return self.command(type="send", room=room, client_id=f"{self.user['name']}-{self.number}", text=text,
                            **more)["seq"]

    def upload(self, room, name, content, **more):
        """Sends a file in band; its id goes into a message."""
        begun = self.command(type="upload.begin", room=room, name=name, bytes=len(content), **more)["upload"]
        for at in range(0, len(content), begun["chunk_bytes"]):
            piece = base64.b64encode(content[at:at + begun["chunk_bytes"]]).decode()
            self.command(type="upload.chunk", upload=begun["id"], offset=at, data=piece)
        self.command(type="upload.finish", upload=begun["id"])
        return begun["id"]

    def say_many(self, room, texts):
        """Without waiting for each answer: for rooms with a long history."""
        first = self.number + 1
        for begin in range(0, len(texts), 200):
            part = texts[begin:begin + 200]
            lines = []
            for text in part:
                self.number += 1
                lines.append(json.dumps({"type": "send", "id": self.number, "room": room,
                                         "client_id": f"many-{self.number}", "text": text}))
            self.write(*lines)
            last = self.number
            wait(lambda: self.answer(last), "nc gets the last answer")
        return first
