// SPDX-License-Identifier: MIT

export const byID = (id) => document.getElementById(id);

/**
 * An element with properties, attributes (names with a dash) and children.
 *
 * Strings become text nodes, never markup: nothing that a user wrote is parsed as HTML anywhere.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key.includes("-")) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button that submits nothing. */
export const button = (text, properties, onclick) =>
  element("button", { type: "button", ...properties, onclick }, text);

/** Sets a property only if it differs: writing the same text would be read aloud again. */
export function assign(target, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (target[key] !== value) target[key] = value;
  }
}

/** FNV-1a: every client gives a user the same colour without asking anybody. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}

function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [name];
  return letters.map((word) => [...word][0] ?? "?").join("").toUpperCase();
}

export const avatar = (user) =>
  element("span", { className: `avatar tint-${hash(user.id) % 12}`, "aria-hidden": "true" },
    initials(user.name));

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const timeOf = (at) =>
  element("time", { dateTime: new Date(at).toISOString(), title: full.format(new Date(at)) },
    clock.format(new Date(at)));
