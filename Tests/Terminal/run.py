# SPDX-License-Identifier: MIT
"""chat-cli in real terminals (tmux), against a server. Tests are functions that begin with `test_`, in their order.

usage: run.py --server PATH --cli PATH [WORD ...]     a test runs if its name holds one of the words
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from terminal import DEADLINE_S, Server, Terminals, cells, until


class World:
    def __init__(self, server, cli, folder):
        self.cli, self.folder = cli, folder
        log = open(os.path.join(folder, "server.log"), "wb")
        self.server = Server(server, f"sqlite:{folder}/chat.sqlite", log, "--auth", "both")
        self.server.start()
        self.terminals = Terminals(folder)

    def command(self, name, *options):
        return " ".join([self.cli, "--port", str(self.server.tcp_port), "--name", name, *options])

    def chat(self, name, *options, columns=90, rows=26, **environment):
        """Somebody at a terminal, in the chat."""
        terminal = self.terminals.open(columns, rows, **environment)
        self.start(terminal, name, *options)
        return terminal

    def start(self, terminal, name, *options):
        def is_in():
            # Of the test before, the server may still be letting go of the name.
            if not terminal.child and not terminal.is_alternate:
                terminal.enter(self.command(name, *options))
                until(lambda: terminal.child or terminal.shows("chat-cli: "), "it starts")
            return terminal.shows("● online")

        until(is_in, f"{name} is in")

    def leave(self, *terminals):
        for terminal in terminals:
            if terminal.child:
                terminal.press("C-u")
                terminal.enter("/quit")
            until(lambda: terminal.child is None, "it has ended")

    def pipe(self, name, lines, *options, **more):
        """Somebody in a pipe: the exit code and what was printed."""
        port = self.server.web_port if "--ws" in options else self.server.tcp_port
        done = subprocess.run([self.cli, "--port", str(port), "--name", name, *options],
                              input="".join(line + "\n" for line in lines).encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE_S, **more)
        return done.returncode, done.stdout.decode()

    def stop(self):
        self.terminals.close()
        self.server.stop()


# The colours of a cell, as tmux tells them: 30 to 49 and 90 to 107 but for 39 and 49.
def colours(text):
    found = set()
    for part in text.split("\x1b[")[1:]:
        codes = part.split("m")[0].split(";")
        found |= {code for code in codes if code.isdigit() and int(code) in
                  [*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)]}
    return found


def test_two_people_talk_and_see_typing_and_ticks(world):
    ana, bo = world.chat("ana"), world.chat("bo", columns=110)
    ana.sees("#general")
    ana.write("hello")
    bo.sees("ana is typing")
    ana.press("Enter")
    bo.sees("hello")
    bo.misses("typing")
    # Read, because the room is in view there.
    until(lambda: ana.line("     hello").rstrip().endswith("✓✓"), "bo has read it")
    bo.enter("/reply . and hello to you")
    ana.sees("↪ ana: hello", "and hello to you")
    number = bo.line("     hello").split("#")[1].split()[0]
    ana.enter(f"/react {number} 👍")
    bo.sees("👍 1")
    ana.enter(f"/edit {number} hello, everybody")
    bo.sees("hello, everybody (edited)")
    bo.enter("/who")
    bo.sees("ana: online", "● ana")
    ana.enter("/delete .")
    bo.sees("this message was deleted")
    world.leave(ana, bo)


def test_wide_characters_stay_in_their_columns(world):
    ana, bo = world.chat("ana"), world.chat("bo", columns=110)
    texts = ["漢字かな交じり文", "한국어 문장", "smile 🙂 and ❤", "e\u0301 ae\u0308 n\u0303", "ﾊﾝｶｸ Ｗｉｄｅ"]
    for text in texts:
        ana.enter(text)
        bo.sees(text)
    ana.sees(*texts)
    # The lines between the parts stand below each other, whatever is written before them.
    for line in bo.lines[1:20]:
        if "│" not in line:
            continue
        edges = [cells(line[:place]) for place, letter in enumerate(line) if letter == "│"]
        assert edges == [22, 90], (edges, line)
    # The cursor is behind what was typed, and editing hits the character that is seen.
    ana.write("漢字x")
    until(lambda: ana.tmux("display-message", "-p", "-t", ana.name, "#{cursor_x}").strip() == "7", "the cursor")
    ana.press("Left", "BSpace")
    ana.write("語")
    ana.press("Enter")
    bo.sees("漢語x")
    world.leave(ana, bo)


def test_a_resize_draws_everything_anew(world):
    ana = world.chat("ana", columns=120)
    words = "these are words that have to be broken where the edge is, " * 3
    ana.enter(words)
    ana.sees("these are words", "│")
    ana.resize(50, 15)
    until(lambda: not ana.shows("│"), "a narrow screen has no lists")
    until(lambda: len([line for line in ana.lines if line.strip()]) <= 15, "fifteen rows")
    ana.sees("❯", "the edge is,", "online")
    assert all(cells(line) <= 50 for line in ana.lines), ana.text
    ana.resize(130, 30)
    ana.sees("│", "● ana")
    ana.write("still here")
    ana.sees("❯ still here")
    world.leave(ana)


def test_rooms_count_what_is_unread_and_scroll_back(world):
    ana, bo = world.chat("ana"), world.chat("bo")
    ana.enter("/create terrace")
    ana.sees(" #terrace ")
    bo.enter("/join terrace")
    bo.sees(" #terrace ")
    bo.press("M-1")
    bo.sees("message #general")
    for number in range(1, 41):
        ana.enter(f"line number {number}.")
    until(lambda: "40" in bo.line("#terrace"), "forty are unread")
    bo.press("M-Down")
    bo.sees("line number 40.", "message #terrace")
    until(lambda: "40" not in bo.line("#terrace "), "they are read")
    until(lambda: ana.line("line number 40.").rstrip().endswith("✓✓"), "ana sees that")
    for _ in range(4):
        bo.press("PPage")
    bo.sees("line number 1.")
    ana.enter("something new")
    bo.sees("1 newer message")
    assert not bo.shows("something new")
    bo.press("Escape")
    bo.sees("something new")
    world.leave(ana, bo)


def test_files_are_sent_and_saved(world):
    ana, bo = world.chat("ana"), world.chat("bo")
    data = os.urandom(400_000)
    with open(os.path.join(world.folder, "my photo.bin"), "wb") as file:
        file.write(data)
    ana.enter('/send "~/my photo.bin" look at this')
    bo.sees("look at this", "my photo.bin, 400 kB")
    ana.sees("my photo.bin is sent")
    bo.enter("/save . ~/saved.bin")
    bo.sees("is saved as")
    with open(os.path.join(world.folder, "saved.bin"), "rb") as file:
        assert hashlib.sha256(file.read()).digest() == hashlib.sha256(data).digest()
    bo.enter("/save . ~/saved.bin")
    bo.sees("exists already")
    ana.enter("/send ~/nothing")
    ana.sees("No such file")
    world.leave(ana, bo)
    # The same in pipes, over WebSocket.
    code, text = world.pipe("cy", [f"/send {world.folder}/saved.bin piped"], "--ws")
    assert code == 0, text
    number = text.split("[file: saved.bin")[0].rsplit("[", 1)[1].split("]")[0]
    code, text = world.pipe("dee", [f"/save {number} {world.folder}/again.bin"])
    assert code == 0, text
    with open(os.path.join(world.folder, "again.bin"), "rb") as file:
        assert file.read() == data


def test_c9_a_server_that_restarts_loses_nothing(world):
    ana, bo = world.chat("ana"), world.chat("bo")
    ana.enter("before the restart")
    bo.sees("before the restart")
    world.server.kill()
    ana.sees("○")
    bo.sees("○")
    ana.enter("written while it was away")
    until(lambda: "…" in ana.line("     written while it was away"), "it waits")
    world.server.start()
    ana.sees("● online")
    bo.sees("written while it was away")
    until(lambda: "✓" in ana.line("written while it was away"), "it is stored")
    bo.enter("after the restart")
    ana.sees("after the restart")
    for text in ("before the restart", "written while it was away", "after the restart"):
        for one in (ana, bo):
            assert sum(text in line for line in one.lines) == 1, one.text
    world.leave(ana, bo)


def test_no_color_and_dumb_terminals_are_respected(world):
    colourful = world.chat("ana")
    plain = world.chat("bo", NO_COLOR="1")
    colourful.enter("in colour")
    plain.sees("in colour")
    assert colours(colourful.coloured)
    assert not colours(plain.coloured), plain.coloured
    world.leave(colourful, plain)
    dumb = world.terminals.open(TERM="dumb")
    dumb.enter(world.command("cy"))
    dumb.sees("* you are in general")
    dumb.enter("from a dumb terminal")
    dumb.sees("] cy: from a dumb terminal ✓")
    assert not dumb.is_alternate
    dumb.press("C-d")
    until(lambda: dumb.child is None, "it has ended")


def test_the_terminal_is_given_back(world):
    terminal = world.terminals.open()
    before = terminal.shell("stty -g")

    def start():
        terminal.shell("echo what was there before")
        world.start(terminal, "ana")
        assert terminal.is_alternate

    def check(how):
        until(lambda: terminal.child is None, how)
        until(lambda: not terminal.is_alternate, how)
        assert terminal.shell("stty -g") == before, how

    for how, action in {
        "/quit": lambda: terminal.enter("/quit"),
        "Ctrl+D": lambda: terminal.press("C-d"),
        "Ctrl+C twice": lambda: terminal.press("C-c", "C-c"),
        "SIGTERM": lambda: os.kill(terminal.child, signal.SIGTERM),
        "SIGINT": lambda: os.kill(terminal.child, signal.SIGINT),
        "a crash": lambda: os.kill(terminal.child, signal.SIGABRT),
        "another crash": lambda: os.kill(terminal.child, signal.SIGSEGV),
    }.items():
        start()
        action()
        terminal.sees("what was there before")
        check(how)
    start()
    terminal.press("C-z")
    until(lambda: not terminal.is_alternate, "it is stopped")
    terminal.sees("Stopped")
    assert terminal.shell("stty -g") == before
    terminal.enter("fg")
    terminal.sees("● online")
    terminal.write("and on")
    terminal.sees("❯ and on")
    terminal.press("C-u")
    os.kill(terminal.child, signal.SIGTSTP)
    until(lambda: not terminal.is_alternate, "it is stopped again")
    terminal.enter("fg")
    terminal.sees("● online")
    terminal.enter("/quit")
    until(lambda: terminal.child is None and not terminal.is_alternate, "it has ended")
    terminal.enter("echo code $?")
    terminal.sees("code 0")
    check("after Ctrl+Z")


def test_what_others_write_never_commands_the_terminal(world):
    bo = world.chat("bo")
    title = bo.tmux("display-message", "-p", "-t", bo.name, "#{pane_title}")
    hostile = ["\x1b]2;owned\x07", "\x1b[2J\x1b[H", "\x9b2J", "\x1b[?1049l", "a\rb\x08\x08c", "\x1bc", "\u202egnp.exe"]
    code, text = world.pipe("mallory", ["first"] + hostile + ["last"])
    assert code == 0, text
    assert "\x1b" not in text and "\x9b" not in text and "\x07" not in text
    bo.sees("first", "]2;owned", "[2J", "[?1049l", "last")
    assert bo.is_alternate
    assert bo.tmux("display-message", "-p", "-t", bo.name, "#{pane_title}") == title
    assert "#general" in bo.lines[0] and "online" in bo.lines[0], bo.text
    world.leave(bo)


def test_a_paste_is_not_sent_by_its_line_ends(world):
    ana = world.chat("ana")
    ana.paste("/quit\nsecond line\n")
    ana.sees("second line")
    assert ana.child and ana.is_alternate
    ana.press("C-c")
    ana.sees("message #general")
    ana.paste("first pasted\nsecond pasted")
    ana.press("Enter")
    until(lambda: ana.line("     second pasted"), "one message of two lines")
    # Editing: what was sent comes back, a word goes.
    ana.press("Up", "C-w")
    ana.write("again")
    ana.press("Enter")
    ana.sees("     second again")
    ana.write("/repl")
    ana.press("Tab")
    ana.sees("❯ /reply")
    world.leave(ana)


def test_accounts_and_their_passwords(world):
    ana = world.terminals.open()
    command = f"{world.cli} --port {world.server.tcp_port} --user Carla"
    ana.enter(f"{command} --register --email carla@example.org")
    ana.sees("Password of Carla:")
    ana.enter("correct horse")
    ana.sees("The same once more:")
    assert not ana.shows("correct horse")
    ana.enter("correct horse")
    ana.sees("● online  Carla")
    world.leave(ana)
    # What stands there from before is not the question.
    ana.shell("true")
    ana.enter(command)
    ana.sees("Password of Carla:")
    ana.enter("wrong horse")
    until(lambda: ana.child is None, "it has ended")
    ana.enter("echo code $?")
    ana.sees("code 1")
    secret = os.path.join(world.folder, "secret")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("correct horse\n")
    for more in (["--password-file", secret], []):
        done = subprocess.run(
            [world.cli, "--port", str(world.server.tcp_port), "--user", "carla@example.org", *more],
            input=b"from a pipe\n", capture_output=True, timeout=DEADLINE_S,
            env={**os.environ, "CHAT_PASSWORD": "correct horse"})
        assert done.returncode == 0 and b"Carla: from a pipe" in done.stdout, done


def test_pipes_tell_by_their_exit_code(world):
    code, text = world.pipe("ci1", ["build 17 is green", "//slash", "/who"])
    assert code == 0 and "build 17 is green ✓" in text and "ci1: /slash" in text, text
    assert world.pipe("ci2", ["/nosuch"])[0] == 1
    assert world.pipe("ci3", ["/delete 1"])[0] == 1
    assert world.pipe("ci4", ["hello"], "--room", "nowhere")[0] == 1
    assert world.pipe("ci5", [], "--nosuch")[0] == 2
    closed = subprocess.run([world.cli, "--port", "1", "--name", "ci", "--give-up", "1"],
                            stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S)
    assert closed.returncode == 1, closed
    order = [f"line {number}" for number in range(100)]
    code, text = world.pipe("ci6", ["/create order"] + order)
    assert code == 0
    said = [line.split(": ")[1] for line in text.split("\n") if " ci6: " in line]
    assert said == [f"{line} ✓" for line in order], said


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")
             and (not arguments.words or any(word in name for word in arguments.words))]
    failed = []
    # What was killed may still write its last words there.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        world = World(os.path.abspath(arguments.server), os.path.abspath(arguments.cli), folder)
        try:
            for name, test in tests:
                begin = time.monotonic()
                try:
                    test(world)
                    print(f"ok    {name} ({time.monotonic() - begin:.1f} s)", flush=True)
                except Exception:
                    traceback.print_exc()
                    print(f"FAIL  {name}", flush=True)
                    failed.append(name)
                    world.terminals.close()
                    if world.server.process.poll() is not None:
                        world.server.start()
        finally:
            world.stop()
    if not tests:
        print("no such test")
    if failed or not tests:
        print("failed: " + ", ".join(failed))
        sys.exit(1)


if __name__ == "__main__":
    main()
