// SPDX-License-Identifier: MIT

// Addresses of files that need no token and work for some minutes: an <img> cannot send one.

import { call } from "./api.js";

const EARLY_MS = 60_000;
const MOST = 100;
const MOST_KNOWN = 1_000;

const known = new Map();
let asked = null;

/** `{ url, preview_url }` of a file; rejects if there is none for this user. `fresh`: the one we had does not work. */
export function linkTo(page, room, file, fresh) {
  const key = `${room} ${file}`;
  const link = known.get(key);
  if (link && !fresh && link.until > Date.now() + EARLY_MS) return Promise.resolve(link);
  // What is wanted at the same time is asked for at once.
  if (!asked) {
    asked = new Map();
    queueMicrotask(() => ask(page));
  }
  return new Promise((resolve, reject) => {
    if (!asked.has(room)) asked.set(room, []);
    asked.get(room).push({ file, resolve, reject });
  });
}

function ask(page) {
  const rooms = asked;
  asked = null;
  for (const [room, wishes] of rooms) {
    for (let at = 0; at < wishes.length; at += MOST) fetchLinks(page, room, wishes.slice(at, at + MOST));
  }
}

async function fetchLinks(page, room, wishes) {
  try {
    const body = { files: [...new Set(wishes.map((one) => one.file))] };
    const response = await call(page, "POST", `/rooms/${encodeURIComponent(room)}/links`, { body });
    const { links, expires_at } = await response.json();
    for (const { file, resolve, reject } of wishes) {
      if (!links[file]) {
        reject(new Error("no such file"));
        continue;
      }
      if (known.size >= MOST_KNOWN) known.clear();
      const link = { ...links[file], until: Date.parse(expires_at) };
      known.set(`${room} ${file}`, link);
      resolve(link);
    }
  } catch (error) {
    for (const { reject } of wishes) reject(error);
  }
}

// Another user must not use what this one was allowed.
document.addEventListener("signedout", () => known.clear());
