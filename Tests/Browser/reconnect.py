# SPDX-License-Identifier: MIT
"""The server is killed and comes back; people go on writing."""

import threading

from selenium.webdriver.common.keys import Keys


def stored(world, room):
    """What the store has, page by page."""
    reader = world.nc("reader")
    reader.command(type="room.join", room=room)
    messages, after = [], 0
    while True:
        answer = reader.command(type="history", room=room, after=after, limit=200)
        messages += answer["messages"]
        if answer["end"] or not answer["messages"]:
            return messages
        after = messages[-1]["seq"]


def shown(page):
    """Every message of the open room, in order, collected from the bottom to the top."""
    return page.asynchronous("""
        const log = document.querySelector('#log');
        const found = new Map();
        log.scrollTop = log.scrollHeight;
        for (let still = 0; still < 12;) {
          for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
          for (const row of log.querySelectorAll('.message[data-seq]')) {
            found.set(Number(row.dataset.seq), row.querySelector('.text').textContent);
          }
          if (log.scrollTop === 0) still++;
          log.scrollTop -= 500;
        }
        return [...found].sort((a, b) => a[0] - b[0]);""")


def test_C9_three_people_type_while_the_server_is_killed_and_restarted(world):
    pages = [world.ana, world.bo, world.cy]
    room = world.room("Storm", *pages)
    count = 24

    def write(page):
        for number in range(count):
            page.one("#text").send_keys(f"{page.name} {number}" + Keys.ENTER)

    writers = [threading.Thread(target=write, args=(page,)) for page in pages]
    for writer in writers:
        writer.start()
    for _ in range(3):
        world.restart()
    for writer in writers:
        writer.join()
    for page in pages:
        page.connected()
    for page in pages:
        page.press("#to-bottom") if page.shows("#to-bottom") else None
        page.until(lambda: not page.shows("[data-pending]"), "has sent everything")
    truth = [(one["seq"], one["text"]) for one in stored(world, room)]
    for page in pages:
        own = [text for _, text in truth if text.startswith(f"{page.name} ")]
        assert own == [f"{page.name} {number}" for number in range(count)], own
    for page in pages:
        page.until(lambda: max(int(seq) for seq in page.script(
            "return [...document.querySelectorAll('#log [data-seq]')].map(r => r.dataset.seq)")) >= truth[-1][0],
            "has the last message")
        assert [tuple(one) for one in shown(page)] == truth, f"{page.name} sees something else"
        assert page.violations() == []
    return f"{len(truth)} messages, 3 kills"


def test_C9_the_state_of_the_connection_is_always_told(world):
    ana, bo = world.ana, world.bo
    room = world.room("State", ana, bo)
    ana.say("who has read this")
    ana.tick_becomes("who has read this", "read")
    bo.react("who has read this", "👍")
    bo.open("general")
    world.server.kill()
    for name in list(world.people):
        world.drop(name)
    ana.until(lambda: ana.text("#banner").startswith(("Reconnecting in", "Connecting")), "says so")
    assert ana.shows("#banner") and ana.shows("#room-connection")
    for text in ("written while away", "and another"):
        ana.say(text)
        ana.sees(text)
        assert ana.tick(text) == "pending"
    ana.screenshot("offline")
    ana.act("who has read this", ".reaction")
    ana.until(lambda: ana.text("#toast") == "Not connected: try again in a moment.", "a refused click says so")
    world.server.start()
    ana.press("#retry-now") if ana.shows("#retry-now") else None
    for page in (ana, bo):
        page.connected()
    bo.until(lambda: bo.unread(room) == "2", "both came, once")
    bo.open(room)
    bo.sees("who has read this", "written while away", "and another")
    for text in ("written while away", "and another"):
        ana.tick_becomes(text, "read")
    ana.tick_becomes("who has read this", "read")
    assert ana.of("who has read this", ".reaction") == ["👍 1"], "reactions survive a restart"
    ana.act("who has read this", ".tick")
    ana.until(lambda: ana.texts("[data-reader] strong") == ["bo"], "and so do receipts")
    ana.close_dialog()


def test_a_reload_keeps_what_waits_to_be_sent(world):
    ana, bo = world.ana, world.bo
    room = world.room("Outbox", ana, bo)
    # Nothing gets through from here on: as if the network were gone, while the page can be loaded.
    ana.script("WebSocket.prototype.send = function () {}")
    for text in ("kept one", "kept two"):
        ana.say(text)
        ana.sees(text)
        assert ana.tick(text) == "pending"
    ana.driver.refresh()
    ana.connected()
    bo.until(lambda: bo.messages() == ["kept one", "kept two"], f"both came to {room}, once")
    ana.until(lambda: ana.messages() == ["kept one", "kept two"], "shows both once")


def test_S1_nobody_is_stale_online_after_a_restart(world):
    ana, bo = world.ana, world.bo
    ana.open("general")
    ana.panel("people")
    ana.until(lambda: "online" in ana.script(
        "return document.querySelector(`[data-user='bo']`)?.className ?? ''"), "bo is online")
    bo.driver.get("about:blank")
    world.restart()
    ana.connected()
    ana.until(lambda: "offline" in ana.script(
        "return document.querySelector(`[data-user='bo']`)?.className ?? ''"), "bo is offline")
    bo.driver.get(world.server.url)
    bo.connected()


def test_S9_what_is_repeated_after_a_reconnect_makes_no_sound(world):
    ana, bo = world.ana, world.bo
    room = world.room("Silence", ana, bo)
    bo.open("general")
    before = bo.script("return watched.sounds")
    # bo's page cannot connect while ana writes.
    bo.script("window.Real = WebSocket; window.WebSocket = class { close() {} };"
              "dispatchEvent(new Event('pagehide'))")
    bo.until(lambda: bo.text("#banner") != "Connected", "has lost the connection")
    ana.say("while bo was away")
    ana.tick_becomes("while bo was away", "sent")
    bo.script("window.WebSocket = Real")
    bo.until(lambda: bo.script("document.querySelector('#retry-now')?.click()") or bo.text("#banner") == "Connected",
             "is connected")
    bo.until(lambda: bo.unread(room) == "1", "the message came")
    assert bo.script("return watched.sounds") == before, "it is not new"
    ana.say("and this is new")
    bo.until(lambda: bo.script("return watched.sounds") > before, "a new one sounds")


def test_the_server_ends_in_order(world):
    for page in world.pages.values():
        errors = page.console_errors()
        assert errors == [], (page.name, errors)
        assert page.violations() == [], page.violations()
    assert world.server.terminate() == 0
    ana = world.ana
    ana.until(lambda: ana.text("#banner") != "Connected", "sees the end")
