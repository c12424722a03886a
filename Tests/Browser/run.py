# SPDX-License-Identifier: MIT
"""Two browsers, nc and chat-cli in the same rooms of one server, which is killed on the way.

usage: run.py --server PATH --cli PATH [--output FOLDER]
"""

import argparse
import os
import sys
import tempfile
import time
import traceback

from page import Page
from processes import Netcat, Program, Server, wait


class Conversation:
    def __init__(self, server, cli, output):
        self.server, self.cli, self.output = server, cli, output
        self.opened = []

    def page(self, name, **more):
        page = Page(name, self.output, **more)
        self.opened.append(page.close)
        return page

    def program(self, program):
        self.opened.append(program.stop)
        return program

    def close(self):
        for close in reversed(self.opened):
            close()

    def chat_cli(self, name, *more):
        return self.program(Program(self.cli, "--port", str(self.server.tcp_port), "--name", name,
                                    "--plain", *more))

    # The steps, in order: later ones build on the rooms of the earlier ones.

    def everybody_sees_everybody(self):
        policy = self.server.headers().get("Content-Security-Policy", "")
        assert "default-src 'self'" in policy, f"Content-Security-Policy: {policy}"
        self.ana, self.bo = self.page("ana"), self.page("bo")
        self.ana.enter(self.server.url)
        self.bo.enter(self.server.url)
        self.cy = self.program(Netcat(self.server.tcp_port, "cy"))
        self.dee = self.chat_cli("dee")
        self.dee.sees("you are in general")
        self.ana.say("ana says 🙂")
        self.bo.say("bo says <img src=x onerror=alert(1)>")
        self.cy.say("general", "cy says é")
        self.dee.write("dee says\ttab")
        for page in (self.ana, self.bo):
            page.sees("ana says 🙂")
            page.sees("bo says <img src=x onerror=alert(1)>")
            page.sees("cy says é")
            page.sees("dee says\ttab")
            assert page.script("return document.querySelectorAll('#log img').length") == 0
        for program in (self.cy, self.dee):
            program.sees("ana says")
            program.sees("bo says <img")
            program.sees("cy says")
            program.sees("dee says")

    def the_reducer_equals_a_model(self):
        with open(os.path.join(os.path.dirname(__file__), "reducer.js"), encoding="utf-8") as file:
            problem = self.ana.driver.execute_async_script(file.read())
        assert not problem, problem

    def a_room_of_another_device(self):
        """ana's token works in nc too, and what she does there shows in her page."""
        token = self.ana.script("return localStorage.getItem('chat.token.ana')")
        device = self.program(Netcat(self.server.tcp_port, token=token))
        device.command(type="room.create", name="attic")
        self.bo.until(lambda: self.bo.texts("[data-room='attic'].foreign"), "lists attic")
        self.bo.join("attic")
        self.bo.say("up here")
        # Her page was not told that she is in there: it finds out with the first event.
        self.ana.until(lambda: self.ana.unread("attic") == "1", "attic has an unread message")
        self.ana.open("attic")
        self.ana.sees("up here")
        self.bo.tick_becomes("up here", "read")
        device.command(type="room.delete", room="attic")
        for page in (self.ana, self.bo):
            page.until(lambda: page.text("#room-name") == "general", "moved on")
            page.until(lambda: not page.texts("[data-room='attic']"), "lists attic no more")
        device.stop()

    def people_and_presence(self):
        for page in (self.ana, self.bo):
            page.until(lambda: page.text("#people-title") == "4 online of 4", "counts four people")
            names = page.texts("#people-list li > span:nth-child(2)")
            assert names == ["ana", "bo", "cy", "dee"], names
        for name in ("ana", "bo", "cy", "dee"):
            colours = [page.script(
                "return document.querySelector(`[data-user='${arguments[0]}'] .avatar`).className",
                name) for page in (self.ana, self.bo)]
            assert colours[0] == colours[1], colours

    def typing(self):
        self.bo.type("I am wri")
        self.ana.until(lambda: self.ana.text("#typing") == "bo is typing…", "bo is typing")
        self.dee.sees("bo is typing")
        self.dee.write("/typing")
        self.bo.type("t")
        self.ana.until(lambda: self.bo.type("t") or self.ana.text("#typing") in
                       ("bo and dee are typing…", "dee and bo are typing…"), "both are typing")
        self.cy.command(type="typing", room="general")
        self.ana.until(lambda: self.bo.type("t") or self.dee.write("/typing") or
                       self.ana.text("#typing").endswith("and 1 other are typing…"),
                       "three are typing")
        self.ana.screenshot("typing")
        self.bo.say("ing")
        self.ana.until(lambda: "bo" not in self.ana.text("#typing"), "bo's message ends typing")
        self.ana.until(lambda: self.ana.text("#typing") == "", "typing ends by itself")

    def ticks_and_unread(self):
        self.ana.create("tea")
        self.ana.say("alone")
        self.ana.tick_becomes("alone", "sent")
        self.bo.join("tea")
        self.bo.open("general")
        self.ana.say("delivered only")
        self.ana.tick_becomes("delivered only", "delivered")
        self.bo.until(lambda: self.bo.unread("tea"), "tea has unread messages")
        unread = int(self.bo.unread("tea"))
        assert self.bo.driver.title == f"({unread}) Chat", self.bo.driver.title
        self.ana.say("one more")
        self.bo.until(lambda: self.bo.unread("tea") == str(unread + 1), "one more is unread")
        self.ana.tick_becomes("one more", "delivered")
        self.ana.screenshot("delivered")
        self.bo.screenshot("unread")
        assert self.ana.tick("delivered only") == "delivered"
        self.bo.open("tea")
        self.ana.tick_becomes("one more", "read")
        self.ana.tick_becomes("delivered only", "read")
        self.bo.until(lambda: self.bo.unread("tea") == "", "nothing is unread")
        self.bo.until(lambda: self.bo.driver.title == "Chat", "the title says so too")

    def a_hidden_tab_reads_nothing(self):
        first = self.bo.driver.current_window_handle
        self.bo.driver.switch_to.new_window("tab")
        second = self.bo.driver.current_window_handle
        self.ana.until(lambda: self.ana.texts("[data-user='bo'].away"), "bo is away")
        self.ana.say("while you were away")
        self.ana.tick_becomes("while you were away", "delivered")
        self.bo.driver.close()
        assert second not in self.bo.driver.window_handles
        self.bo.driver.switch_to.window(first)
        self.ana.tick_becomes("while you were away", "read")
        self.ana.until(lambda: self.ana.texts("[data-user='bo'].online"), "bo is back")

    def edit_react_reply_delete(self):
        self.ana.tool("one more", "[data-tool=edit]")
        self.ana.one("#text").clear()
        self.ana.say("one less")
        for page in (self.ana, self.bo):
            page.sees("one less")
            assert page.count("one more") == 0
        self.bo.tool("one less", "[data-tool=react]")
        self.bo.tool("one less", "[data-emoji='🎉']")
        self.ana.until(lambda: self.ana.texts("#log [data-reaction]") == ["🎉 1"], "a reaction")
        self.ana.tool("one less", "[data-reaction]")
        self.bo.until(lambda: self.bo.texts("#log [data-reaction]") == ["🎉 2"], "two reactions")
        self.bo.tool("one less", "[data-reaction]")
        self.ana.until(lambda: self.ana.texts("#log [data-reaction]") == ["🎉 1"], "one again")
        self.bo.tool("one less", "[data-tool=reply]")
        self.bo.say("an answer")
        self.ana.sees("an answer")
        assert self.ana.texts("#log .quote") == ["ana: one less"]
        self.ana.screenshot("reply")
        self.ana.tool("alone", "[data-tool=delete]")
        self.bo.sees("This message was deleted.")
        assert self.bo.count("alone") == 0

    def history(self):
        filler = self.chat_cli("filler", "--room", "tea")
        filler.write(*[f"line {number}" for number in range(160)])
        assert filler.end_of_input() == 0, filler.lines
        self.ana.sees("line 159")
        self.ana.driver.refresh()
        self.ana.connected()
        self.ana.open("tea")
        self.ana.sees("line 159")
        assert self.ana.count("line 100") == 0, "more than a page was loaded at once"
        self.ana.until(lambda: self.ana.script(
            "const l = document.querySelector('#log');"
            "return l.scrollHeight - l.scrollTop - l.clientHeight < 5"), "is at the bottom")
        while self.ana.count("line 0") == 0:
            before = self.ana.first_seq()
            place = self.ana.script(
                "const log = document.querySelector('#log'); log.scrollTop = 100;"
                "window.anchor = [...log.children].find(e => e.getBoundingClientRect().bottom >"
                " log.getBoundingClientRect().top); return anchor.getBoundingClientRect().top")
            self.ana.until(lambda: self.ana.first_seq() < before, "loads what was before")
            after = self.ana.script(
                "const seq = anchor.dataset.seq; return document.querySelector("
                "`#log [data-seq='${seq}']`).getBoundingClientRect().top")
            assert abs(after - place) < 3, f"the view moved from {place} to {after}"
        lines = [text for text in self.ana.messages() if text.startswith("line ")]
        assert lines == [f"line {number}" for number in range(160)], lines
        self.ana.screenshot("history")

    def the_server_is_killed(self):
        self.dee.write("/join tea")
        self.dee.sees("you are in tea")
        self.bo.open("tea")
        self.server.kill()
        for page in (self.ana, self.bo):
            page.until(lambda: page.text("#connection").startswith(("Reconnecting", "Connecting")),
                       "says that it reconnects")
        self.dee.sees("connection lost")
        self.ana.say("ana while it was down")
        self.ana.say("ana again")
        self.bo.say("bo while it was down")
        self.dee.write("dee while it was down")
        assert self.ana.tick("ana while it was down") == "pending"
        self.ana.screenshot("offline")
        self.server.start()
        sent = ["ana while it was down", "ana again", "bo while it was down",
                "dee while it was down"]
        for page in (self.ana, self.bo):
            page.connected()
            for text in sent:
                page.sees(text)
        for text in sent:
            self.dee.sees(text)
            printed = sum(f": {text}" in line and "[" in line for line in self.dee.lines)
            assert printed == 1, self.dee.lines
        self.ana.tick_becomes("ana again", "read")
        order = [text for text in self.bo.messages() if text.startswith("ana ")]
        assert order.index("ana while it was down") < order.index("ana again"), order
        self.ana.until(lambda: self.ana.unread("tea") == "", "all is read at the bottom")
        self.nothing_lost_or_doubled()

    def nothing_lost_or_doubled(self):
        """What the store has is exactly what a page shows after all of it was loaded."""
        cy = self.program(Netcat(self.server.tcp_port, "cy two"))
        cy.command(type="room.join", room="tea")
        stored, after = [], 0
        while True:
            answer = cy.command(type="history", room="tea", after=after, limit=200)
            stored += answer["messages"]
            if answer["end"] or not answer["messages"]:
                break
            after = stored[-1]["seq"]
        numbers = [message["seq"] for message in stored]
        assert numbers == sorted(set(numbers)), numbers
        texts = [message.get("text", "") for message in stored if not message.get("deleted")]
        assert [text for text in texts if text.startswith("line ")] == [
            f"line {number}" for number in range(160)]
        for text in ("ana while it was down", "bo while it was down", "dee while it was down"):
            assert texts.count(text) == 1, text
        shown = self.ana.script("return [...document.querySelectorAll('#log .message[data-seq]')]"
                                ".map(row => Number(row.dataset.seq))")
        assert shown == numbers, (set(numbers) ^ set(shown))

    def a_narrow_screen(self):
        phone = self.page("eve", size=(500, 800))
        phone.enter(self.server.url)
        assert phone.script("return document.documentElement.scrollWidth <= innerWidth")
        phone.one("#show-rooms").click()
        phone.until(lambda: phone.one("#room-list").is_displayed(), "shows the rooms")
        phone.screenshot("narrow")
        phone.join("tea")
        phone.say("from my phone")
        self.ana.sees("from my phone")

    def the_server_ends(self):
        for page in (self.ana, self.bo):
            errors = page.console_errors()
            assert not errors, errors
        code = self.server.terminate()
        assert code == 0, f"SIGTERM: exit code {code}"
        self.ana.until(lambda: self.ana.text("#connection") != "Connected", "sees the end")
        assert self.dee.process.poll() is None, "chat-cli waits for the server to come back"

    def run(self):
        steps = [
            self.everybody_sees_everybody, self.the_reducer_equals_a_model,
            self.people_and_presence, self.typing, self.a_room_of_another_device,
            self.ticks_and_unread, self.a_hidden_tab_reads_nothing, self.edit_react_reply_delete,
            self.history, self.the_server_is_killed, self.a_narrow_screen, self.the_server_ends,
        ]
        for step in steps:
            begun = time.monotonic()
            step()
            print(f"ok  {step.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)

    def explain(self):
        """Leaves behind what helps to find out why a step failed."""
        for name in ("ana", "bo"):
            page = getattr(self, name, None)
            if page:
                page.screenshot("failed")
                print(f"{name}: {page.texts('#log .text')[-5:]} {page.driver.get_log('browser')}")
        for name in ("cy", "dee"):
            program = getattr(self, name, None)
            if program:
                print(f"{name}: {program.lines[-15:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--output", default="test-output")
    options = parser.parse_args()
    output = os.path.abspath(options.output)
    os.makedirs(output, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(output, "server.log"), "w", encoding="utf-8") as log:
        server = Server(os.path.abspath(options.server), os.path.join(folder, "chat.sqlite"), log)
        conversation = Conversation(server, os.path.abspath(options.cli), output)
        try:
            server.start()
            conversation.run()
        except Exception:  # Whatever went wrong: say so, show the pages, and clean up.
            traceback.print_exc()
            conversation.explain()
            return 1
        finally:
            conversation.close()
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
