# SPDX-License-Identifier: MIT
"""Rooms: making, finding, entering, leaving, changing them."""

from selenium.webdriver.common.keys import Keys


def test_a_public_room_is_found_and_joined(world):
    ana, bo = world.ana, world.bo
    ana.create("Orchard")
    bo.press("#explore")
    bo.fill("dialog input[type=search]", "orch")
    bo.until(lambda: bo.texts("[data-foreign]") and len(bo.texts("[data-foreign]")) == 1, "finds one room")
    bo.press("[data-foreign='Orchard'] button")
    bo.is_in("Orchard")
    ana.until(lambda: "bo joined" in " ".join(ana.texts("#log .note")), "says that bo joined")
    bo.until(lambda: "This is the beginning" in bo.text("#log .intro"), "an empty room says so")


def test_a_name_that_is_taken_is_refused_at_its_field(world):
    ana = world.ana
    ana.press("#create-room")
    ana.fill("#new-room", "orchard")
    ana.press("dialog .primary")
    ana.until(lambda: ana.text("dialog .field-error") + ana.text("dialog form > .field-error"), "says why")
    ana.close_dialog()


def test_a_private_room_is_entered_by_invitation_only(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    ana.create("Attic", private=True)
    bo.press("#explore")
    bo.until_shows("[data-testid=explore-list]")
    assert not bo.shows("[data-foreign='Attic']")
    bo.close_dialog()
    for page in (bo, cy):
        ana.menu("invite")
        ana.press(f"[data-invitee='{page.name}'] button")
        page.until_shows("[data-invitation='Attic']")
    bo.press("[data-invitation='Attic'] .primary")
    bo.is_in("Attic")
    bo.until(lambda: not bo.shows("[data-invitation='Attic']"), "the invitation is used up")
    cy.press("[data-invitation='Attic'] button:not(.primary)")
    cy.until(lambda: not cy.shows("[data-invitation='Attic']"), "the invitation is declined")
    cy.driver.refresh()
    cy.connected()
    assert not cy.shows("[data-invitation='Attic']")


def test_the_list_is_sorted_by_the_last_message_and_can_be_searched(world):
    ana, bo = world.ana, world.bo
    ana.create("First room")
    ana.say("something in the first")
    ana.create("Second room")
    ana.say("something in the second")

    def order():
        return [name for name in ana.script(
            "return [...document.querySelectorAll('#room-list [data-room]')].map(e => e.dataset.room)")
            if name.endswith(" room")]
    ana.until(lambda: order() == ["Second room", "First room"], "the newest comes first")
    ana.until(lambda: "you: something in the second" in ana.text("[data-room='Second room'] .preview"),
              "shows the last message")
    ana.open("First room")
    ana.say("and again")
    ana.until(lambda: order() == ["First room", "Second room"], "the order follows")
    ana.fill("#filter", "seco")
    ana.until(lambda: ana.script("return document.querySelectorAll('#room-list li').length") == 1, "finds one")
    ana.one("#filter").send_keys(Keys.ENTER)
    ana.is_in("Second room")
    assert ana.one("#filter").get_attribute("value") == ""


def test_settings_change_a_room_for_everybody(world):
    ana, bo = world.ana, world.bo
    room = world.room("Plain", ana, bo)
    ana.menu("settings")
    ana.fill("[data-testid=room-new-name]", "Fancy")
    ana.fill("dialog textarea", "With a description")
    ana.press("dialog .primary")
    for page in (ana, bo):
        page.until(lambda: page.text("#room-name") == "Fancy", "shows the new name")
        page.until(lambda: "With a description" in page.text("#room-about"), "and the description")
    assert f"renamed the room to Fancy" in " ".join(bo.texts("#log .note")), room
    bo.menu("settings")
    bo.until_shows("dialog[open]")
    assert not bo.shows("dialog .primary"), "a member changes nothing"
    bo.close_dialog()


def test_limits_of_a_room_hold_and_a_message_in_slow_mode_waits(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Slow", ana, bo)
    ana.menu("settings")
    ana.until_shows("dialog input[type=number]")
    ana.script("const [most, slow] = document.querySelectorAll('dialog input[type=number]'); most.value = 2; slow.value = 1")
    ana.press("dialog .primary")
    ana.until(lambda: not ana.shows("dialog[open]"), "is saved")
    cy.press("#explore")
    cy.press(f"[data-foreign='{room}'] button")
    cy.until(lambda: "maximum" in cy.text("#toast"), "a third one does not get in")
    for text in ("one", "two", "three"):
        bo.say(text)
    ana.until(lambda: ana.messages() == ["one", "two", "three"], "all come, in order, by themselves")


def test_leaving_and_deleting_a_room(world):
    ana, bo = world.ana, world.bo
    room = world.room("Short", ana, bo)
    bo.menu("leave")
    bo.confirm()
    bo.until(lambda: bo.text("#room-name") != room, "is elsewhere")
    ana.until(lambda: "bo left" in " ".join(ana.texts("#log .note")), "says that bo left")
    bo.join(room)
    ana.menu("settings")
    ana.press("[data-act=delete-room]")
    ana.confirm()
    for page in (ana, bo):
        page.until(lambda: not page.shows(f"[data-room='{room}']"), "lists the room no more")
    assert room in bo.text("#toast"), bo.text("#toast")


def test_a_room_of_another_device_appears(world):
    """ana's token works in nc too, and what she does there shows in her page."""
    token = world.ana.script("return localStorage.getItem('chat.token.ana')")
    device = world.nc("ana's phone", token=token)
    device.command(type="room.create", name="Cellar")
    world.ana.until_shows("[data-room='Cellar']")
    world.bo.join("Cellar")
    world.bo.say("down here")
    world.ana.until(lambda: world.ana.unread("Cellar") == "1", "Cellar has an unread message")
    device.command(type="room.delete", room="Cellar")
    world.bo.until(lambda: not world.bo.shows("[data-room='Cellar']"), "lists Cellar no more")
    world.drop("ana's phone")


def test_drafts_are_kept_per_room_and_over_a_reload(world):
    ana = world.ana
    one, two = world.room("Draft", ana), world.room("Other", ana)
    ana.open(one)
    ana.type("half a thou")
    ana.open(two)
    assert ana.one("#text").get_attribute("value") == ""
    ana.until(lambda: "Draft: half a thou" in ana.text(f"[data-room='{one}'] .preview"), "the list shows it")
    ana.until(lambda: "half a thou" in ana.script(
        "return Object.entries(localStorage).filter(([key]) => key.startsWith('chat.kept')).join()"), "keeps it")
    ana.driver.refresh()
    ana.connected()
    ana.open(one)
    assert ana.one("#text").get_attribute("value") == "half a thou"
    ana.say("ght")
    ana.sees("half a thought")
    ana.until(lambda: "Draft" not in ana.text(f"[data-room='{one}'] .preview"), "it is gone with the message")
