# SPDX-License-Identifier: MIT
"""The page's pure modules, run inside the browser that they are for."""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


def test_the_reducer_equals_a_model(world):
    with open(os.path.join(HERE, "reducer.js"), encoding="utf-8") as file:
        problem = world.ana.driver.execute_async_script(file.read())
    assert not problem, problem


def test_both_languages_say_everything(world):
    problems = world.ana.asynchronous("""
        const both = async (tag) => ({ ...(await import(`/strings-${tag}.js`)).strings,
          ...(await import(`/strings-more-${tag}.js`)).strings });
        const en = await both('en');
        const strings = await both('id');
        const problems = [];
        const holes = (text) => [...new Set([text].flat().join(' ').match(/\\{\\w+\\}/g) ?? [])].sort().join();
        for (const key of new Set([...Object.keys(en), ...Object.keys(strings)])) {
          // The server speaks English: what it says needs no other words there.
          if (key.startsWith('error_') && !en[key]) continue;
          if (!en[key] || !strings[key]) problems.push(`${key} is missing`);
          else if (Array.isArray(en[key]) !== Array.isArray(strings[key])) problems.push(`${key}: one, many`);
          else if (holes(en[key]) !== holes(strings[key])) problems.push(`${key}: ${holes(strings[key])}`);
        }
        return problems;""")
    assert problems == [], problems


def test_every_string_is_used(world):
    keys = world.ana.asynchronous("return [...Object.keys((await import('/strings-en.js')).strings),"
                                  "  ...Object.keys((await import('/strings-more-en.js')).strings)];")
    names = world.ana.asynchronous("""
        const seen = new Set(['/', '/main.js']);
        for (const path of seen) {
          const text = await (await fetch(path)).text();
          for (const [, name] of text.matchAll(/["(`]\\.?\\/?([a-z-]+\\.js)["`]/g)) seen.add(`/${name}`);
        }
        return [...seen];""")
    texts = [world.server.get(name.lstrip("/")).decode() for name in names if "strings" not in name]
    whole = "\n".join(texts)
    assert len(texts) > 30, names
    unused = [key for key in keys
              if f'"{key}"' not in whole and not (key.startswith("emoji") and f"{key}:" in whole)
              and not key.startswith("error_")]
    assert unused == [], unused


def test_every_error_of_the_protocol_has_indonesian_words(world):
    with open(os.path.join(HERE, "..", "..", "docs", "protocol.md"), encoding="utf-8") as file:
        section = file.read().split("\n## Errors\n")[1].split("\n## ")[0]
        file.seek(0)
        closed = set(re.findall(r"^\| 4\d+ \| `(\w+)` \|", file.read(), re.MULTILINE))
    codes = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert len(codes) > 60, codes
    told = {tag: set(world.ana.asynchronous(
        "return Object.keys((await import(`/strings-more-${arguments_[0]}.js`)).strings)"
        ".filter((key) => key.startsWith('error_')).map((key) => key.slice(6))", tag)) for tag in ("id", "en")}
    assert codes - told["id"] == set(), "without words"
    for tag in told:
        assert told[tag] - codes - closed == set(), "of no such error"


def test_the_pieces_of_a_text(world):
    got = world.ana.asynchronous("""
        const { pieces, mentions, isBig } = await import('/text.js');
        const { highlighted } = await import('/search.js');
        const cut = (text, names = []) => pieces(text, names).map((p) => `${p.kind}:${p.text}`).join('|');
        return [cut('plain'), cut('`a` and ```\\nb\\n```'), cut('see http://a.b/c.'), cut('(http://a.b/c_(d))'),
          cut('http://evil.example/\\u202egpj.exe'), cut('https://'), cut('data:text/html,x javascript:1 ftp://x'),
          cut('@ana @anabel x@ana', ['ana', 'anabel']), cut('@Ana Lund!', ['ana lund']),
          mentions('hi @BO', { name: 'bo' }), mentions('hi @bob', { name: 'bo' }), mentions('x@bo', { name: 'bo' }),
          highlighted('🙂 egg', [[2, 5]]).map((p) => `${p.kind}:${p.text}`).join('|'),
          isBig('🎉👍🏽'), isBig('🎉 x'), isBig('3')];""")
    assert got == [
        "text:plain", "code:a|text: and |block:b", "text:see |link:http://a.b/c|text:.",
        "text:(|link:http://a.b/c_(d)|text:)", "link:http://evil.example/|text:\u202egpj.exe", "text:https://",
        "text:data:text/html,x javascript:1 ftp://x", "mention:@ana|text: |mention:@anabel|text: x@ana",
        "mention:@Ana Lund|text:!", True, False, False, "text:🙂 |mark:egg|text:", True, False, False], got


def test_initials_and_colours(world):
    got = world.ana.asynchronous("""
        const { hash, initials, tintOf } = await import('/avatar.js');
        return [hash(''), hash('a'), hash('foobar'), tintOf('u_1'), ['Ana Lund', 'bo', '  ', 'jean-luc picard',
          '王小明', '👩‍🚀 space', '_x', '<script>'].map(initials)];""")
    assert got[:3] == [0x811C9DC5, 0xE40C292C, 0xBF9CF968], got
    assert got[4] == ["AL", "B", "?", "JP", "王", "👩‍🚀S", "X", "S"], got


def test_the_typing_line(world):
    got = world.ana.asynchronous("""
        const { typingText } = await import('/signals.js');
        const names = ['A', 'B', 'C', 'D', 'E'];
        return [0, 1, 2, 3, 5].map((count) => typingText(names.slice(0, count).map((name) => ({ name }))));""")
    assert got == ["", "A is typing", "A and B are typing", "A, B and 1 other are typing",
                   "A, B and 3 others are typing"], got


def test_the_tokens_of_an_account_are_kept_renewed_and_forgotten(world):
    got = world.ana.asynchronous("""
        const { Tokens } = await import('/tokens.js');
        const asked = [];
        const answer = (number, seconds) =>
          ({ access_token: `a${number}`, refresh_token: `r${number}`, expires_in_seconds: seconds });
        const request = async (command) => {
          asked.push(`${command.type} ${command.refresh_token}`);
          return answer(2, 900);
        };
        const found = [];
        const first = { type: 'register', username: 'Ana', password: 'correct horse' };
        const tokens = new Tokens(first);
        found.push((await tokens.command(request)).username === 'Ana', tokens.refused({ code: 'username_taken' }));
        // The answer to the first attempt was lost: the account is there already.
        await tokens.command(request);
        found.push(tokens.refused({ code: 'username_taken' }), (await tokens.command(request)).type);
        tokens.welcome({ user: { name: 'Ana' }, ...answer(1, 10) }, request);
        // They end too soon to be used: renewed first.
        found.push((await new Tokens().command(request)).token, asked.join());
        found.push((await new Tokens().command(request)).token, asked.length);
        const again = new Tokens();
        await again.command(request);
        found.push(again.refused({ code: 'token_expired' }), (await again.command(request)).token, asked.length);
        found.push(again.refused({ code: 'token_reused' }));
        tokens.end();
        again.end();
        found.push(localStorage.getItem('chat.account'));
        return found;""")
    assert got == [True, False, True, "login", "a2", "refresh r1", "a2", 1, True, "a2", 2, False, None], got


def test_the_account_forms_tell_what_is_wrong_at_its_field(world):
    got = world.ana.asynchronous("""
        const { drawSignIn, signInProblem } = await import('/account.js');
        const given = [];
        const actions = { account: (kind, values) => given.push([kind, values]), guest() {}, setLanguage() {} };
        const form = document.querySelector('#sign-in-form');
        drawSignIn({ accounts: true, registration: true, guests: true, name: '' }, actions);
        const tabs = [...form.querySelectorAll('[role=tab]')].map((one) => one.textContent);
        form.querySelector('[data-mode=register]').click();
        const submit = () => form.querySelector('form').requestSubmit();
        submit();
        const missing = [...form.querySelectorAll('.field-error')].map((one) => one.textContent);
        form.querySelector('#username').value = ' Ana ';
        form.querySelector('#password').value = ' correct horse';
        submit();
        await signInProblem({ code: 'invalid_field', field: 'username', message: 'x',
          details: { username: 'at least 3', password: 'too short' } });
        const told = [...form.querySelectorAll('.field-error')].map((one) => one.textContent);
        await signInProblem({ code: 'invalid_credentials', message: 'x' });
        const whole = document.querySelector('#sign-in-error').textContent;
        await signInProblem(null);
        form.replaceChildren();
        return [tabs, missing, given, told, whole];""")
    assert got[0] == ["Sign in", "Create account", "Guest"], got
    assert got[1] == ["This is needed.", "", "", "This is needed."], got
    assert got[2] == [["register", {"username": "Ana", "password": " correct horse"}]], got
    assert got[3] == ["at least 3", "", "", "too short"], got
    assert got[4] == "The name or the password is wrong.", got
