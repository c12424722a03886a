# SPDX-License-Identifier: MIT
"""Presence, typing, receipts, reactions, sounds: the items S1 to S9 of the checklist, on the screen."""

TINTS = 12


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def status(page, name):
    return page.script("return document.querySelector(`[data-user='${arguments[0]}']`)?.className", name)


def test_S1_somebody_is_offline_when_the_last_device_is_gone(world):
    ana, bo = world.ana, world.bo
    ana.open("general")
    ana.panel("people")
    token = bo.script("return localStorage.getItem('chat.token.bo')")
    world.nc("bo's phone", token=token)
    bo.driver.get("about:blank")
    world.nc("bo's phone").command(type="ping")
    assert status(ana, "bo") == "online", "the phone is still there"
    world.drop("bo's phone")
    ana.until(lambda: status(ana, "bo") == "offline", "bo is offline")
    ana.until(lambda: "last seen" in ana.text("[data-user='bo']"), "says since when")
    bo.driver.get(world.server.url)
    bo.connected()
    ana.until(lambda: status(ana, "bo") == "online", "bo is back")


def test_S1_last_seen_is_there_after_a_reload_and_can_be_hidden(world):
    ana, bo = world.ana, world.bo

    def facts(name):
        return ana.text(f"[data-user='{name}']")

    # A room of its own: in one of more than a hundred, as the first room may be by now, presence is not told live.
    room = world.room("last seen", ana, bo)

    def opens():
        ana.connected()
        ana.open(room)
        ana.panel("people")

    def hides(page, is_on):
        page.settings()
        page.until(lambda: page.script("return !document.querySelector('[data-testid=hides-last-seen]').disabled"),
                   "the switch is ready")
        page.script("document.querySelector('[data-testid=hides-last-seen]').click()")
        page.close_dialog()
        page.settings()
        page.until(lambda: page.script("return document.querySelector('[data-testid=hides-last-seen]').checked") == is_on,
                   "the server knows it")
        page.close_dialog()

    opens()
    world.nc("gus").command(type="room.join", room=room)
    ana.until(lambda: status(ana, "gus") == "online", "gus is there")
    world.drop("gus")
    hides(bo, True)
    bo.driver.get("about:blank")
    for name in ("gus", "bo"):
        ana.until(lambda: status(ana, name) == "offline", f"{name} is offline")
    for _ in range(2):
        ana.until(lambda: "last seen" in facts("gus"), "says since when")
        assert facts("bo") and "last seen" not in facts("bo"), facts("bo")
        ana.driver.refresh()
        opens()
    bo.driver.get(world.server.url)
    bo.connected()
    hides(bo, False)
    ana.until(lambda: status(ana, "bo") == "online", "bo is back")


def test_S1_busy_and_away_are_shown(world):
    ana, bo = world.ana, world.bo
    for chosen in ("busy", "away", "online"):
        bo.settings()
        bo.fill("[data-testid=status]", chosen)
        bo.close_dialog()
        ana.until(lambda: status(ana, "bo") == chosen, f"bo is {chosen}")
        bo.until(lambda: bo.script("return document.querySelector('#own .status').className") == f"status {chosen}",
                 "shows the own status")


def test_S2_members_are_listed_live_with_a_count(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Crowd", ana, bo)
    ana.panel("people")
    ana.until(lambda: ana.text("#side-title") == "2 online of 2", "counts two")
    cy.join(room)
    ana.until(lambda: ana.text("#side-title") == "3 online of 3", "counts three")
    assert "cy joined" in " ".join(ana.texts("#log .note"))
    cy.menu("leave")
    cy.confirm()
    ana.until(lambda: ana.text("#side-title") == "2 online of 2", "counts two again")
    ana.until(lambda: "cy left" in " ".join(ana.texts("#log .note")), "says that cy left")
    assert "127.0.0.1" not in ana.script("return document.body.textContent"), "nobody sees an address"


def test_S3_typing_and_presence_stay_in_their_room(world):
    ana, bo = world.ana, world.bo
    outsider = world.nc("zoe")
    ana.create("Closet", private=True)
    ana.menu("invite")
    ana.press("[data-invitee='bo'] button")
    bo.press("[data-invitation='Closet'] .primary")
    bo.is_in("Closet")
    bo.type("psst")
    ana.until(lambda: ana.text("#typing-text") == "bo is typing", "bo is typing")
    outsider.command(type="ping")
    assert not [one for one in outsider.events("typing") if one["users"]], outsider.events("typing")
    bo.one("#text").clear()


def test_S4_the_typing_line_names_who_writes(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Typing", ana, bo, cy)
    people = [world.nc(name) for name in ("dan", "eve")]
    for person in people:
        person.command(type="room.join", room=room)
    bo.type("I am wri")
    ana.until(lambda: ana.text("#typing-text") == "bo is typing", "bo is typing")
    assert bo.text("#typing-text") == "", "not told to oneself"
    cy.type("me t")
    ana.until(lambda: bo.type("t") or ana.text("#typing-text") in
              ("bo and cy are typing", "cy and bo are typing"), "both are typing")

    def all_type():
        bo.type("t")
        cy.type("t")
        for person in people:
            person.command(type="typing", room=room)
        return ana.text("#typing-text").endswith("and 2 others are typing")
    ana.until(all_type, "four are typing")
    bo.say("ing")
    ana.until(lambda: "bo" not in ana.text("#typing-text"), "a message ends typing")
    ana.until(lambda: ana.text("#typing-text") == "", "typing ends by itself")
    cy.one("#text").clear()
    for name in ("dan", "eve"):
        world.drop(name)


def test_S5_ticks_go_from_sent_to_delivered_to_read(world):
    ana, bo = world.ana, world.bo
    room = world.room("Ticks", ana)
    ana.say("alone")
    ana.tick_becomes("alone", "sent")
    bo.join(room)
    bo.open("general")
    ana.say("delivered only")
    ana.tick_becomes("delivered only", "delivered")
    ana.say("one more")
    ana.tick_becomes("one more", "delivered")
    assert ana.tick("delivered only") == "delivered", "nobody has looked at it"
    bo.open(room)
    ana.tick_becomes("one more", "read")
    ana.tick_becomes("delivered only", "read")


def test_S6_every_reader_is_named_with_the_time(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Readers", ana, bo, cy)
    ana.say("who reads this?")
    ana.tick_becomes("who reads this?", "read")

    def readers():
        ana.act("who reads this?", ".tick")
        ana.until_shows("dialog[open]")
        names = ana.script("return [...document.querySelectorAll('[data-reader]')].map(e => e.dataset.reader)")
        times = ana.texts("[data-reader] .faint")
        ana.close_dialog()
        return sorted(names) == ["bo", "cy"] and len(times) == 2 and all("read at" in one for one in times)
    ana.until(readers, f"names both readers of {room}")


def read_times(page):
    return page.script("""
        return [...document.querySelectorAll('[data-reader]')].map(
          (one) => [one.dataset.reader, one.querySelector('.faint').textContent]);""")


def test_S6_the_time_of_a_reader_is_known_after_a_reload_and_readers_come_while_one_looks(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Read when", ana, bo, cy)
    cy.open("general")
    ana.say("read this")
    ana.tick_becomes("read this", "read")
    ana.driver.refresh()
    ana.sees("read this")
    ana.act("read this", ".tick")
    ana.until(lambda: [name for name, _ in read_times(ana)] == ["bo"], "names the one reader")
    before = read_times(ana)[0]
    assert "read at" in before[1], before
    cy.open(room)
    ana.until(lambda: len(read_times(ana)) == 2, "adds who came while the list was open")
    assert all("read at" in time for _, time in read_times(ana)), read_times(ana)
    assert before in read_times(ana), "a time does not change"
    ana.close_dialog()


def test_S7_reactions_count_and_name_people_also_for_late_joiners(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Reactions", ana, bo)
    ana.say("like this?")
    bo.sees("like this?")
    bo.react("like this?", "👍")
    ana.react("like this?", "👍")
    ana.react("like this?", "👍")
    cy.join(room)
    cy.until(lambda: cy.of("like this?", ".reaction") == ["👍 2"], "two like it")
    title = cy.script("return document.querySelector('.reaction').title.split(', ').sort().join()")
    assert title == "ana,bo", title


def test_S8_a_user_has_the_same_colour_on_every_screen(world):
    ana, bo = world.ana, world.bo
    members = world.nc("ida").command(type="room.members", room="general", limit=100)["members"]
    for page in (ana, bo):
        page.open("general")
        page.panel("people")
    for name in ("ana", "bo", "cy"):
        user = next(one["id"] for one in members if one["name"] == name)
        for page in (ana, bo):
            classes = page.script(
                "return document.querySelector(`[data-user='${arguments[0]}'] .avatar`).className", name)
            assert f"tint-{fnv1a(user) % TINTS}" in classes.split(), (name, classes)
            assert page.text(f"[data-user='{name}'] .avatar") == name[0].upper()


def test_S9_sound_and_notification_for_others_new_messages_only(world):
    ana, bo = world.ana, world.bo
    room = world.room("Bell", ana, bo)
    heard = lambda: bo.script("return watched.sounds")
    bo.settings()
    bo.script("document.querySelector('[data-testid=desktop]').click()")
    bo.close_dialog()
    before = heard()
    bo.say("my own")
    ana.sees("my own")
    ana.say("before your eyes")
    bo.sees("before your eyes")
    assert heard() == before, "neither for one's own nor for what one sees"
    bo.open("general")
    ana.say("from another room")
    bo.until(lambda: heard() > before, "there is a sound")
    bo.open(room)
    bo.sees("from another room")
    bo.until(lambda: bo.unread(room) == "", "has read it")
    bo.menu("mute")
    bo.open("general")
    before = heard()
    ana.say("muted")
    bo.until(lambda: bo.unread(room) == "1", "it is unread")
    assert heard() == before, "a muted room is silent"
    assert bo.driver.title.startswith("general"), "and is not counted in the title"
    bo.open(room)
    bo.menu("mute")
    first = bo.driver.current_window_handle
    bo.driver.switch_to.new_window("tab")
    ana.say("while you look elsewhere")
    ana.tick_becomes("while you look elsewhere", "delivered")
    ana.until(lambda: status(ana, "bo") == "away" or ana.panel("people"), "bo is away")
    bo.driver.close()
    bo.driver.switch_to.window(first)
    bo.until(lambda: [f"ana · {room}", "while you look elsewhere"] in bo.script("return watched.notifications"),
             "there was a notification")
    ana.tick_becomes("while you look elsewhere", "read")
