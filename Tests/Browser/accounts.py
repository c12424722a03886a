# SPDX-License-Identifier: MIT
"""Accounts, from the first visit to signing out everywhere: with a server of their own."""

import os

from processes import Server

PASSWORD = "correct horse"


def place(world, store="accounts"):
    """A server with accounts and guests, whose tokens are renewed every second."""
    if not world.accounts:
        store = f"sqlite:{os.path.join(world.folder, store)}.sqlite"
        world.accounts = Server(world.server.binary, store, world.server.log, "--auth", "both", "--access-seconds", "31",
                                *world.server.more)
        world.accounts.start()
    return world.accounts


def visitor(world, name, **more):
    page = world.guest(name, **more)
    page.home = place(world).url
    page.driver.get(page.home)
    page.until_shows("#enter")
    return page


def sign_in(page, login, password=PASSWORD):
    page.press("[data-mode=login]")
    page.fill("#login", login)
    page.fill("#password", password)
    page.press("#enter")


def security(page):
    page.settings()
    page.press("#account")
    page.until_shows("#sign-out-everywhere")


def test_one_registers_and_each_broken_rule_is_told_at_its_field(world):
    lea = visitor(world, "lea")
    lea.press("[data-mode=register]")
    lea.fill("#username", "l@")
    lea.fill("#password", "short")
    lea.press("#enter")
    lea.until(lambda: len([one for one in lea.texts(".field-error") if one]) == 2, "tells both")
    lea.screenshot("register")
    lea.fill("#username", "Lea")
    lea.fill("#display_name", "Lea Brandt")
    lea.fill("#email", "lea@example.org")
    lea.fill("#password", PASSWORD)
    lea.press("#enter")
    lea.connected()
    assert lea.text("#who") == "Lea Brandt"
    other = visitor(world, "lea2")
    other.press("[data-mode=register]")
    other.fill("#username", "LEA")
    other.fill("#password", PASSWORD)
    other.press("#enter")
    other.until(lambda: "Somebody else uses that name." in "".join(other.texts(".field-error")), "the name is taken")
    world.leave("lea2")


def test_a_reload_and_a_renewed_token_keep_one_signed_in(world):
    lea = world.pages["lea"]
    token = lambda: lea.script("return JSON.parse(localStorage.getItem('chat.account'))?.access_token")
    first = token()
    lea.until(lambda: token() != first, "the token is renewed while one is there")
    lea.connected()
    lea.driver.refresh()
    lea.connected()
    assert lea.text("#who") == "Lea Brandt"
    place(world).kill()
    lea.until(lambda: lea.text("#banner") != "Connected", "sees the end")
    place(world).start()
    lea.connected()
    lea.say("still me")
    lea.tick_becomes("still me", "sent")


def test_a_wrong_password_is_told_in_both_languages_and_a_right_one_signs_in(world):
    phone = visitor(world, "phone", language="id-ID")
    sign_in(phone, "lea", "wrong horse")
    phone.until(lambda: phone.text("#sign-in-error") == "Nama atau kata sandi salah.", "says so in Indonesian")
    phone.fill("#sign-in-language select", "en")
    phone.until(lambda: phone.text("#enter") == "Sign in", "speaks English")
    sign_in(phone, "lea", "wrong horse")
    phone.until(lambda: phone.text("#sign-in-error") == "The name or the password is wrong.", "says so in English")
    sign_in(phone, "lea@example.org")
    phone.connected()
    assert phone.text("#who") == "Lea Brandt"


def test_an_account_sends_files(world):
    lea, phone = world.pages["lea"], world.pages["phone"]
    path = os.path.join(world.folder, "list.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("nails, glue")
    lea.attach(path)
    lea.say("the list")
    phone.sees("the list")
    phone.until(lambda: "list.txt" in phone.text("#log .attachment"), "has the file")


def test_one_changes_the_own_name_and_others_see_it(world):
    lea = world.pages["lea"]
    guest = visitor(world, "gustav")
    guest.press("[data-mode=guest]")
    guest.fill("#name", "gustav")
    guest.press("#enter")
    guest.connected()
    guest.settings()
    assert not guest.shows("#account"), "a guest has none"
    guest.close_dialog()
    security(lea)
    lea.fill("dialog [name=username]", "gustav")
    lea.press("dialog form:has([name=username]) .primary")
    lea.until(lambda: any(lea.texts("dialog .field-error")), "a name that is taken is refused")
    lea.fill("dialog [name=username]", "Lea B")
    lea.press("dialog form:has([name=username]) .primary")
    lea.until(lambda: "@Lea B" in lea.text("#own"), "shows the name")
    guest.panel("people")
    guest.until_shows("[data-user='Lea B']")
    world.leave("gustav")


def test_a_new_password_signs_out_all_other_devices(world):
    lea, phone = world.pages["lea"], world.pages["phone"]
    security(lea)
    lea.fill("dialog [name=password]", "wrong horse")
    lea.fill("dialog [name=new_password]", "battery staple")
    lea.press("dialog form:has([name=new_password]) .primary")
    lea.until(lambda: any(lea.texts("dialog .field-error")), "a wrong password is refused")
    lea.fill("dialog [name=password]", PASSWORD)
    lea.press("dialog form:has([name=new_password]) .primary")
    lea.until(lambda: lea.text("#toast") == "The password was changed.", "says so")
    phone.until_shows("#enter")
    phone.until(lambda: phone.text("#sign-in-error") == "This device was signed out.", "says why")
    lea.connected()
    assert lea.shows("#app"), "this one stays"
    sign_in(phone, "Lea B")
    phone.until(lambda: "wrong" in phone.text("#sign-in-error"), "the old one is void")
    sign_in(phone, "Lea B", "battery staple")
    phone.connected()


def test_one_sees_the_own_devices_and_signs_one_out(world):
    lea, phone = world.pages["lea"], world.pages["phone"]
    security(lea)
    lea.until(lambda: len(lea.texts("[data-device]")) == 2, "lists both")
    lea.screenshot("account")
    told = " ".join(lea.texts("[data-device]"))
    assert "this device" in told and "Chrome Linux" in told and "last used" in told, told
    lea.press("[data-device] button")
    phone.until(lambda: phone.text("#sign-in-error") == "This device was signed out.", "is signed out")
    lea.until(lambda: len(lea.texts("[data-device]")) == 1, "lists one")
    lea.close_dialog()
    sign_in(phone, "Lea B", "battery staple")
    phone.connected()


def test_one_signs_out_everywhere(world):
    lea, phone = world.pages["lea"], world.pages["phone"]
    security(lea)
    lea.press("#sign-out-everywhere")
    lea.confirm()
    for page in (lea, phone):
        page.until_shows("#enter")
        assert page.script("return localStorage.getItem('chat.account')") is None
    for page in (lea, phone):
        page.driver.refresh()
        page.until_shows("#enter")
        assert not page.shows("#app") and page.violations() == []
    world.leave("lea", "phone")


def test_the_first_visit_with_an_account_weighs_less_than_150_kB(world):
    # Where nobody has sent a file yet.
    world.accounts.stop()
    world.accounts = None
    place(world, "fresh")
    weights = {}
    for language in ("en-US", "id-ID"):
        vera = visitor(world, f"vera-{language}", language=language)
        vera.press("[data-mode=register]")
        vera.fill("#username", f"vera-{language}")
        vera.fill("#password", PASSWORD)
        vera.press("#enter")
        vera.connected()
        vera.say("hello")
        vera.until(lambda: vera.count("hello"), "shows it")
        weights[language] = vera.script("""
            const files = performance.getEntriesByType('resource').filter((one) => !one.name.includes('/ws'));
            return [...files, ...performance.getEntriesByType('navigation')].reduce((sum, one) => sum + one.decodedBodySize, 0)""")
        world.leave(vera.name)
    world.accounts.stop()
    world.accounts = None
    assert all(one < 150_000 for one in weights.values()), weights
    return str(weights)
