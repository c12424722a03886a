# SPDX-License-Identifier: MIT
"""Direct rooms, blocks, links and passwords of rooms."""


def test_two_people_write_to_each_other_directly(world):
    ana, bo = world.ana, world.bo
    world.room("Meeting", ana, bo)
    ana.person("bo")
    ana.press("[data-act=message]")
    ana.is_in("bo")
    ana.say("just for you")
    bo.until(lambda: bo.unread("ana") == "1", "the direct room has the other's name")
    bo.open("ana")
    bo.sees("just for you")
    ana.tick_becomes("just for you", "read")
    bo.press("#room-menu")
    bo.until_shows("[data-item=mute]")
    assert not bo.shows("[data-item=leave]") and not bo.shows("[data-item=settings]")
    bo.press("#room-menu")
    bo.driver.refresh()
    bo.connected()
    bo.open("ana")
    bo.sees("just for you")


def test_whom_one_blocks_one_does_not_read(world):
    ana, bo = world.ana, world.bo
    world.room("Quarrel", ana, bo)
    bo.say("something rude")
    ana.sees("something rude")
    ana.person("bo")
    ana.press("[data-act=block]")
    ana.sees("A message of somebody you blocked")
    assert ana.count("something rude") == 0
    bo.open("ana")
    bo.say("are you there?")
    bo.until(lambda: bo.shows("#log .failure"), "is refused")
    bo.act("are you there?", ".failure button:last-child")
    ana.person("bo")
    ana.press("[data-act=block]")
    ana.sees("something rude")


def test_a_link_lets_in_whoever_has_it(world):
    ana = world.ana
    ana.create("Secret garden", private=True)
    ana.menu("invite")
    ana.press("[data-act=new-link]")
    ana.until_shows("[data-link]")
    code = ana.script("return document.querySelector('[data-link]').dataset.link")
    assert f"?join={code}" in ana.script("return document.querySelector('[data-link]').value")
    ana.close_dialog()
    guest = world.guest("lin")
    guest.enter(world.server.url, f"&join={code}")
    guest.is_in("Secret garden")
    world.leave("lin")


def test_a_private_room_can_have_a_password(world):
    ana, bo = world.ana, world.bo
    ana.create("Vault", private=True)
    ana.menu("settings")
    ana.fill("dialog form input[type=password]", "open sesame")
    ana.press("dialog .primary")
    refused = lambda page=ana: "".join(page.texts("dialog .field-error"))
    ana.until(lambda: refused() or not ana.shows("dialog[open]"), "is saved, or refused")
    has_passwords = not refused()
    if not has_passwords:
        # A server without a hasher: it says so, and the room stays closed.
        assert "password" in refused(), refused()
        ana.close_dialog()
    bo.press("#explore")
    bo.press("dialog summary")
    bo.fill("dialog details input", "vault")
    bo.fill("dialog details input[type=password]", "wrong sesame")
    bo.press("dialog details .primary")
    bo.until(lambda: refused(bo), "is refused")
    bo.fill("dialog details input[type=password]", "open sesame")
    bo.press("dialog details .primary")
    if has_passwords:
        bo.is_in("Vault")
    else:
        bo.until(lambda: refused(bo), "is refused")
        bo.close_dialog()
