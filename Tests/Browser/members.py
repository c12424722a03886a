# SPDX-License-Identifier: MIT
"""Who may do what to whom."""

import json
import urllib.request


def test_an_owner_gives_and_takes_roles(world):
    ana, bo = world.ana, world.bo
    room = world.room("Roles", ana, bo)
    bo.say("a message of bo's")
    ana.sees("a message of bo's")
    ana.person("bo")
    ana.fill("[data-act=role]", "moderator")
    ana.close_dialog()
    for page in (ana, bo):
        page.until(lambda: "bo is now moderator" in " ".join(page.texts("#log .note")), "says so")
        page.panel("people")
        page.until(lambda: "Moderator" in page.text("[data-user='bo']"), "lists it")
    assert room


def test_a_moderator_mutes_removes_and_bans_members_only(world):
    ana, bo, cy = world.ana, world.bo, world.cy
    room = ana.text("#room-name")
    cy.join(room)
    bo.person("ana")
    bo.until_shows("dialog[open]")
    assert not bo.shows("[data-act=kick]"), "nobody removes the owner"
    bo.close_dialog()
    cy.person("bo")
    assert not cy.shows("[data-act=kick]"), "a member removes nobody"
    cy.close_dialog()
    bo.person("cy")
    bo.press("[data-act=mute]")
    bo.confirm()
    cy.until(lambda: cy.script("return document.querySelector('#text').disabled"), "cannot write")
    assert "muted until" in cy.one("#text").get_attribute("placeholder")
    bo.until(lambda: "Muted" in bo.text("[data-user='cy']"), "lists the mute")
    bo.person("cy")
    bo.press("[data-act=unmute]")
    cy.until(lambda: not cy.script("return document.querySelector('#text').disabled"), "can write again")
    bo.person("cy")
    bo.press("[data-act=kick]")
    bo.confirm()
    cy.until(lambda: cy.text("#room-name") != room, "is out")
    assert "removed" in cy.text("#toast")
    cy.join(room)
    bo.person("cy")
    bo.press("[data-act=ban]")
    bo.fill("dialog input", "tulips")
    bo.confirm()
    cy.until(lambda: "banned" in cy.text("#toast"), "is told of the ban")
    cy.press("#explore")
    cy.press(f"[data-foreign='{room}'] button")
    cy.until(lambda: "banned" in cy.text("#toast"), "cannot come back")
    ana.menu("settings")
    ana.until(lambda: "tulips" in ana.text("[data-banned='cy']"), "lists the ban and why")
    ana.press("[data-banned='cy'] button")
    ana.until(lambda: not ana.shows("[data-banned='cy']"), "the ban is lifted")
    ana.close_dialog()
    cy.join(room)


def test_an_owner_hands_the_room_over(world):
    ana, bo = world.ana, world.bo
    ana.person("bo")
    ana.press("[data-act=transfer]")
    ana.confirm()
    for page in (ana, bo):
        page.until(lambda: "Owner" in page.text("[data-user='bo']"), "bo owns the room")
        page.until(lambda: "Admin" in page.text("[data-user='ana']"), "ana is an admin")


def test_members_beyond_five_hundred_come_as_one_scrolls(world):
    count = 640
    room = "Stadium"
    owner = world.nc("steward")
    owner.command(type="room.create", name=room)

    def call(path, token, body):
        request = urllib.request.Request(world.server.url + "api" + path, json.dumps(body).encode(), {
            "Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())
    for number in range(count):
        token = call("/auth/guest", None, {"name": f"fan {number:03}"})["token"]
        call(f"/rooms/{room}/join", token, {})
    ana = world.ana
    ana.join(room)
    ana.panel("people")
    shown = lambda: ana.script("return document.querySelectorAll('#side-body .people li').length")
    ana.until(lambda: shown() >= 500, "shows the first five hundred")
    assert f"of {count + 2}" in ana.text("#side-title")
    ana.until(lambda: ana.shows("#more-people") and f"of {count + 2}" in ana.text("#more-people"), "says that there are more")
    assert shown() < count
    ana.until(lambda: ana.script("document.querySelector('#side-body').scrollTop = 1e9;"
                                 "return document.querySelectorAll('#side-body .people li').length") == count + 2, "shows all")
    assert not ana.shows("#more-people")
    return f"{count + 2} members"
