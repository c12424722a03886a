// SPDX-License-Identifier: MIT

// What this browser remembers for a user: drafts and muted rooms. Tokens are kept by session.js.

const SAVE_DELAY_MS = 300;

const keyOf = (userID) => `chat.kept.${userID}`;

let timer = 0;

export function restore(userID) {
  const kept = JSON.parse(localStorage.getItem(keyOf(userID)) ?? "{}");
  return { drafts: kept.drafts ?? {}, muted: kept.muted ?? {} };
}

const withoutEmpty = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value));

/** Writes what changed, but not with every key that is pressed. */
export function keep({ me, drafts, muted }) {
  if (!me) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    localStorage.setItem(keyOf(me.id),
      JSON.stringify({ drafts: withoutEmpty(drafts), muted: withoutEmpty(muted) }));
  }, SAVE_DELAY_MS);
}
