// SPDX-License-Identifier: MIT

// What a name or an emoji that is being typed could become, and the list to choose from.

import { avatar } from "./avatar.js";
import { assign, byID, element, nameOf, stylesheet } from "./dom.js";
import { findEmoji } from "./emoji.js";

await stylesheet("dialogs.css");

const MOST = 6;

/** `mark` is @ or :, `word` what follows it. Each has `text`, `key`, and the `nodes` to show. */
const found = (mark, word, room, me) =>
  mark === "@" ? people(word, room, me) : word.length >= 2 ? emoji(word) : [];

function people(word, room, me) {
  const wanted = word.toLowerCase();
  const begins = (text) => (text ?? "").toLowerCase().split(/\s/).some((part) => part.startsWith(wanted));
  return Object.values(room?.people ?? {})
    .filter((person) => person.id !== me.id && (begins(person.name) || begins(person.display_name)))
    .sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST)
    .map((person) => ({
      text: `@${person.name} `, key: person.id,
      nodes: () => [avatar(person, "small"), nameOf(person.display_name || person.name),
        person.display_name ? element("span", { className: "faint" }, "@", nameOf(person.name)) : ""],
    }));
}

const emoji = (word) => findEmoji(word, MOST).map(({ emoji: one, words }) => ({
  text: `${one} `, key: one,
  nodes: () => [element("span", { className: "emoji" }, one), element("span", {}, words)],
}));

/** The list above the text that is written. */
export class Completion {
  #text;
  #changed;
  #list = [];
  #chosen = 0;
  #drawn = "";

  /** `changed()` is called after a suggestion was taken. */
  constructor(text, changed) {
    this.#text = text;
    this.#changed = changed;
  }

  /** The mark and the word that stand before the caret, if they could be completed. */
  #begun() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    return /(?:^|[\s(])([@:])([^\s@:]{0,30})$/u.exec(before)?.slice(1) ?? [];
  }

  suggest(room, me) {
    const [mark, word] = this.#begun();
    this.#list = mark ? found(mark, word, room, me) : [];
    this.#chosen = 0;
    this.#draw();
  }

  close() {
    this.#list = [];
    this.#draw();
  }

  /** Whether a key was meant for the list. */
  key(event) {
    if (this.#list.length === 0) return false;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      const { length } = this.#list;
      this.#chosen = (this.#chosen + step + length) % length;
      this.#draw();
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) this.#take(this.#chosen);
    else return false;
    event.preventDefault();
    return true;
  }

  #draw() {
    const target = byID("suggestions");
    const shape = JSON.stringify([this.#list.map((one) => one.key), this.#chosen]);
    assign(target, { hidden: this.#list.length === 0 });
    this.#text.setAttribute("aria-expanded", String(this.#list.length > 0));
    if (this.#list.length > 0) {
      this.#text.setAttribute("aria-activedescendant", `suggestion-${this.#chosen}`);
    } else {
      this.#text.removeAttribute("aria-activedescendant");
    }
    if (shape === this.#drawn) return;
    this.#drawn = shape;
    target.replaceChildren(...this.#list.map((one, at) => element("li", {
      id: `suggestion-${at}`, role: "option", "aria-selected": String(at === this.#chosen),
      onpointerdown: (event) => {
        event.preventDefault();
        this.#take(at);
      },
    }, ...one.nodes())));
  }

  #take(at) {
    const end = this.#text.selectionStart;
    const start = end - (this.#begun()[1]?.length ?? -1) - 1;
    this.#text.setRangeText(this.#list[at].text, start, end, "end");
    this.close();
    this.#changed();
  }
}
