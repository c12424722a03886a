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

# Runs before the page's own scripts: what it would have sounded and shown is counted, and what its
# Content-Security-Policy refused is kept.
WATCH = """
window.watched = { sounds: 0, notifications: [], violations: [] };
addEventListener('securitypolicyviolation', (event) =>
  watched.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...times) { watched.sounds++; return start.apply(this, times); };
window.Notification = class {
  static permission = 'granted';
  static requestPermission = async () => 'granted';
  constructor(title, more) { watched.notifications.push([title, more.body]); }
  close() {}
};
"""

ROW = ("[...document.querySelectorAll('#log .message')].find("
       "row => row.querySelector('.text').textContent === arguments[0])")


def found(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise AssertionError(f"none of {', '.join(names)} is installed")


class Page:
    def __init__(self, name, output, size=(1280, 800), language="en-US", dark=False):
        self.name, self.output, self.home = name, output, None
        self.profile = tempfile.mkdtemp(prefix="chat-page-")
        options = webdriver.ChromeOptions()
        options.binary_location = found("chromium", "chromium-browser", "google-chrome")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        arguments = ["--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     f"--user-data-dir={self.profile}", "--no-first-run", f"--lang={language}",
                     # Two browsers cannot both have the focus; neither is to be put to sleep.
                     "--disable-background-timer-throttling", "--mute-audio",
                     "--autoplay-policy=no-user-gesture-required"]
        if os.geteuid() == 0:
            # Chromium's sandbox does not work for root.
            arguments.append("--no-sandbox")
        for argument in arguments:
            options.add_argument(argument)
        self.driver = webdriver.Chrome(options=options, service=Service(found("chromedriver")))
        self.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.resize(*size)
        self.dark(dark)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # The browser

    def command(self, name, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def resize(self, width, height, is_phone=False):
        """The size of the page itself, whatever the window around it needs."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=1, mobile=is_phone)

    def dark(self, is_dark, less_motion=False):
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if less_motion else "no-preference"}])

    def screenshot(self, what):
        path = os.path.join(self.output, f"{what}.png")
        self.driver.save_screenshot(path)
        return path

    def script(self, code, *arguments):
        return self.driver.execute_script(code, *arguments)

    def asynchronous(self, code, *arguments):
        """Runs the body of an async function, and gives back what it returns."""
        return self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"(async (...arguments_) => {{ {code} }})(...arguments)"
            ".then(done, (error) => done(`failed: ${error?.stack ?? error}`))", *arguments)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.script(
            "return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def texts(self, selector):
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)",
            selector)

    def shows(self, selector):
        """Whether there is such an element, and it can be seen."""
        return self.script("return Boolean(document.querySelector(arguments[0])?.checkVisibility())", selector)

    def until(self, condition, what):
        return wait(condition, f"{self.name}'s page: {what}")

    def until_shows(self, selector):
        self.until(lambda: self.shows(selector), f"shows {selector}")

    def press(self, selector):
        """Clicks; parts of the page are drawn anew at any time, so it is found and clicked in one go."""
        self.until(lambda: self.script(
            "const e = document.querySelector(arguments[0]);"
            "if (!e?.checkVisibility() || e.disabled) return false; e.click(); return true;", selector),
            f"has {selector} to click")

    def fill(self, selector, text):
        self.until_shows(selector)
        self.script("const e = document.querySelector(arguments[0]); e.value = arguments[1];"
                    "e.dispatchEvent(new Event('input', { bubbles: true }));"
                    "e.dispatchEvent(new Event('change', { bubbles: true }));", selector, text)

    def key(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    # Signing in, rooms

    def enter(self, url, more=""):
        self.driver.get(f"{url}?name={self.name}{more}")
        self.press("#enter")
        self.connected()
        self.until_shows("#app")

    def connected(self):
        self.until(lambda: self.text("#banner") in ("Connected", "Tersambung"), "is connected")

    def create(self, room, private=False):
        self.press("#create-room")
        self.fill("#new-room", room)
        if private:
            self.fill("[data-testid=new-kind]", "private")
        self.press("dialog .primary")
        self.is_in(room)

    def is_in(self, room):
        self.until(lambda: self.text("#room-name") == room and self.shows("#text"), f"is in {room}")

    def open(self, room):
        self.press(f"[data-room='{room}']")
        self.is_in(room)

    def join(self, room):
        self.press("#explore")
        self.press(f"[data-foreign='{room}'] button")
        self.is_in(room)

    def unread(self, room):
        return self.text(f"[data-room='{room}'] .unread")

    def menu(self, item):
        self.press("#room-menu")
        self.press(f"[data-item={item}]")

    def confirm(self):
        self.press("[data-testid=confirm]")

    def panel(self, name):
        """Shows people, pins or search."""
        if self.script("return document.body.dataset.side") != name:
            self.press(f"#show-{name}")
        self.until_shows("#side")

    def person(self, name):
        """Opens the card of a member."""
        self.panel("people")
        self.press(f"[data-user='{name}']")
        self.until_shows("dialog[open]")

    def settings(self):
        self.press("#open-settings")
        self.until_shows("dialog[open]")

    def close_dialog(self):
        self.press("dialog > header button")

    # Messages

    def type(self, text):
        self.one("#text").send_keys(text)

    def say(self, text):
        self.type(text + Keys.ENTER)

    def attach(self, *paths):
        """Chooses files, as the picker does."""
        self.until_shows("#attach")
        self.one("#file").send_keys("\n".join(paths))

    def slow_uploads(self, bytes_per_second):
        """-1: as fast as it goes."""
        self.command("Network.enable")
        self.command("Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1,
                     uploadThroughput=bytes_per_second)

    def progress(self, name):
        """How far a file is, in percent; -1 if it is not on its way."""
        return int(self.script("return document.querySelector(`[data-sending='${arguments[0]}'] [role=progressbar]`)"
                               "?.getAttribute('aria-valuenow') ?? -1", name))

    def messages(self):
        return self.texts("#log .message .text")

    def count(self, text):
        return self.messages().count(text)

    def sees(self, *texts):
        for text in texts:
            self.until(lambda: self.count(text) == 1, f"shows {text!r}")

    def tick(self, text):
        return self.script(f"return {ROW}?.querySelector('.tick')?.dataset.tick ?? ''", text)

    def tick_becomes(self, text, tick):
        self.until(lambda: self.tick(text) == tick, f"{text!r} has the tick {tick}")

    def of(self, text, selector):
        """What stands in a part of a message."""
        return self.script(
            f"return [...({ROW}?.querySelectorAll(arguments[1]) ?? [])].map(e => e.textContent)", text, selector)

    def act(self, text, selector):
        """Clicks a button of a message; its tools are offered when it has the focus."""
        self.until(lambda: self.script(
            f"const row = {ROW}; row?.focus(); const b = row?.querySelector(arguments[1]);"
            "b?.click(); return Boolean(b)", text, selector), f"{text!r} has {selector}")

    def tool(self, text, tool):
        self.act(text, f"[data-tool={tool}]")

    def react(self, text, emoji):
        self.tool(text, "react")
        self.press(f"#popup [data-emoji='{emoji}']")

    def at_bottom(self):
        return self.script("const l = document.querySelector('#log');"
                           "return l.scrollHeight - l.scrollTop - l.clientHeight < 5")

    # What went wrong

    def violations(self):
        return self.script("return watched.violations")

    def console_errors(self):
        """What the page itself did wrong: a server that is away is not its fault."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE" and "WebSocket connection to" not in entry["message"]
                and "ERR_CONNECTION_REFUSED" not in entry["message"]]
