# SPDX-License-Identifier: MIT
"""Files and pictures: F1 to F6 of the checklist in the browser, and what is hostile about files."""

import hashlib
import os

from selenium.webdriver.common.keys import Keys

import samples


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
    ana.slow_uploads(700_000)
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
