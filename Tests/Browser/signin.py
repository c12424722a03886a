# SPDX-License-Identifier: MIT
"""Coming in and going out."""

import os


def test_the_page_comes_with_a_strict_policy(world):
    policy = world.server.headers().get("Content-Security-Policy", "")
    for part in ("default-src 'self'", "object-src 'none'", "require-trusted-types-for 'script'"):
        assert part in policy, policy
    assert "unsafe" not in policy, policy
    page = world.server.get("").decode()
    for sign in ("style=", "onclick", "<script>", "http://", "https://"):
        assert sign not in page, sign


def test_a_guest_comes_in_with_a_name_and_stays_over_a_reload(world):
    world.room("Newer", world.ana)
    world.ana.open("general")
    assert world.ana.text("#who") == "ana"
    world.ana.driver.refresh()
    world.ana.connected()
    world.ana.is_in("general")


def test_a_name_that_is_taken_is_refused_where_it_was_typed(world):
    other = world.guest("ana2")
    other.driver.get(f"{world.server.url}?name=ana")
    other.press("#enter")
    other.until(lambda: other.text("#sign-in-error") == "Somebody else uses that name.", "says so")
    assert other.shows("#name"), "the form is still there"
    other.fill("#name", "anabel")
    other.press("#enter")
    other.connected()
    other.settings()
    other.press("#sign-out")
    other.until_shows("#name")
    assert other.text("#room-list") == "" or not other.shows("#app")
    world.leave("ana2")


def test_a_link_can_name_the_room_to_enter(world):
    owner = world.nc("linker")
    owner.command(type="room.create", name="linked")
    guest = world.guest("lou")
    guest.enter(world.server.url, "&room=linked")
    guest.is_in("linked")
    world.leave("lou")


def test_a_profile_and_a_status_are_seen_by_others(world):
    ana, bo = world.ana, world.bo
    ana.settings()
    ana.fill("dialog .profile input", "Ana Lund")
    ana.script("const all = document.querySelectorAll('dialog .profile input');"
               "all[1].value = 'planting peas'")
    ana.press("dialog .profile .primary")
    ana.until(lambda: ana.text("#who") == "Ana Lund", "shows the name")
    bo.panel("people")
    bo.until(lambda: "Ana Lund" in bo.text("[data-user='ana']"), "shows the name")
    bo.until(lambda: "planting peas" in bo.text("[data-user='ana']"), "shows the status")
    ana.settings()
    ana.fill("dialog .profile input", "")
    ana.press("dialog .profile .primary")
    bo.until(lambda: "Ana Lund" not in bo.text("[data-user='ana']"), "the name is cleared")


def test_every_file_of_the_page_is_served_line_by_line(world):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Examples", "ChatServer", "Web")
    names = sorted(os.listdir(folder))
    assert len(names) > 30, names
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            source = file.read()
        served = world.server.get("" if name == "index.html" else name).decode()
        # Without indentation and comments, but line 40 stays line 40.
        assert served.count("\n") in (source.count("\n"), source.count("\n") - 1), name
        assert len(served) > 0 and not (name.endswith((".js", ".css")) and "SPDX" in served), name
    return f"{len(names)} files"
