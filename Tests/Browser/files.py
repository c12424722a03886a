# SPDX-License-Identifier: MIT
"""Files and pictures: F1 to F6 of the checklist in the browser, and what is hostile about files."""

import hashlib
import os

from selenium.webdriver.common.keys import Keys

import samples
from processes import Server


def folder(world):
    path = os.path.join(world.folder, "samples")
    os.makedirs(path, exist_ok=True)
    return path


def shown(page, name):
    """The file of that name in the conversation; its element has the id."""
    return page.script("return document.querySelector(`#log [data-attachment][title='${arguments[0]}']`)?.dataset.attachment", name)


def sends(page, *paths, caption=""):
    page.attach(*paths)
    if caption:
        page.type(caption)
    page.one("#text").send_keys(Keys.ENTER)


def download(world, page, name):
    """The bytes as a browser gets them: by the link that the page asks for, saved by a click."""
    into = os.path.join(world.folder, "downloads", page.name)
    os.makedirs(into, exist_ok=True)
    page.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=into)
    page.press(f"#log [data-attachment][title='{name}']")
    path = os.path.join(into, name)
    page.until(lambda: os.path.exists(path) and not os.path.exists(path + ".crdownload"), f"saves {name}")
    with open(path, "rb") as file:
        return file.read()


def test_F4_a_picture_is_sent_with_a_preview_and_looked_at(world):
    ana, bo = world.ana, world.bo
    room = world.room("Pictures", ana, bo)
    path = samples.write(folder(world), "hills.png", samples.picture(900, 600))
    sends(ana, path, caption="our **garden** <b>today</b>")
    for page in (ana, bo):
        page.until(lambda: shown(page, "hills.png"), "shows the picture")
        page.sees("our **garden** <b>today</b>")
        page.until(lambda: page.script("return document.querySelector('#log .picture img')?.naturalWidth") == 300,
                   "has drawn the preview")
    message = world.nc("looker").command(type="room.join", room=room) and \
        world.nc("looker").command(type="history", room=room)["messages"][-1]
    file = message["attachments"][0]
    content = open(path, "rb").read()
    assert (file["width"], file["height"], file["media_type"]) == (900, 600, "image/png"), file
    assert file["bytes"] == len(content) and file["sha256"] == hashlib.sha256(content).hexdigest(), file
    assert "data" not in file, "metadata only"
    bo.press("#log .picture")
    bo.until(lambda: bo.script("return document.querySelector('.viewer img')?.naturalWidth") == 900, "shows it large")
    bo.screenshot("image-viewer")
    bo.key(Keys.ESCAPE)
    bo.until(lambda: not bo.shows(".viewer"), "Escape closes it")
    assert bo.script("return document.activeElement.className") == "picture", "the focus is where it was"
    assert bo.violations() == [] and ana.violations() == []


def test_F2_progress_is_shown_and_the_chat_goes_on_meanwhile(world):
    ana, bo = world.ana, world.bo
    world.room("Progress", ana, bo)
    path = samples.write(folder(world), "large.bin", os.urandom(4_900_000))
    ana.slow_uploads(250_000)
    sends(ana, path, caption="takes a while")
    ana.until(lambda: 10 < ana.progress("large.bin") < 95, "shows how far it is")
    assert ana.tick("takes a while") == "pending"
    ana.screenshot("upload-in-progress")
    ana.say("meanwhile")
    bo.sees("meanwhile")
    assert ana.shows("[data-sending='large.bin']"), "it is still on its way"
    ana.slow_uploads(-1)
    bo.sees("takes a while")
    bo.until(lambda: shown(bo, "large.bin"), "has the file")
    assert "4.9 MB" in bo.text("#log .attachment")
    ana.tick_becomes("takes a while", "read")


def test_F2_several_files_go_with_one_message_and_one_is_taken_back(world):
    ana, bo = world.ana, world.bo
    world.room("Several", ana, bo)
    paths = [samples.write(folder(world), f"{name}.png", samples.picture(320, 320, seed)) for seed, name in enumerate("abc")]
    paths.append(samples.write(folder(world), "plan.txt", b"dig here\n"))
    ana.attach(*paths)
    ana.until(lambda: len(ana.texts("#tray .sending")) == 4, "shows four in the tray")
    ana.press("[data-cancel='b.png']")
    ana.until(lambda: len(ana.texts("#tray .sending")) == 3, "takes one back")
    ana.open("general")
    assert not ana.shows("#tray .sending"), "the tray belongs to its room"
    ana.open("Several " + str(world.rooms))
    ana.until(lambda: len(ana.texts("#tray .sending")) == 3, "keeps the tray")
    ana.one("#text").send_keys(Keys.ENTER)
    bo.until(lambda: all(shown(bo, name) for name in ("a.png", "c.png", "plan.txt")), "has all three")
    assert not shown(bo, "b.png")
    assert ana.script("return document.querySelectorAll('#log .message').length") == 1, "in one message"
    assert not ana.shows("#tray .sending")
    bo.press("#log .picture")
    bo.until(lambda: bo.text(".viewer header span") == "1 / 2", "counts the pictures")
    bo.key(Keys.ARROW_RIGHT)
    bo.until(lambda: "c.png" in bo.text(".viewer h2"), "goes to the next one")
    bo.key(Keys.ESCAPE)


def test_F2_an_upload_goes_on_where_it_was_when_the_server_was_restarted(world):
    ana, bo = world.ana, world.bo
    world.room("Restart", ana, bo)
    content = os.urandom(4_800_000)
    path = samples.write(folder(world), "resumed.bin", content)
    ana.script("window.sentBytes = []; const send = XMLHttpRequest.prototype.send;"
               "XMLHttpRequest.prototype.send = function (body) {"
               "  sentBytes.push(body?.size ?? 0); return send.call(this, body); };")
    ana.slow_uploads(900_000)
    sends(ana, path, caption="over a restart")
    ana.until(lambda: ana.progress("resumed.bin") > 40, "is in the middle")
    world.restart()
    ana.slow_uploads(-1)
    ana.connected()
    bo.sees("over a restart")
    assert download(world, bo, "resumed.bin") == content, "byte for byte"
    sent = ana.script("return sentBytes.reduce((sum, one) => sum + one, 0)")
    # Two pieces at most were sent again, not the whole file.
    assert sent <= len(content) + 2 * (1 << 20), sent
    assert ana.script("return document.querySelectorAll('#log .message').length") == 1, "once"
    return f"{sent} bytes sent for {len(content)}"


def test_F1_limits_of_the_server_are_told_in_words_in_both_languages(world):
    ana = world.ana
    world.room("Limits", ana)
    large = samples.write(folder(world), "too-large.bin", b"x" * 5_000_001)
    empty = samples.write(folder(world), "empty.txt", b"")
    said = {}
    for language in ("id", "en"):
        ana.settings()
        ana.fill("dialog [data-testid=language]", language)
        for path, name in ((large, "too-large.bin"), (empty, "empty.txt")):
            ana.attach(path)
            ana.until(lambda: name in ana.text("#toast"), f"says something of {name}")
            said[language, name] = ana.text("#toast")
    assert said["en", "too-large.bin"] == "too-large.bin is too large: files have at most 5 MB here.", said
    assert said["id", "too-large.bin"].startswith("too-large.bin terlalu besar"), said
    assert "empty" in said["en", "empty.txt"] and "kosong" in said["id", "empty.txt"], said
    assert not ana.shows("#tray .sending")
    # The page believes it, the server does not: what it refuses is told where the file stands.
    ana.asynchronous("""
        const { uploadsOf } = await import('/uploads.js');
        window.realFetch = window.fetch;
        window.fetch = (url, more) => more?.method === 'POST' && String(url).endsWith('/uploads')
          ? realFetch(url, { ...more, body: JSON.stringify({ ...JSON.parse(more.body), bytes: 6_000_000 }) })
          : realFetch(url, more);""")
    for language, words in (("en", "too large"), ("id", "terlalu besar")):
        ana.settings()
        ana.fill("dialog [data-testid=language]", language)
        ana.attach(samples.write(folder(world), "liar.bin", b"x" * 40))
        ana.until(lambda: words in ana.text("#tray [role=alert]"), f"says so in {language}")
        ana.one("#text").send_keys(Keys.ENTER)
        assert ana.shows("#tray .sending") and not ana.texts("#log .message"), "a file that cannot go is not sent"
        ana.press("[data-cancel='liar.bin']")
        ana.until(lambda: not ana.shows("#tray .sending"), "is taken back")
    ana.script("window.fetch = realFetch")
    ana.settings()
    ana.fill("dialog [data-testid=language]", "en")
    assert ana.texts("#log .message") == []


def test_F1_what_the_server_counts_and_hashes_decides(world):
    """A page that lies about length and hash is found out by the bytes."""
    ana = world.ana
    world.room("Liars", ana)
    told = ana.asynchronous("""
        const token = localStorage.getItem('chat.token.ana');
        const room = sessionStorage.getItem('chat.open');
        const ask = (method, path, body, more) => fetch(`/api${path}`, {
          method, body, headers: { Authorization: `Bearer ${token}`, ...more } });
        const begin = async (draft) => (await (await ask('POST', `/rooms/${room}/uploads`, JSON.stringify(draft))).json());
        const code = async (response) => (await response.json()).error.code;
        const long = await begin({ name: 'a', bytes: 3 });
        const hashed = await begin({ name: 'b', bytes: 3, sha256: '0'.repeat(64) });
        return [await code(await ask('PATCH', `/uploads/${long.id}`, 'abcd', { 'Upload-Offset': '0' })),
          await code(await ask('PATCH', `/uploads/${hashed.id}`, 'abc', { 'Upload-Offset': '0' })),
          await code(await ask('POST', `/rooms/${room}/uploads`, JSON.stringify({ name: 'c', bytes: 5_000_001 })))];""")
    assert told == ["size_mismatch", "hash_mismatch", "file_too_large"], told
    ana.driver.get_log("browser")


def test_F3_a_file_is_the_same_later_after_a_restart_and_for_members_only(world):
    ana, bo = world.ana, world.bo
    room = world.room("Archive", ana, bo)
    content = os.urandom(300_000)
    sends(ana, samples.write(folder(world), "archive.dat", content))
    bo.until(lambda: shown(bo, "archive.dat"), "has the card")
    file = shown(bo, "archive.dat")
    world.restart()
    bo.connected()
    assert download(world, bo, "archive.dat") == content
    stranger = world.cy
    status = stranger.asynchronous(f"""
        const response = await fetch('/api/rooms/{room.replace(' ', '%20')}/files/{file}', {{
          headers: {{ Authorization: `Bearer ${{localStorage.getItem('chat.token.cy')}}` }} }});
        return response.status;""")
    stranger.driver.get_log("browser")
    assert status == 404, status


def test_F4_a_photograph_is_turned_as_its_exif_says(world):
    ana, bo = world.ana, world.bo
    room = world.room("Turned", ana, bo)
    # Red left, blue right, to be turned by 90 degrees: red comes on top.
    sends(ana, samples.write(folder(world), "turned.jpg", samples.turned_jpeg(ana, 800, 400)))
    bo.until(lambda: bo.script("return document.querySelector('#log .picture img')?.complete"), "shows it")
    reader = world.nc("turner")
    reader.command(type="room.join", room=room)
    file = reader.command(type="history", room=room)["messages"][-1]["attachments"][0]
    assert (file["width"], file["height"]) == (400, 800), file
    # What the uploader made is turned too.
    colours = ana.asynchronous("""
        const { describe } = await import('/picture.js');
        const { linkTo } = await import('/links.js');
        const token = localStorage.getItem('chat.token.ana');
        const path = `/api/rooms/${sessionStorage.getItem('chat.open')}/files/${arguments_[0]}/preview`;
        const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
        const bitmap = await createImageBitmap(await response.blob());
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext('2d');
        context.drawImage(bitmap, 0, 0);
        const at = (y) => [...context.getImageData(bitmap.width / 2, y, 1, 1).data];
        return [bitmap.width, bitmap.height, at(20), at(bitmap.height - 20)];""", file["id"])
    assert colours[:2] == [150, 300], colours
    assert colours[2][0] > 200 > 60 > colours[2][2], colours
    assert colours[3][2] > 200 > 60 > colours[3][0], colours
    box = bo.script("const r = document.querySelector('#log .picture').getBoundingClientRect(); return [r.width, r.height]")
    assert abs(box[1] - 2 * box[0]) < 2, box


NAMES = ["../../etc/passwd", "..", "a:b.txt", "C:\\x\\autoexec.bat", "x" * 300 + ".txt", "📎 emoji 🎉.txt", "a\u202etxt.exe",
         "<img src=x onerror=window.owned=1>.txt", "\x01\x1b[31m.txt", "con", "%2e%2e%2f", "\"; rm -rf ~; \".txt", "  ", ".htaccess"]


def test_F5_names_of_all_kinds_are_shown_safely(world):
    ana, bo = world.ana, world.bo
    room = world.room("Names", ana, bo)
    # Names that no disk here would take: made in the page.
    for name in NAMES:
        ana.asynchronous("""
            const transfer = new DataTransfer();
            transfer.items.add(new File(['text'], arguments_[0], { type: 'text/html' }));
            document.querySelector('#room').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }));
        """, name)
        ana.until(lambda: ana.shows("#tray .sending"), f"takes {name!r}")
        ana.press("#send")
        ana.until(lambda: not ana.shows("#tray .sending"), "is sent")
    count = len(NAMES)
    bo.until(lambda: bo.script("return document.querySelectorAll('#log .attachment').length") == count, "has all of them")
    reader = world.nc("namer")
    reader.command(type="room.join", room=room)
    stored = [one["attachments"][0]["name"] for one in reader.command(type="history", room=room)["messages"] if one.get("attachments")]
    seen = bo.script("return [...document.querySelectorAll('#log .attachment-name')].map(e => e.textContent)")
    assert sorted(seen) == sorted(stored), (seen, stored)
    for name in stored:
        assert name and "/" not in name and "\\" not in name and "\u202e" not in name and name.isprintable(), name
        assert len(name.encode()) <= 255, name
    assert bo.script("return window.owned") is None
    assert bo.script("return document.querySelectorAll('#log img').length") == 0
    assert ana.violations() == [] and bo.violations() == []


def test_F6_file_messages_take_receipts_reactions_replies_and_deletes(world):
    ana, bo = world.ana, world.bo
    world.room("Deeds", ana, bo)
    sends(ana, samples.write(folder(world), "deed.png", samples.picture(200, 150)), caption="the deed")
    bo.until(lambda: shown(bo, "deed.png"), "shows it")
    ana.tick_becomes("the deed", "read")
    bo.react("the deed", "🎉")
    ana.until(lambda: ana.of("the deed", ".reaction") == ["🎉 1"], "a reaction")
    bo.tool("the deed", "reply")
    bo.say("nice")
    ana.sees("nice")
    sends(ana, samples.write(folder(world), "bare.txt", b"no caption"))
    bo.until(lambda: shown(bo, "bare.txt"), "shows it")
    bo.until(lambda: "📎 bare.txt" in bo.text("#room-list [aria-current=true] .preview"), "the list names the file")
    bo.script("document.querySelector(`[title='bare.txt']`).closest('.message').focus()")
    bo.press("#log [data-tool=reply]")
    bo.until(lambda: "📎 bare.txt" in bo.text("#context-text"), "a reply quotes the file's name")
    bo.say("thanks")
    file = shown(bo, "deed.png")
    status = lambda: bo.asynchronous(f"""
        const response = await fetch(`/api/rooms/${{sessionStorage.getItem('chat.open')}}/files/{file}`, {{
          cache: 'no-store', headers: {{ Authorization: `Bearer ${{localStorage.getItem('chat.token.bo')}}` }} }});
        return response.status;""")
    assert status() == 200
    ana.tool("the deed", "delete")
    ana.confirm()
    bo.until(lambda: not shown(bo, "deed.png"), "the picture is gone")
    bo.sees("This message was deleted.")
    bo.until(lambda: status() == 404, "and so is the file")
    bo.driver.get_log("browser")


def test_F6_a_failed_upload_is_told_and_can_be_tried_again(world):
    ana, bo = world.ana, world.bo
    world.room("Failing", ana, bo)
    ana.script("""
        window.realFetch = window.fetch;
        window.fetch = (url, more) => !String(url).endsWith('/uploads') ? realFetch(url, more) : new Promise((resolve) => {
          window.refuse = () => resolve(new Response('{"error":{"code":"quota_exceeded","message":"no"}}', { status: 413 }));
        });""")

    def refused(place):
        ana.until(lambda: ana.script("const refuse = window.refuse; delete window.refuse; refuse?.(); return Boolean(refuse)"),
                  "asks the server")
        ana.until(lambda: "take up all the room" in ana.text(f"{place} .sending [role=alert]"), "says why")
    ana.attach(samples.write(folder(world), "second-try.txt", b"second try"))
    ana.type("tried three times")
    refused("#tray")
    assert ana.script("return document.querySelector('#send').disabled"), "nothing goes without its file"
    ana.press("#tray .sending .link")
    ana.until(lambda: not ana.script("return document.querySelector('#send').disabled"), "tries again")
    ana.one("#text").send_keys(Keys.ENTER)
    refused("#log")
    ana.until(lambda: "take up all the room" in ana.text("#log .failure"), "says so at the message")
    ana.script("window.fetch = realFetch")
    ana.press("#log .failure button")
    bo.sees("tried three times")
    bo.until(lambda: shown(bo, "second-try.txt"), "has the file")
    assert ana.script("return document.querySelectorAll('#log .message').length") == 1


def test_files_are_dropped_and_pasted(world):
    ana, bo = world.ana, world.bo
    world.room("Dropped", ana, bo)
    give = """
        const transfer = new DataTransfer();
        transfer.items.add(new File([arguments_[0]], arguments_[1], { type: 'image/png' }));
        if (arguments_[3]) transfer.setData('text/plain', 'cells');
        const event = arguments_[2] === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
          : new DragEvent(arguments_[2], { dataTransfer: transfer, bubbles: true, cancelable: true });
        document.querySelector('#text').dispatchEvent(event);
        return event.defaultPrevented;"""
    assert ana.asynchronous(give, "over", "over.png", "dragover", False)
    ana.asynchronous("const { stylesheet } = await import('/dom.js'); await stylesheet('files.css')")
    assert "dropping" in ana.script("return document.body.className")
    ana.screenshot("drop")
    assert ana.asynchronous(give, "dropped", "dropped.txt", "drop", False)
    assert "dropping" not in ana.script("return document.body.className")
    assert ana.asynchronous(give, "pasted", "pasted.txt", "paste", False)
    assert not ana.asynchronous(give, "table", "cells.png", "paste", True), "text is pasted as text"
    ana.until(lambda: len(ana.texts("#tray .sending")) == 2, "has two files")
    ana.press("#send")
    bo.until(lambda: shown(bo, "dropped.txt") and shown(bo, "pasted.txt"), "has both")


def test_sounds_and_films_are_played(world):
    ana, bo = world.ana, world.bo
    world.room("Players", ana, bo)
    sends(ana, samples.write(folder(world), "tone.wav", samples.sound()))
    sends(ana, samples.write(folder(world), "film.webm", samples.film(ana)))
    for kind in ("audio", "video"):
        bo.until(lambda: bo.script(f"return document.querySelector('#log {kind}')?.readyState") or 0 >= 1, f"has the {kind}")
        assert bo.script(f"return document.querySelector('#log {kind}').getAttribute('aria-label')")
    duration = bo.script("return document.querySelector('#log audio').duration")
    assert 0.9 < duration < 1.1, duration
    bo.asynchronous("await document.querySelector('#log video').play()")
    bo.until(lambda: bo.script("return document.querySelector('#log video').currentTime") > 0, "it plays")
    bo.screenshot("players")
    assert bo.violations() == []


def test_the_keyboard_sends_opens_and_saves_files(world):
    ana = world.ana
    world.room("Keys", ana)
    ana.attach(samples.write(folder(world), "keys.png", samples.picture(400, 300)))
    ana.until_shows("#tray .sending")
    nameless = ana.script("""
        return [...document.querySelectorAll('#composer button, #tray [role=progressbar]')].filter((one) =>
          !(one.getAttribute('aria-label') || one.textContent.trim())).map((one) => one.outerHTML);""")
    assert nameless == [], nameless
    assert ana.script("return document.activeElement.id") == "text", "one writes on"
    ana.key(Keys.ENTER)
    ana.until(lambda: shown(ana, "keys.png"), "shows it")
    ana.until(lambda: ana.script("return document.querySelector('#log .picture img').complete"), "has loaded it")
    label = ana.script("return document.querySelector('#log .picture').getAttribute('aria-label')")
    assert label == "Picture: keys.png. Show large", label
    ana.script("document.querySelector('#log .picture').focus()")
    ana.key(Keys.ENTER)
    ana.until(lambda: ana.script("return document.querySelector('.viewer img')?.naturalWidth") == 400, "opens")
    assert ana.script("return document.activeElement.dataset.act") == "close-viewer"
    ana.key(Keys.ESCAPE)
    ana.until(lambda: not ana.shows(".viewer"), "closes")
    assert ana.script("return document.activeElement.className") == "picture"


def test_hostile_files_are_shown_as_what_they_are_and_nothing_runs(world):
    ana, bo = world.ana, world.bo
    world.room("Hostile files", ana, bo)
    hostile = {"scripted.svg": samples.SCRIPTED_SVG, "scripted.html": samples.SCRIPTED_HTML, "really-html.png": samples.SCRIPTED_HTML,
               "bomb.png": samples.bomb(), "cut.png": samples.picture(60, 60)[:70], "page.xhtml": samples.SCRIPTED_HTML,
               "code.js": samples.CALL.encode(), "gifar.gif": b"GIF89a" + samples.SCRIPTED_HTML}
    for name, content in hostile.items():
        sends(ana, samples.write(folder(world), name, content))
        bo.until(lambda: shown(bo, name), f"shows {name}")
    # A client that lies: a bomb that says it is small, with a preview that is one too.
    liar = world.nc("liar")
    room = bo.text("#room-name")
    liar.command(type="room.join", room=room)
    bomb = samples.bomb()
    lie = liar.upload(room, "lie.png", bomb, width=300, height=200)
    liar.say(room, "", attachments=[lie])
    bo.until(lambda: bo.script("return document.querySelector(`#log .attachment[title='lie.png']`) !== null"),
             "shows a card instead of the picture")
    assert bo.script("return document.querySelectorAll('#log img').length") == 0, "none of them is drawn"
    for page in (ana, bo):
        assert page.script("return window.owned") is None
        assert page.violations() == [], page.violations()
        assert page.console_errors() == []
    # Opened by themselves, in a tab: saved or shown as text, never run.
    first = bo.driver.current_window_handle
    links = bo.asynchronous("""
        const found = {};
        const token = localStorage.getItem('chat.token.bo');
        const room = sessionStorage.getItem('chat.open');
        for (const one of document.querySelectorAll('#log [data-attachment]')) {
          const response = await fetch(`/api/rooms/${room}/files/${one.dataset.attachment}/link`, {
            method: 'POST', headers: { Authorization: `Bearer ${token}` } });
          found[one.title] = (await response.json()).url;
        }
        return found;""")
    assert set(hostile) | {"lie.png"} == set(links), links
    for name, url in links.items():
        answer = world.server.get(url.lstrip("/"))
        assert answer == hostile.get(name, bomb), name
        if name in ("bomb.png", "lie.png"):
            continue
        bo.driver.switch_to.new_window("tab")
        bo.driver.get(world.server.url.rstrip("/") + url)
        assert bo.script("return window.owned") is None, name
        bo.driver.close()
        bo.driver.switch_to.window(first)
    return f"{len(links)} files"


def test_a_message_with_files_waits_for_the_network(world):
    ana, bo = world.ana, world.bo
    world.room("Waiting", ana, bo)
    world.server.kill()
    for name in list(world.people):
        world.drop(name)
    ana.until(lambda: ana.text("#banner") != "Connected", "has lost the connection")
    sends(ana, samples.write(folder(world), "waits.txt", b"it waits"), caption="sent while away")
    ana.until(lambda: "waiting" in ana.text("#log .sending") or "getting ready" in ana.text("#log .sending"), "waits")
    world.server.start()
    ana.connected()
    bo.connected()
    bo.sees("sent while away")
    assert download(world, bo, "waits.txt") == b"it waits"
    ana.driver.get_log("browser")


def test_a_server_without_files_offers_none(world):
    bare = Server(world.server.binary, "memory", world.server.log, *world.server.more)
    bare.start()
    guest = world.guest("bare")
    guest.home = bare.url
    try:
        guest.enter(bare.url)
        guest.say("words only")
        guest.tick_becomes("words only", "sent")
        assert not guest.shows("#attach")
    finally:
        world.leave("bare")
        bare.stop()


def test_F2_a_reload_goes_on_with_an_upload(world):
    ana, bo = world.ana, world.bo
    world.room("Reload", ana, bo)
    content = os.urandom(4_700_000)
    ana.slow_uploads(250_000)
    sends(ana, samples.write(folder(world), "reloaded.bin", content), caption="over a reload")
    ana.until(lambda: ana.progress("reloaded.bin") > 5, "is on its way")
    # As a reload that the person confirms.
    ana.script("addEventListener('beforeunload', (event) => event.stopImmediatePropagation(), true)")
    ana.slow_uploads(-1)
    ana.driver.refresh()
    ana.connected()
    bo.sees("over a reload")
    assert download(world, bo, "reloaded.bin") == content
    assert ana.script("return document.querySelectorAll('#log .message').length") == 1
    keys = """
        const database = await new Promise((resolve) => {
          const request = indexedDB.open('chat.files');
          request.onsuccess = () => resolve(request.result);
        });
        const request = database.transaction('chat.files').objectStore('chat.files').getAllKeys();
        await new Promise((resolve) => { request.onsuccess = resolve; });
        database.close();
        return request.result;"""
    ana.until(lambda: ana.asynchronous(keys) == [], "the browser keeps none of them")
