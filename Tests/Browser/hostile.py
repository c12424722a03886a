# SPDX-License-Identifier: MIT
"""What people with bad intentions write is shown as text; nothing of it is run."""

from selenium.webdriver.common.keys import Keys

CALL = "window.owned=1"


def strings():
    """Two hundred and more, made from what such lists consist of: places, tags, events, addresses, encodings."""
    tags = ["img src=x", "svg", "body", "iframe", "video src=x", "audio src=x", "input autofocus", "details open",
            "marquee", "object data=x", "embed src=x", "select autofocus", "textarea autofocus", "style", "math"]
    events = ["onerror", "onload", "onfocus", "ontoggle", "onstart", "onmouseover", "onanimationend"]
    found = [f"<{tag} {event}={CALL}>" for tag in tags for event in events]
    schemes = ["javascript:", "JaVaScRiPt:", "java\tscript:", "\x01javascript:", "data:text/html,", "vbscript:",
               "javascript&colon;", "//javascript:", "feed:javascript:", "blob:"]
    found += [f'<a href="{scheme}{CALL}">x</a>' for scheme in schemes]
    found += [f"{scheme}{CALL}" for scheme in schemes]
    found += [f'<iframe srcdoc="<script>{CALL}</script>">', f"<script>{CALL}</script>", f"<script src=//x></script>",
              f"</textarea><script>{CALL}</script>", f"</title><script>{CALL}</script>", f"--><script>{CALL}</script>",
              f"<scr<script>ipt>{CALL}</scr</script>ipt>", f"<SCRIPT>{CALL}</SCRIPT>", f"<script\n>{CALL}</script\n>",
              f"<svg><script>{CALL}</script></svg>", f"<svg><animate onbegin={CALL} attributeName=x dur=1s>",
              f"<math><mtext><table><mglyph><style><img src onerror={CALL}>", f"<noscript><p title='</noscript>"
              f"<img src=x onerror={CALL}>'>", f"<form action=javascript:{CALL}><button>", f"<base href=//evil.example>",
              f"<meta http-equiv=refresh content='0;url=javascript:{CALL}'>", f"<link rel=stylesheet href=//evil.example>",
              f"<template><script>{CALL}</script></template>", f"<xmp><p title='</xmp><img src onerror={CALL}>'>",
              f"${{{CALL}}}", f"{{{{{CALL}}}}}", f"{{{{constructor.constructor('{CALL}')()}}}}", f"<%= {CALL} %>",
              f"`${{{CALL}}}`", f"'-{CALL}-'", f"\"-{CALL}-\"", f"';{CALL}//", f"\\';{CALL}//", "__proto__",
              "constructor", "[object Object]", "undefined", "null", "NaN", "%00%0d%0aSet-Cookie: x=y",
              "&lt;script&gt;", "&#60;script&#62;", "\\u003cscript\\u003e", "\\x3cscript\\x3e", "+ADw-script+AD4-"]
    addresses = ["http://a\"onmouseover=\"x", "http://a'onclick='x", "http://a<script>", "https://a`b", "http://[::1",
                 "http://user:pass@evil.example/", "http://evil.example/\u202egpj.exe", "http://a\u200bb.example",
                 "http://\u0430pple.example/", "https://a.example/%0aSet-Cookie", "http://a.example/?q=<svg/onload=x>"]
    found += addresses
    found += [f"`{one}`" for one in ("<b>x</b>", f"<img src=x onerror={CALL}>", "</code><script>")]
    found += [f"```\n{one}\n```" for one in ("<b>x</b>", f"<img src=x onerror={CALL}>", "</pre><script>")]
    found += [f"@{one}" for one in ("<b>ana</b>", "ana\"onclick=x", "ana<script>", "__proto__")]
    found += ["\u202eesrever", "\u2066isolated", "\u2067\u2067\u2067open", "a\u202ab\u202bc\u202dd\u202e", "\u200f\u200e\u061c",
              "\ufeffbom", "zero\u200bwidth\u200djoin", "nul\x00nul", "bell\x07esc\x1b[31mred", "del\x7f c1\x85\x9b",
              "Z" + "\u0351\u0352\u0353" * 60, "\U000e0041\U000e0042 tags", "\ufdfd" * 40, "\u2028line\u2029para",
              "ﷺ " * 30, "👨‍👩‍👧‍👦" * 40, "W" * 900, "\U0001f3f4\U000e0067\U000e007f", "ffi ﬁ ſ", "\ud7ff\ue000\uffff"]
    assert len(found) >= 200 and len(set(found)) == len(found), len(found)
    return found


def test_two_hundred_hostile_strings_are_shown_as_text(world):
    ana = world.ana
    everything = strings()
    room = world.room("Hostile", ana, world.bo)
    writer = world.nc("mallory")
    writer.command(type="room.join", room=room)
    shown = {}

    def collect():
        for seq, text in ana.script("return [...document.querySelectorAll('#log .message[data-seq]')].map(r =>"
                                    " [r.dataset.seq, r.querySelector('.text').textContent])"):
            shown[int(seq)] = text
        return shown

    sent = {}
    for text in everything:
        sent[writer.say(room, text)] = text
        if len(sent) % 20 == 0:
            last = max(sent)
            ana.until(lambda: last in collect(), f"shows message {last}")
    last = max(sent)
    ana.until(lambda: last in collect(), "shows the last one")
    for seq, text in sent.items():
        plain = text.strip("`").strip("\n") if text.startswith("`") else text
        assert shown.get(seq) == plain, (text, shown.get(seq))
    nothing_ran(ana)
    links = ana.script("return [...document.querySelectorAll('#log a')].map(a => a.href)")
    assert all(link.startswith(("http://", "https://")) for link in links), links
    return f"{len(everything)} strings"


def test_hostile_names_are_shown_as_text_everywhere(world):
    ana, bo = world.ana, world.bo
    name = f"<img src=x onerror={CALL}>"
    writer = world.nc(name)
    writer.command(type="profile.update", display_name=f"<b onclick={CALL}>evil", status_text="<i>x</i>")
    writer.command(type="room.create", name=f"<svg onload={CALL}>", description=f"<script>{CALL}</script>")
    room = f"<svg onload={CALL}>"
    ana.join(room)
    bo.join(room)
    text = f"@{name} look"
    ana.type("@<img")
    ana.until_shows("#suggestions")
    ana.one("#text").send_keys(Keys.TAB + "look" + Keys.ENTER)
    bo.sees(text)
    writer.say(room, "quote me")
    ana.sees("quote me")
    ana.tool("quote me", "reply")
    ana.say("quoted")
    ana.react("quote me", "👍")
    ana.person(name)
    ana.close_dialog()
    ana.menu("settings")
    ana.close_dialog()
    ana.until(lambda: bo.type("x") or "bo" in ana.text("#typing-text"), "bo is typing")
    bo.one("#text").clear()
    writer.command(type="typing", room=room)
    for page in (ana, bo):
        page.panel("people")
        page.until(lambda: "<i>x</i>" in page.text("#side-body"), "shows the status as text")
        nothing_ran(page)


def nothing_ran(page):
    assert page.script("return window.owned") is None
    assert page.script("return document.querySelectorAll('#app img, #app svg[onload], #app iframe, #app script,"
                       " #app style, #app form[action], #app [onerror], #app [onclick]').length") == 0
    assert page.violations() == [], page.violations()
    assert page.console_errors() == []
