# SPDX-License-Identifier: MIT
"""A terminal (tmux) with a shell in it, and the server. Nothing here sleeps for a fixed time."""

import os
import subprocess
import sys
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Browser"))

from processes import Server, wait  # noqa: E402,F401

# What a slow machine needs in the worst case: a bound for what hangs, not a measure.
DEADLINE_S = float(os.environ.get("CHAT_TEST_DEADLINE_S", 90))


def until(condition, what):
    return wait(condition, what, DEADLINE_S)


class Terminals:
    """One tmux server of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.count, self.generation = 0, 0

    def tmux(self, *arguments, check=True):
        # The socket is in a folder of ours; who starts this may be in another tmux.
        environment = {**os.environ, "TMUX_TMPDIR": self.folder, "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        done = subprocess.run(["tmux", "-u", "-L", f"chat{self.generation}", "-f", "/dev/null", *arguments],
                              env=environment, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise AssertionError(f"tmux {arguments}: {done.stderr}")
        return done.stdout

    def open(self, columns=90, rows=26, **environment):
        self.count += 1
        return Terminal(self, f"t{self.count}", columns, rows, environment)

    def close(self):
        self.tmux("kill-server", check=False)
        # The old one may take a moment to end.
        self.generation += 1


class Terminal:
    """One window of a size, with a shell that starts programs."""

    def __init__(self, terminals, name, columns, rows, environment):
        self.terminals, self.name = terminals, name
        settings = {"TERM": "tmux-256color", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"],
                    "HOME": terminals.folder, "PS1": "shell> ", "HISTFILE": "", **environment}
        terminals.tmux("new-session", "-d", "-s", name, "-x", str(columns), "-y", str(rows),
                       "env", "-i", *[f"{key}={value}" for key, value in settings.items()],
                       "bash", "--noprofile", "--norc")
        self.sees("shell>")

    def tmux(self, *arguments):
        return self.terminals.tmux(*arguments)

    def write(self, text):
        self.tmux("send-keys", "-t", self.name, "-l", "--", text)

    def press(self, *keys):
        self.tmux("send-keys", "-t", self.name, *keys)

    def enter(self, text):
        self.write(text)
        self.press("Enter")

    def paste(self, text):
        self.tmux("set-buffer", "-b", "clip", "--", text)
        self.tmux("paste-buffer", "-p", "-d", "-b", "clip", "-t", self.name)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-t", self.name, "-x", str(columns), "-y", str(rows))

    @property
    def lines(self):
        return self.tmux("capture-pane", "-p", "-t", self.name).split("\n")

    @property
    def text(self):
        return "\n".join(self.lines)

    @property
    def coloured(self):
        return self.tmux("capture-pane", "-p", "-e", "-t", self.name)

    def shows(self, text):
        return any(text in line for line in self.lines)

    def sees(self, *texts):
        for text in texts:
            try:
                until(lambda: self.shows(text), f"{text!r} is to be seen")
            except AssertionError as failure:
                raise AssertionError(f"{failure}\n{self.text}") from None

    def misses(self, text):
        try:
            until(lambda: not self.shows(text), f"{text!r} is not to be seen")
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.text}") from None

    def line(self, text):
        """The row that holds a text."""
        self.sees(text)
        return next(line for line in self.lines if text in line)

    def shell(self, command):
        """Runs a command in the shell; gives what it printed."""
        mark = f"done-{os.urandom(4).hex()}"
        self.tmux("clear-history", "-t", self.name)
        # In two parts: the command itself stands on the screen as well.
        self.enter(f"clear; {command}; echo {mark[:4]}''{mark[4:]}")
        self.sees(mark)
        return self.text.split(mark)[0]

    @property
    def child(self):
        """The program that the shell runs; None without one."""
        shell = self.tmux("display-message", "-p", "-t", self.name, "#{pane_pid}").strip()
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True).stdout.split()
        return int(found[0]) if found else None

    @property
    def is_alternate(self):
        return self.tmux("display-message", "-p", "-t", self.name, "#{alternate_on}").strip() == "1"


def cells(text):
    """How many cells a text takes, by Unicode's own table."""
    count = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
            continue
        count += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return count
