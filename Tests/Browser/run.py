# SPDX-License-Identifier: MIT
"""Browsers, nc and chat-cli in the rooms of one server. Each module of SUBJECTS has tests: functions that begin
with `test_` and get the World.

usage: run.py --server PATH --cli PATH [--output FOLDER] [--web FOLDER] [SUBJECT ...]
"""

import argparse
import importlib
import os
import sys
import tempfile
import time
import traceback

from page import Page
from processes import Netcat, Program, Server

# The looks come first: other subjects leave their rooms on the screenshots.
SUBJECTS = ["modules", "look", "signin", "rooms", "members", "messages", "live", "history", "search", "strangers",
            "files", "accounts", "everybody", "hostile", "scroll", "reconnect"]


class World:
    """The server, and who talks through it. Pages are opened when they are first asked for."""

    def __init__(self, server, cli, output, folder):
        self.server, self.cli, self.output, self.folder = server, cli, output, folder
        self.pages, self.people, self.programs, self.rooms = {}, {}, [], 0
        self.accounts = None

    def page(self, name, **more):
        if name not in self.pages:
            self.pages[name] = Page(name, self.output, **more)
            self.pages[name].enter(self.server.url)
        return self.pages[name]

    def guest(self, name, **more):
        """Somebody with a page for a moment: to be closed by who asked for it."""
        page = Page(name, self.output, **more)
        self.pages[name] = page
        return page

    def leave(self, *names):
        for name in names:
            self.pages.pop(name).close()

    @property
    def ana(self):
        return self.page("ana")

    @property
    def bo(self):
        return self.page("bo")

    @property
    def cy(self):
        return self.page("cy")

    def nc(self, name, **more):
        if name not in self.people:
            self.people[name] = Netcat(self.server.tcp_port, **(more or {"name": name}))
        return self.people[name]

    def drop(self, name):
        self.people.pop(name).stop()

    def chat_cli(self, name, *more):
        program = Program(self.cli, "--port", str(self.server.tcp_port), "--name", name, "--plain", *more)
        self.programs.append(program)
        return program

    def room(self, name, *pages):
        """A new room; the first of the pages makes and owns it, the others join it."""
        self.rooms += 1
        called = f"{name} {self.rooms}"
        pages[0].create(called)
        for page in pages[1:]:
            page.join(called)
        return called

    def restart(self):
        self.server.kill()
        for name in list(self.people):
            self.drop(name)
        self.server.start()

    def close(self):
        for name in list(self.pages):
            self.leave(name)
        for program in [*self.people.values(), *self.programs]:
            program.stop()
        if self.accounts:
            self.accounts.stop()

    def explain(self, name):
        """Leaves behind what helps to find out why a test failed."""
        for page in self.pages.values():
            try:
                page.screenshot(f"failed-{name}-{page.name}")
                print(f"    {page.name}: {[text[:60] for text in page.messages()[-5:]]} {page.console_errors()} {page.violations()}")
            except Exception as error:  # A browser that is gone has nothing to say.
                print(f"    {page.name}: {error}")


def tests_of(subject):
    module = importlib.import_module(subject)
    return [value for name, value in vars(module).items() if name.startswith("test_")]


def run(world, subjects):
    failures = []
    for subject in subjects:
        for test in tests_of(subject):
            begun = time.monotonic()
            title = f"{subject}: {test.__name__[5:].replace('_', ' ')}"
            try:
                note = test(world)
                told = f": {note}" if note else ""
                print(f"ok   {title}{told} ({time.monotonic() - begun:.1f} s)", flush=True)
            except Exception:  # Whatever went wrong: say so, show the pages, go on with the next one.
                failures.append(title)
                print(f"FAIL {title}", flush=True)
                traceback.print_exc()
                world.explain(test.__name__[5:40])
                for page in world.pages.values():
                    page.driver.get(page.home or world.server.url)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--output", default="test-output")
    parser.add_argument("--web", help="serve the page's files from there")
    parser.add_argument("subjects", nargs="*", default=SUBJECTS)
    options = parser.parse_args()
    output = os.path.abspath(options.output)
    os.makedirs(output, exist_ok=True)
    more = ["--web", os.path.abspath(options.web)] if options.web else []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(output, "server.log"), "w", encoding="utf-8") as log:
        store = f"sqlite:{os.path.join(folder, 'chat.sqlite')}"
        server = Server(os.path.abspath(options.server), store, log, *more)
        world = World(server, os.path.abspath(options.cli), output, folder)
        try:
            server.start()
            failures = run(world, options.subjects)
        finally:
            world.close()
            server.stop()
    print(f"{len(failures)} failed, {time.monotonic() - begun:.0f} s: {', '.join(failures)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
