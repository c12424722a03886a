// SPDX-License-Identifier: MIT

import { element } from "./dom.js";

/** How many colours there are: the table in docs/protocol.md, the classes tint-0 … in theme.css. */
export const TINTS = 12;

/** FNV-1a with 32 bits: every client gives a user the same colour without asking anybody. */
export function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}

export const tintOf = (userID) => hash(userID) % TINTS;

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const firstLetter = (word) => [...letters.segment(word)][0]?.segment ?? "";

/** The first letters of the first and the last word, or the first letter of the only one. */
export function initials(name) {
  const words = name.split(/[\s._-]+/u).map((word) => word.replace(/^[\p{P}\p{S}\p{C}]+(?=\p{L})/u, ""))
    .filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen.map(firstLetter).join("").toUpperCase() || "?";
}

export const avatar = (user, more = "") =>
  element("span", { className: `avatar tint-${tintOf(user.id)} ${more}`.trim(), "aria-hidden": "true" },
    initials(user.display_name || user.name));

/** A room's picture: square, in the colour of its id; of a direct room, the other one's. */
export const roomAvatar = (room, other) => other ? avatar(other, "room-avatar-size")
  : element("span", { className: `avatar room-avatar tint-${tintOf(room.id)}`, "aria-hidden": "true" },
    initials(room.name));
