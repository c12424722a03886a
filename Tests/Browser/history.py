# SPDX-License-Identifier: MIT
"""Long conversations: pages, what was missed, unread messages."""


def long_room(world, name, count):
    """A room with that many messages, of which nobody has a page open."""
    writer = world.nc("writer")
    world.rooms += 1
    room = f"{name} {world.rooms}"
    writer.command(type="room.create", name=room)
    writer.say_many(room, [f"line {number}" for number in range(count)])
    return room


def loaded(page):
    return [text for text in page.messages() if text.startswith("line ")]


def test_M6_history_comes_in_pages_and_the_view_stays(world):
    ana = world.ana
    room = long_room(world, "Pages", 160)
    ana.join(room)
    ana.sees("line 159")
    ana.until(ana.at_bottom, "shows the end")
    assert ana.count("line 100") == 0, "more than a page was loaded at once"
    seen = set()
    # One step up at a time; live messages arrive meanwhile.
    for step in range(200):
        world.nc("writer").say(room, f"live {step}") if step % 10 == 0 else None
        moved = ana.asynchronous("""
            const log = document.querySelector('#log');
            const row = [...log.querySelectorAll('.message')].find((one) =>
              one.getBoundingClientRect().top >= log.getBoundingClientRect().top);
            const { seq } = row.dataset;
            const before = row.getBoundingClientRect().top;
            const from = log.scrollTop;
            log.scrollTop -= 300;
            const by = from - log.scrollTop;
            for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
            const same = log.querySelector(`[data-seq="${seq}"]`);
            return same ? same.getBoundingClientRect().top - before - by : 0;""")
        assert abs(moved) < 3, f"the view jumped by {moved}"
        seen |= set(loaded(ana))
        if ana.shows("#log .intro"):
            break
    assert seen == {f"line {number}" for number in range(160)}, len(seen)
    order = [int(text.split()[1]) for text in loaded(ana)]
    assert order == sorted(order)
    ana.press("#to-bottom")
    ana.until(ana.at_bottom, "is at the end again")
    live = [text for text in ana.messages() if text.startswith("live ")]
    assert len(live) == len(set(live)), live


def test_M7_what_was_missed_is_fetched_and_counted(world):
    ana, bo = world.ana, world.bo
    room = world.room("Missed", ana, bo)
    ana.say("seen by bo")
    bo.sees("seen by bo")
    ana.tick_becomes("seen by bo", "read")
    bo.open("general")
    for text in ("missed 1", "missed 2"):
        ana.say(text)
    bo.until(lambda: bo.unread(room) == "2", "two are unread")
    bo.until(lambda: bo.driver.title.startswith("(2)"), "the title says so")
    bo.driver.get("about:blank")
    ana.say("missed 3")
    ana.sees("missed 3")
    bo.driver.get(world.server.url)
    bo.connected()
    bo.until(lambda: room in (bo.text("#room-name"),) or bo.unread(room) == "3", "three are unread, or shown")
    bo.open(room)
    bo.sees("seen by bo", "missed 1", "missed 2", "missed 3")
    rows = bo.script("return [...document.querySelectorAll('#log .divider, #log .message')]"
                     ".map(r => r.classList.contains('divider') ? 'New' : r.querySelector('.text').textContent)")
    assert rows == ["seen by bo", "New", "missed 1", "missed 2", "missed 3"], rows
    bo.until(lambda: bo.unread(room) == "", "nothing is unread any more")
    bo.until(lambda: not bo.driver.title.startswith("("), "the title says so")
    bo.say("an answer")
    bo.until(lambda: not bo.shows("#log .divider"), "the line goes with one's own message")


def test_M7_many_unread_messages_begin_where_one_left_off(world):
    bo = world.bo
    room = long_room(world, "Flood", 5)
    bo.join(room)
    bo.sees("line 4")
    bo.until(lambda: bo.unread(room) == "", "has read them")
    bo.open("general")
    world.nc("writer").say_many(room, [f"flood {number}" for number in range(150)])
    bo.until(lambda: bo.unread(room) == "150", "all are unread")
    bo.open(room)
    bo.sees("flood 0")
    bo.until(lambda: bo.shows("#log .divider"), "begins at the first unread message")
    bo.press("#to-bottom")
    bo.until(lambda: bo.unread(room) == "", "nothing is unread at the end")
    bo.open("general")
    bo.driver.get("about:blank")
    world.nc("writer").say_many(room, [f"again {number}" for number in range(150)])
    bo.driver.get(world.server.url)
    bo.connected()
    bo.open(room)
    bo.sees("again 149")
    bo.press("#to-unread")
    bo.sees("again 0")
    bo.until(lambda: bo.shows("#log .divider"), "the line stands before the first of them")
    bo.press("#to-bottom")
    bo.sees("again 149")
    bo.until(lambda: bo.unread(room) == "", "nothing is unread at the end")
