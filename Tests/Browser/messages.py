# SPDX-License-Identifier: MIT
"""What one can do with messages."""

from selenium.webdriver.common.keys import Keys


def test_texts_show_links_code_emoji_and_lines(world):
    ana, bo = world.ana, world.bo
    world.room("Texts", ana, bo)
    ana.say("see https://example.com/a_(b)?q=1. or (https://example.org), not javascript:alert(1)")
    text = "see https://example.com/a_(b)?q=1. or (https://example.org), not javascript:alert(1)"
    bo.sees(text)
    links = bo.script("return [...document.querySelectorAll('#log a')].map(a => [a.getAttribute('href'), a.rel])")
    assert [href for href, _ in links] == ["https://example.com/a_(b)?q=1", "https://example.org"], links
    assert all("noopener" in rel for _, rel in links), links
    ana.say("run `make test` now")
    bo.sees("run make test now")
    assert bo.of("run make test now", "code") == ["make test"]
    ana.type("two")
    ana.one("#text").send_keys(Keys.SHIFT + Keys.ENTER)
    ana.say("lines")
    bo.sees("two\nlines")
    ana.say("🎉")
    bo.sees("🎉")
    assert bo.script("return document.querySelectorAll('#log .big').length") == 1


def test_messages_are_grouped_by_sender_and_day(world):
    ana, bo = world.ana, world.bo
    world.room("Groups", ana, bo)
    for text in ("one", "two"):
        ana.say(text)
        bo.sees(text)
    bo.say("three")
    ana.sees("three")
    first = bo.script("return [...document.querySelectorAll('#log .message')].map(r => r.classList.contains('first'))")
    assert first == [True, False, True], first
    assert bo.texts("#log .head") == ["ana"]
    assert bo.texts("#log .day") == ["Today"]


def test_edit_reply_react_and_delete_are_seen_by_all(world):
    ana, bo = world.ana, world.bo
    world.room("Edits", ana, bo)
    ana.say("one more")
    ana.tool("one more", "edit")
    ana.until(lambda: ana.one("#text").get_attribute("value") == "one more", "has the text to edit")
    ana.one("#text").clear()
    ana.say("one less")
    for page in (ana, bo):
        page.sees("one less")
        assert page.count("one more") == 0
        assert "edited" in page.of("one less", ".meta")[0]
    bo.tool("one less", "reply")
    assert bo.text("#context-text strong") == "Reply to ana"
    bo.say("an answer")
    ana.sees("an answer")
    assert ana.of("an answer", ".quote") == ["anaone less"]
    bo.react("one less", "🎉")
    ana.until(lambda: ana.of("one less", ".reaction") == ["🎉 1"], "a reaction")
    ana.act("one less", ".reaction")
    bo.until(lambda: bo.of("one less", ".reaction") == ["🎉 2"], "two reactions")
    bo.act("one less", ".reaction")
    ana.until(lambda: ana.of("one less", ".reaction") == ["🎉 1"], "one again")
    ana.tool("one less", "delete")
    ana.confirm()
    bo.sees("This message was deleted.")
    assert bo.count("one less") == 0
    bo.until(lambda: bo.of("an answer", ".quote") == ["a deleted message"], "the reply says so")
    bo.one("#text").send_keys(Keys.ARROW_UP)
    bo.until(lambda: bo.one("#text").get_attribute("value") == "an answer", "the last own one is edited with ↑")
    bo.one("#text").send_keys(Keys.ESCAPE)
    assert bo.one("#text").get_attribute("value") == ""


def test_pins_are_listed_and_lead_to_their_message(world):
    ana, bo = world.ana, world.bo
    world.room("Pins", ana, bo)
    ana.say("keep this")
    ana.sees("keep this")
    ana.tool("keep this", "pin")
    bo.panel("pins")
    bo.until(lambda: bo.texts("[data-pin] .excerpt") == ["keep this"], "lists the pin")
    bo.press("[data-pin]")
    bo.until(lambda: bo.script("return document.activeElement.querySelector('.text')?.textContent") == "keep this",
             "goes to the message")
    ana.tool("keep this", "pin")
    bo.until(lambda: not bo.texts("[data-pin]"), "lists it no more")
    bo.panel("people")


def test_a_mention_is_completed_and_marked(world):
    ana, bo = world.ana, world.bo
    room = world.room("Mentions", ana, bo)
    bo.open("general")
    ana.type("hello @b")
    ana.until_shows("#suggestions")
    ana.one("#text").send_keys(Keys.TAB)
    ana.until(lambda: ana.one("#text").get_attribute("value") == "hello @bo ", "completes the name")
    ana.type("and mail@bo.example")
    ana.one("#text").send_keys(Keys.ENTER)
    bo.until(lambda: bo.unread(room) == "@ 1", "the list shows the mention")
    bo.open(room)
    bo.sees("hello @bo and mail@bo.example")
    assert bo.of("hello @bo and mail@bo.example", ".mention") == ["@bo"]
    assert bo.script("return document.querySelectorAll('#log .named').length") == 1
    ana.type(":roc")
    ana.until_shows("#suggestions")
    ana.one("#text").send_keys(Keys.ENTER)
    ana.until(lambda: ana.one("#text").get_attribute("value") == "🚀 ", "completes an emoji")
    ana.one("#text").clear()


def test_a_text_that_is_too_long_is_told_before_it_is_sent(world):
    ana = world.ana
    ana.fill("#text", "x" * 4003)
    ana.until(lambda: ana.text("#too-long") == "3 characters too many", "says so")
    assert ana.script("return document.querySelector('#send').disabled")
    ana.fill("#text", "")


def test_attachments_of_a_message_are_cards(world):
    ana = world.ana
    texts = ana.asynchronous("""
        const { fillBox } = await import('/files.js');
        const box = document.createElement('div');
        fillBox(box, { seq: 1 }, [
          { id: 'a', name: '<b>../plan.pdf', bytes: 1400000, media_type: 'application/pdf' },
          { id: 'b', name: 'vector.svg', bytes: 900, media_type: 'image/svg+xml', width: 40, height: 30 },
          { id: 'c', name: 'song', bytes: 5, media_type: 'audio/amr', duration_ms: 61500 }], {}, 'r');
        return [...box.children].map((card) => card.textContent);""")
    assert texts == ["<b>../plan.pdfAttachment · 1.4 MB", "vector.svgPicture · 900 byte · 40 × 30",
                     "songAudio · 5 byte · 1:02"], texts


def test_M8_reading_history_has_no_side_effects(world):
    ana, bo = world.ana, world.bo
    room = world.room("Quiet", ana)
    ana.say("from before")
    ana.tick_becomes("from before", "sent")
    sounds = bo.script("return watched.sounds")
    bo.join(room)
    bo.sees("from before")
    bo.open("general")
    bo.open(room)
    bo.panel("search")
    bo.fill("[data-testid=search]", "before")
    bo.until(lambda: len(bo.texts("[data-hit]")) == 1, "finds the message")
    bo.panel("people")
    assert bo.script("return watched.sounds") == sounds
    assert bo.script("return watched.notifications.length") == 0
    assert bo.unread(room) == ""
