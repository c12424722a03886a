# SPDX-License-Identifier: MIT
"""Ten thousand messages, and what the page weighs. Bytes and the size of the document are asserted; times are told."""

from history import long_room

COUNT = 10_000
LONGEST_DOCUMENT = 200

GAPS = """
    const log = document.querySelector('#log');
    const gaps = [];
    let last = performance.now();
    const step = async () => {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    };
"""


def test_ten_thousand_messages_are_scrolled_with_a_small_document(world):
    ana = world.ana
    room = long_room(world, "Endless", COUNT)
    ana.join(room)
    ana.sees(f"line {COUNT - 1}")
    # Upwards as fast as the pages come, until the beginning is in view.
    up = ana.asynchronous(GAPS + """
        let most = 0;
        const end = performance.now() + 90000;
        while (!document.querySelector('#log .intro') && performance.now() < end) {
          log.scrollTop -= 1500;
          await step();
          most = Math.max(most, document.querySelectorAll('#rows > *').length);
        }
        return { most, gaps: gaps.sort((a, b) => a - b), intro: Boolean(document.querySelector('#log .intro')) };""")
    assert up["intro"], "did not reach the beginning"
    assert up["most"] < LONGEST_DOCUMENT, up["most"]
    assert ana.count("line 0") == 1
    down = ana.asynchronous(GAPS + """
        let most = 0;
        while (log.scrollHeight - log.scrollTop - log.clientHeight > 5) {
          log.scrollTop += 900;
          await step();
          most = Math.max(most, document.querySelectorAll('#rows > *').length);
        }
        return { most, gaps: gaps.sort((a, b) => a - b), height: log.scrollHeight };""")
    assert down["most"] < LONGEST_DOCUMENT, down["most"]
    assert ana.count(f"line {COUNT - 1}") == 1
    gaps = down["gaps"]
    return (f"up {len(up['gaps'])} frames, longest {up['gaps'][-1]:.0f} ms; down {len(gaps)} frames, median "
            f"{gaps[len(gaps) // 2]:.0f} ms, longest {gaps[-1]:.0f} ms; at most {down['most']} rows")


def test_a_message_that_arrives_is_drawn_with_ten_thousand_loaded(world):
    ana = world.ana
    times = ana.asynchronous("""
        const times = [];
        for (let number = 0; number < 20; number++) {
          const text = document.querySelector('#text');
          text.value = `late ${number}`;
          text.dispatchEvent(new Event('input', { bubbles: true }));
          const begun = performance.now();
          document.querySelector('#composer').requestSubmit();
          const has = () => [...document.querySelectorAll('#log .text')].some((one) => one.textContent === `late ${number}`);
          while (!has()) await new Promise(requestAnimationFrame);
          times.push(performance.now() - begun);
        }
        return times.sort((a, b) => a - b);""")
    assert len(times) == 20
    return f"median {times[10]:.0f} ms, longest {times[-1]:.0f} ms"


def test_the_page_weighs_less_than_150_kB(world):
    visitor = world.guest("vera")
    visitor.driver.get(f"{world.server.url}?name=vera&room=general")
    visitor.press("#enter")
    visitor.connected()
    visitor.say("hello")
    visitor.sees("hello")
    told = visitor.script("""
        const files = performance.getEntriesByType('resource').filter((one) => !one.name.includes('/ws'));
        const all = [...files, ...performance.getEntriesByType('navigation')];
        return [all.reduce((sum, one) => sum + one.decodedBodySize, 0), all.length];""")
    assert told[0] < 150_000, told
    visitor.driver.refresh()
    visitor.sees("hello")
    times = visitor.script("""
        return [performance.getEntriesByName('first message')[0].startTime,
          performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd];""")
    world.leave("vera")
    return f"{told[0]} bytes in {told[1]} files; after a reload the first message is there in {times[0]:.0f} ms"
