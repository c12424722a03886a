// SPDX-License-Identifier: MIT

// What a name or an emoji that is being typed could become.

import { avatar } from "./avatar.js";
import { element, nameOf } from "./dom.js";
import { findEmoji } from "./emoji.js";

const MOST = 6;

/** `mark` is @ or :, `word` what follows it. Each has `text`, `key`, and the `nodes` to show. */
export const suggestions = (mark, word, room, me) =>
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
