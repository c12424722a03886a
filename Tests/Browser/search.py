# SPDX-License-Identifier: MIT
"""Finding messages, and going to them."""

from history import long_room


def test_hits_are_marked_and_lead_into_the_conversation(world):
    ana = world.ana
    room = long_room(world, "Haystack", 300)
    target = world.nc("writer").say(room, "Crème brûlée takes six eggs")
    world.nc("writer").say_many(room, [f"after {number}" for number in range(300)])
    ana.join(room)
    ana.sees("after 299")
    ana.panel("search")
    ana.fill("[data-testid=search]", "eggs creme")
    ana.until(lambda: ana.texts(".hit mark") == ["Crème", "eggs"], "marks what was found")
    ana.press("[data-hit]")
    ana.sees("Crème brûlée takes six eggs")
    assert ana.script("return document.activeElement.dataset.seq") == str(target)
    ana.sees("line 299", "after 0")
    assert ana.count("after 299") == 0, "what lies between is not loaded"
    # Live messages do not make a hole, and reading on reaches the end.
    world.nc("writer").say(room, "live")
    for _ in range(60):
        ana.asynchronous("document.querySelector('#log').scrollTop += 2000;"
                         "for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame);")
        if ana.count("live"):
            break
    ana.sees("live", "after 299")
    numbers = [int(text.split()[1]) for text in ana.messages() if text.startswith("after")]
    assert numbers == list(range(numbers[0], 300)), numbers


def test_a_hit_in_another_room_opens_it(world):
    ana = world.ana
    ana.open("general")
    ana.fill("[data-testid=search-scope]", "all")
    ana.fill("[data-testid=search]", '"brulee takes"')
    ana.until(lambda: "Haystack" in ana.text(".hit .faint"), "names the room")
    ana.press("[data-hit]")
    ana.sees("Crème brûlée takes six eggs")
    ana.press("#to-bottom")
    ana.sees("live")
    ana.fill("[data-testid=search]", "nowhere to be found")
    ana.until(lambda: ana.text(".hits") == "Nothing was found.", "says that there is nothing")
    ana.fill("[data-testid=search]", "?!")
    ana.until(lambda: ana.text(".hits") == "Nothing was found.", "a search without words finds nothing")
    ana.panel("people")
