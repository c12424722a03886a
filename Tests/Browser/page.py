# SPDX-License-Identifier: MIT
"""The page as a person uses it, in a headless Chromium with a profile of its own."""

import os
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from processes import wait


def found(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise AssertionError(f"none of {', '.join(names)} is installed")


class Page:
    def __init__(self, name, output, size=(1100, 760)):
        self.name, self.output = name, output
        self.profile = tempfile.mkdtemp(prefix="chat-page-")
        options = webdriver.ChromeOptions()
        options.binary_location = found("chromium", "chromium-browser", "google-chrome")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        arguments = ["--headless=new", "--disable-dev-shm-usage", "--disable-gpu",
                     f"--window-size={size[0]},{size[1]}", f"--user-data-dir={self.profile}",
                     # Two browsers cannot both have the focus; neither is to be put to sleep.
                     "--disable-background-timer-throttling", "--no-first-run"]
        if os.geteuid() == 0:
            # Chromium's sandbox does not work for root.
            arguments.append("--no-sandbox")
        for argument in arguments:
            options.add_argument(argument)
        self.driver = webdriver.Chrome(options=options, service=Service(found("chromedriver")))

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def screenshot(self, what):
        self.driver.save_screenshot(os.path.join(self.output, f"{what}-{self.name}.png"))

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.script(
            "return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)",
            selector)

    def until(self, condition, what):
        return wait(condition, f"{self.name}'s page: {what}")

    # Signing in, rooms

    def enter(self, url):
        self.driver.get(f"{url}?name={self.name}")
        self.one("#enter").click()
        self.connected()

    def connected(self):
        self.until(lambda: self.text("#connection") == "Connected", "is connected")

    def create(self, room):
        self.one("#new-room").send_keys(room + Keys.ENTER)
        self.until(lambda: self.text("#room-name") == room, f"shows the new room {room}")

    def open(self, room):
        self.click_room(room)
        self.until(lambda: self.text("#room-name") == room, f"shows the room {room}")

    def click_room(self, room):
        # The list is drawn anew when anything in it changes: found and clicked in one go.
        self.until(lambda: self.script(
            "const b = document.querySelector(`[data-room='${arguments[0]}']`);"
            "b?.click(); return b !== null", room), f"lists the room {room}")

    def join(self, room):
        self.open(room)
        self.until(lambda: self.one("#join").is_displayed(), "offers to join")
        self.one("#join").click()
        self.until(lambda: self.one("#text").is_displayed(), f"is in {room}")

    def unread(self, room):
        return self.text(f"[data-room='{room}'] .unread")

    # Messages

    def type(self, text):
        self.one("#text").send_keys(text)

    def say(self, text):
        self.type(text + Keys.ENTER)

    def messages(self):
        return self.texts("#log .message .text")

    def count(self, text):
        return self.messages().count(text)

    def sees(self, text):
        self.until(lambda: self.count(text) == 1, f"shows {text!r}")

    def row(self, text):
        """A script's way to the row of a message, for attributes and buttons."""
        return self.script(
            "return [...document.querySelectorAll('#log .message')].find("
            "row => row.querySelector('.text').textContent === arguments[0]) ?? null", text)

    def tick(self, text):
        return self.script(
            "const row = [...document.querySelectorAll('#log .message')].find("
            "row => row.querySelector('.text').textContent === arguments[0]);"
            "return row?.querySelector('.tick')?.dataset.tick ?? ''", text)

    def tick_becomes(self, text, tick):
        self.until(lambda: self.tick(text) == tick, f"{text!r} has the tick {tick}")

    def tool(self, text, selector):
        """Clicks a button of a message."""
        self.until(lambda: self.script(
            "const row = [...document.querySelectorAll('#log .message')].find("
            "row => row.querySelector('.text').textContent === arguments[0]);"
            "const b = row?.querySelector(arguments[1]); b?.click(); return Boolean(b)",
            text, selector), f"{text!r} has {selector}")

    def first_seq(self):
        return self.script("return Number(document.querySelector('#log [data-seq]').dataset.seq)")

    def console_errors(self):
        """What the page itself did wrong: a server that is away is not its fault."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "WebSocket connection to" not in entry["message"]
                and "ERR_CONNECTION_REFUSED" not in entry["message"]]
