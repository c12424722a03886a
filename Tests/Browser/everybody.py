# SPDX-License-Identifier: MIT
"""Pages, nc and chat-cli in one room."""


def test_four_kinds_of_clients_see_the_same(world):
    ana, bo = world.ana, world.bo
    room = world.room("Everybody", ana, bo)
    nc = world.nc("nico")
    nc.command(type="room.join", room=room)
    cli = world.chat_cli("dee", "--room", room)
    cli.sees(f"you are in {room}")
    ana.say("ana says 🙂")
    bo.say("bo says <b>hi</b>")
    nc.say(room, "nico says é")
    cli.write("dee says\ttab")
    texts = ["ana says 🙂", "bo says <b>hi</b>", "nico says é", "dee says\ttab"]
    for page in (ana, bo):
        page.sees(*texts)
    for program in (nc, cli):
        for part in ("ana says", "bo says <b>", "nico says", "dee says"):
            program.sees(part)
    cli.write("/typing")
    ana.until(lambda: cli.write("/typing") or ana.text("#typing-text") == "dee is typing", "dee is typing")
    assert cli.end_of_input() == 0, cli.lines
