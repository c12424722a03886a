# SPDX-License-Identifier: MIT
"""How the page looks and how it is used without a mouse: screenshots are left in the output folder."""

import base64
import os

from selenium.webdriver.common.keys import Keys

import samples

HERE = os.path.dirname(os.path.abspath(__file__))

TALK = [
    ("mira", "Morning! The new greenhouse arrives today 🌱"),
    ("mira", "Two people are needed to carry the frame, see https://example.org/greenhouse"),
    ("jonas", "I can be there from ten"),
    ("sari", "me too, I'll bring coffee ☕"),
    ("jonas", "@ana do we still have the drill?"),
    ("sari", "The manual says `M6 x 40`, not `M6 x 30`, so please bring the long ones:\n```\n12 x M6 x 40\n"
             " 4 x M8 x 60\n```"),
    ("mira", "Perfect. Rain is forecast for the afternoon, so let us start early and put the roof on first. The panels "
             "are lighter than they look, but they catch the wind."),
]
PEOPLE = {"mira": ("Mira Solberg", "in the garden"), "jonas": ("Jonas Weber", ""), "sari": ("Sari Putri", "☕ first")}


def scene(world):
    """A room that looks like one in use. Made once."""
    ana = world.ana
    if getattr(world, "garden", None):
        return world.garden
    ana.create("Garden club")
    world.garden = "Garden club"
    ana.menu("settings")
    ana.fill("dialog textarea", "Allotment 14: who does what, and when")
    ana.press("dialog .primary")
    for name, (display, status) in PEOPLE.items():
        person = world.nc(name)
        person.command(type="profile.update", display_name=display, status_text=status)
        person.command(type="room.join", room="Garden club")
        person.command(type="room.create", name={"mira": "Book circle", "jonas": "Football on Thursday",
                                                 "sari": "Kitchen"}[name])
    for room, name, text in (("Book circle", "mira", "Chapter nine for Sunday, please"),
                             ("Football on Thursday", "jonas", "Who can take the goal this week?"),
                             ("Kitchen", "sari", "Rendang needs four hours, I start at two")):
        ana.join(room)
        world.nc(name).say(room, text)
        ana.sees(text)
    ana.open("Garden club")
    seqs = {}
    for name, text in TALK:
        seqs[text] = world.nc(name).say("Garden club", text)
    preview = "data:image/png;base64," + base64.b64encode(samples.picture(300, 200, grain=0)).decode()
    view = world.nc("sari").upload("Garden club", "seven-in-the-morning.png", samples.picture(900, 600), width=900, height=600,
                                   preview=preview)
    world.nc("sari").say("Garden club", "The view from up there this morning", attachments=[view])
    ana.until(lambda: len(ana.messages()) == len(TALK) + 1, "shows them all")
    question = TALK[4][1]
    ana.tool(question, "reply")
    ana.say("It is in my shed, I bring it 👍")
    ana.until(lambda: ana.tick("It is in my shed, I bring it 👍") not in ("", "pending"), "it is sent")
    answer = ana.script("return Math.max(...[...document.querySelectorAll('#log .mine[data-seq]')].map(r => Number(r.dataset.seq)))")
    for name, target, emoji in (("jonas", answer, "🙏"), ("sari", answer, "🙏"), ("mira", answer, "❤️"),
                                ("sari", seqs[TALK[0][1]], "🎉"), ("jonas", seqs[TALK[0][1]], "🎉")):
        world.nc(name).command(type="react", room="Garden club", target=target, emoji=emoji)
    for name in PEOPLE:
        world.nc(name).command(type="receipt", room="Garden club", read=answer)
    ana.tool(TALK[1][1], "pin")
    for text in ("Bring a ball please", "And shin guards"):
        world.nc("jonas").say("Football on Thursday", text)
    world.nc("mira").say("Book circle", "@ana did you like the ending?")
    world.nc("sari").command(type="presence.set", status="busy")
    ana.tick_becomes("It is in my shed, I bring it 👍", "read")
    ana.until(lambda: ana.unread("Football on Thursday") == "2", "other rooms go on")
    return world.garden


def typing(world):
    for name in ("mira", "jonas"):
        world.nc(name).command(type="typing", room="Garden club", on=True)
    world.ana.until(lambda: "are typing" in world.ana.text("#typing-text"), "two are typing")


def quiet(page):
    """Nothing is pointed at, and the newest message is in view."""
    page.script("document.activeElement?.blur(); document.querySelector('#log').scrollTop = 1e9;"
                "document.querySelector('.tools')?.remove()")
    page.asynchronous("for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);")


def test_screenshots_in_both_themes(world):
    scene(world)
    ana = world.ana
    ana.panel("people")
    drawn(ana)
    for name, is_dark in (("light", False), ("dark", True)):
        ana.dark(is_dark)
        typing(world)
        quiet(ana)
        ana.screenshot(name)
    ana.dark(False)
    colours = []
    for theme in ("dark", "light", "system"):
        ana.settings()
        ana.fill("[data-testid=theme]", theme)
        ana.close_dialog()
        ana.driver.refresh()
        ana.connected()
        ana.is_in("Garden club") if ana.text("#room-name") == "Garden club" else ana.open("Garden club")
        colours.append(ana.script("return getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1] == colours[2], f"the chosen theme is remembered: {colours}"


def test_screenshots_of_a_busy_room_dialogs_and_panels(world):
    scene(world)
    ana = world.ana
    ana.open("Garden club")
    for number in range(30):
        for name in PEOPLE:
            world.nc(name).say("Garden club", f"{('Yes!', 'On my way', 'Who has the keys?')[number % 3]} ({number})")
    ana.until(lambda: ana.count("Who has the keys? (29)") == 3, "shows them")
    quiet(ana)
    ana.screenshot("busy-room")
    ana.panel("search")
    ana.fill("[data-testid=search]", "m6")
    ana.until(lambda: len(ana.texts("[data-hit]")) == 1, "finds it")
    ana.press("[data-hit]")
    ana.until(lambda: ana.count(TALK[0][1]), "is there")
    ana.screenshot("search")
    ana.panel("people")
    ana.press("#to-bottom")
    ana.settings()
    ana.screenshot("settings")
    ana.close_dialog()
    ana.person("jonas")
    ana.screenshot("member")
    ana.close_dialog()
    ana.press("#create-room")
    ana.until_shows("#new-room")
    ana.screenshot("new-room")
    ana.close_dialog()
    ana.press("#emoji")
    ana.until_shows("#popup .cells")
    ana.screenshot("emoji")
    ana.key(Keys.ESCAPE)
    assert not ana.shows("#popup")


def drawn(page):
    """All pictures in view are there."""
    page.until(lambda: page.script("return [...document.querySelectorAll('#log img')].every((one) => one.naturalWidth > 0)"),
               "has drawn its pictures")


def test_screenshots_of_files(world):
    scene(world)
    ana = world.ana
    folder = os.path.join(world.folder, "look")
    os.makedirs(folder, exist_ok=True)
    paths = [samples.write(folder, f"{name}.png", samples.picture(480, 480 - 60 * seed, seed)) for seed, name in
             enumerate(("roof", "beds", "fence"))]
    paths += [samples.write(folder, "Planting plan 2027, second draft with all of the beds.pdf", b"%PDF-1.4\n" + os.urandom(1_300_000)),
              samples.write(folder, "frogs-at-the-pond.wav", samples.sound())]
    garden = world.room("Allotment pictures", ana)
    ana.attach(*paths)
    ana.type("All of today's")
    ana.until(lambda: ana.script("return document.querySelectorAll('#tray [data-phase=done]').length") == 5, "has them all")
    ana.screenshot("tray")
    ana.one("#text").send_keys(Keys.ENTER)
    ana.until(lambda: ana.script("return document.querySelectorAll('#log [data-attachment]').length") == 5, "is sent")
    drawn(ana)
    for name, is_dark in (("files-light", False), ("files-dark", True)):
        ana.dark(is_dark)
        quiet(ana)
        ana.screenshot(name)
        with open(os.path.join(HERE, "contrast.js"), encoding="utf-8") as file:
            problems, _ = ana.script(file.read())
        assert problems == [], (is_dark, problems)
    ana.dark(False)
    ana.attach(samples.write(folder, "seven.png", samples.picture(900, 600)))
    ana.say("and the view from up there at seven")
    ana.until(lambda: ana.shows("#log [data-attachment][title='seven.png']"), "shows the last one")
    drawn(ana)
    quiet(ana)
    ana.screenshot("image-preview")
    ana.open("Garden club")
    assert garden


def test_a_phone_shows_one_thing_at_a_time(world):
    scene(world)
    phone = world.page("mo")
    try:
        phone.resize(390, 844, is_phone=True)
        phone.driver.refresh()
        phone.connected()
        assert phone.script("return document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"
        phone.press("#show-rooms")
        phone.join("Garden club")
        phone.say("from my phone")
        world.ana.sees("from my phone")
        phone.react("from my phone", "🎉")
        quiet(phone)
        phone.screenshot("phone")
        assert phone.shows("#room-connection") and not phone.shows("#room-list")
        phone.press("#show-rooms")
        phone.until_shows("#room-list")
        assert not phone.shows("#composer") and phone.shows("#banner")
        phone.screenshot("phone-rooms")
        phone.open("Garden club")
        phone.press("#show-people")
        phone.until_shows("[data-user='mira']")
        phone.screenshot("phone-people")
        phone.press("#close-side")
        phone.until_shows("#composer")
        assert phone.script("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        world.leave("mo")


def test_indonesian_is_chosen_by_the_browser_and_can_be_switched(world):
    scene(world)
    budi = world.guest("budi", language="id-ID")
    try:
        budi.driver.get(f"{world.server.url}?name=budi")
        budi.until(lambda: "Selamat datang" in budi.text(".card h1"), "speaks Indonesian")
        budi.screenshot("indonesian-sign-in")
        budi.press("#enter")
        budi.connected()
        budi.join("Garden club")
        budi.say("Saya juga ikut, sampai nanti! 🙂")
        budi.sees("Saya juga ikut, sampai nanti! 🙂")
        budi.panel("people")
        quiet(budi)
        budi.screenshot("indonesian")
        assert budi.text("#banner") == "Tersambung"
        assert budi.script("return document.documentElement.lang") == "id"
        budi.settings()
        budi.fill("dialog [data-testid=language]", "en")
        budi.until(lambda: budi.text("#banner") == "Connected", "speaks English")
        budi.driver.refresh()
        budi.connected()
        assert budi.text("#banner") == "Connected", "and remembers it"
    finally:
        world.leave("budi")


def test_everything_has_a_contrast_of_AA_in_both_themes(world):
    scene(world)
    ana = world.ana
    with open(os.path.join(HERE, "contrast.js"), encoding="utf-8") as file:
        check = file.read()
    checked = 0
    ana.open("Garden club")
    for is_dark in (False, True):
        ana.dark(is_dark)
        for name in ("people", "pins", "search"):
            ana.panel(name)
            problems, count = ana.script(check)
            assert problems == [], (is_dark, name, problems)
            checked += count
        for opener in (ana.settings, lambda: ana.press("#create-room"), lambda: ana.press("#explore")):
            opener()
            ana.until_shows("dialog[open] .dialog-body")
            problems, count = ana.script(check)
            assert problems == [], (is_dark, problems)
            ana.close_dialog()
            checked += count
        tints = ana.script("""
            return Array.from({ length: 12 }, (_, tint) => {
              const made = document.createElement('span');
              made.className = `avatar tint-${tint}`;
              made.textContent = 'AB';
              document.querySelector('#side-title').append(made);
              return 0;
            });""")
        problems, _ = ana.script(check)
        ana.script("document.querySelectorAll('#side-title .avatar').forEach((one) => one.remove())")
        assert problems == [] and len(tints) == 12, problems
    ana.dark(False)
    ana.panel("people")
    return f"{checked} texts"


def test_everything_has_a_name_for_a_screen_reader(world):
    scene(world)
    ana = world.ana
    ana.open("Garden club")
    for panel in ("people", "search"):
        ana.panel(panel)
        nameless = ana.script("""
            return [...document.querySelectorAll('button, input, textarea, select, [role=list], nav, main, aside')]
              .filter((one) => one.checkVisibility() && !one.closest('[aria-hidden=true]'))
              .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim() || one.labels?.length))
              .map((one) => one.outerHTML.slice(0, 120));""")
        assert nameless == [], nameless
    regions = ana.script("return [...document.querySelectorAll('[aria-live], [role=status], [role=alert]')].map(e => e.id)")
    for name in ("live", "toast", "banner"):
        assert name in regions, regions
    world.nc("mira").say("Garden club", "can you hear me")
    ana.until(lambda: ana.text("#live") == "Mira Solberg: can you hear me", "reads a new message aloud")
    assert ana.script("return document.querySelectorAll('h1, h2').length") >= 2
    duplicates = ana.script("""
        const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
        return ids.filter((id, at) => ids.indexOf(id) !== at);""")
    assert duplicates == [], duplicates


def test_the_keyboard_is_enough(world):
    scene(world)
    ana = world.ana
    ana.open("Garden club")
    ana.panel("people")
    active = lambda: ana.script("return document.activeElement.id || document.activeElement.dataset.room"
                                "|| document.activeElement.dataset.tool || document.activeElement.className")
    ana.one("body").send_keys(Keys.CONTROL + "k")
    assert active() == "filter", active()
    ana.key("book", Keys.ENTER)
    ana.is_in("Book circle")
    ana.until(lambda: active() == "text", "one can write at once")
    ana.key("typed without a mouse", Keys.ENTER)
    ana.sees("typed without a mouse")
    for _ in ("emoji", "attach", "log"):
        ana.key(Keys.SHIFT + Keys.TAB)
    ana.until(lambda: active() == "log", f"the messages have the focus, not {active()}")
    ana.key(Keys.ARROW_UP)
    ana.until(lambda: ana.script("return document.activeElement.querySelector?.('.text')?.textContent")
              == "typed without a mouse", "the last message has the focus")
    ana.key("e")
    ana.until(lambda: active() == "text", "is edited")
    ana.key(" at all", Keys.ENTER)
    ana.sees("typed without a mouse at all")
    ana.key(Keys.ALT + Keys.ARROW_DOWN)
    ana.until(lambda: ana.text("#room-name") != "Book circle", "goes to the next room")
    ana.press("#open-settings")
    ana.until_shows("dialog[open]")
    ana.key(Keys.ESCAPE)
    ana.until(lambda: not ana.shows("dialog[open]"), "Escape closes a dialog")


def test_less_motion_means_none(world):
    ana = world.ana
    ana.dark(False, less_motion=True)
    moving = ana.script("return document.getAnimations().filter((one) => one.playState === 'running').length")
    assert moving == 0, moving
    ana.dark(False)
