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
    ana, bo, cy = world.ana, world.bo, world.cy
    room = world.room("Quarrel", ana, bo, cy)
    bo.say("something rude")
    ana.sees("something rude")
    ana.tool("something rude", "pin")
    cy.tool("something rude", "reply")
    cy.say("not nice")
    ana.sees("not nice")
    ana.person("bo")
    ana.press("[data-act=block]")
    hidden = "A message of somebody you blocked"
    ana.sees(hidden)
    assert ana.count("something rude") == 0
    ana.until(lambda: ana.of("not nice", ".quote-text") == [hidden], "the quote is hidden")
    ana.panel("pins")
    ana.until(lambda: ana.texts("[data-pin] .excerpt") == [hidden], "the pin is hidden")
    ana.panel("search")
    ana.fill("[data-testid=search]", "rude")
    ana.until(lambda: ana.texts("[data-hit] .excerpt") == [hidden], "the hit is hidden")
    ana.fill("[data-testid=search]", "")
    ana.panel("people")
    spoken = ana.text("#live")
    bo.say("even ruder")
    ana.until(lambda: ana.count(hidden) == 2, "the next one is hidden as well")
    assert ana.text("#live") == spoken, "and not read aloud"
    assert "rude" not in ana.script("return document.body.textContent"), "nowhere"
    bo.open("ana")
    bo.say("are you there?")
    bo.until(lambda: bo.shows("#log .failure"), "is refused")
    bo.act("are you there?", ".failure button:last-child")
    ana.person("bo")
    ana.press("[data-act=block]")
    ana.sees("something rude", "even ruder")
    assert room


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
    refused = lambda page: "".join(page.texts("dialog .field-error"))
    ana.menu("settings")
    ana.fill("dialog form input[type=password]", "short")
    ana.press("dialog .primary")
    ana.until(lambda: refused(ana), "a short one is refused")
    ana.fill("dialog form input[type=password]", "open sesame")
    ana.press("dialog .primary")
    ana.until(lambda: not ana.shows("dialog[open]"), "is saved")
    bo.press("#explore")
    bo.press("dialog summary")
    bo.fill("dialog details input", "vault")
    bo.fill("dialog details input[type=password]", "wrong sesame")
    bo.press("dialog details .primary")
    bo.until(lambda: refused(bo), "is refused")
    bo.fill("dialog details input[type=password]", "open sesame")
    bo.press("dialog details .primary")
    bo.is_in("Vault")
    bo.say("inside")
    ana.sees("inside")


def test_what_the_server_refuses_is_told_in_indonesian(world):
    ana = world.ana
    try:
        ana.settings()
        ana.fill("dialog [data-testid=language]", "id")
        ana.until(lambda: ana.text("#banner") == "Tersambung", "speaks Indonesian")
        ana.press("#create-room")
        ana.fill("#new-room", "general")
        ana.press("dialog .primary")
        ana.until(lambda: "Sudah ada ruang dengan nama itu." in "".join(ana.texts("dialog .field-error")), "says so in Indonesian")
        ana.close_dialog()
    finally:
        ana.settings()
        ana.fill("dialog [data-testid=language]", "en")
        ana.until(lambda: ana.text("#banner") == "Connected", "speaks English")
