// SPDX-License-Identifier: MIT

// What the page says, in the present language: the words stand in strings-en.js and its like.

const KEY = "chat.language";
const tables = {};
const longer = {};
let current = "en";
let wantsMore = false;

export const LANGUAGES = [["en", "English"], ["id", "Bahasa Indonesia"]];

const isKnown = (tag) => LANGUAGES.some(([known]) => known === tag);

/** The one that was chosen, else the first of the browser's that there is. */
export function chosenLanguage(wanted = navigator.languages) {
  const kept = localStorage.getItem(KEY);
  return [kept, ...wanted.map((tag) => tag.split("-")[0])].find(isKnown) ?? "en";
}

export const language = () => current;

async function load(tag) {
  tables[tag] ??= (await import(`./strings-${tag}.js`)).strings;
  if (wantsMore) longer[tag] ??= (await import(`./strings-more-${tag}.js`)).strings;
}

/** What only dialogs, panels and errors say, in every language that is spoken from now on. */
export function loadMore() {
  wantsMore = true;
  return load(current);
}

/** Speaks another language from now on; a choice of the user is remembered. */
export async function setLanguage(tag, isChoice) {
  await load(tag);
  current = tag;
  if (isChoice) localStorage.setItem(KEY, tag);
  document.documentElement.lang = tag;
}

/** A string in the present language; `{name}` is replaced by the value of that name. */
export function t(key, values = {}) {
  let text = tables[current][key] ?? longer[current]?.[key] ?? key;
  if (Array.isArray(text)) text = text[values.n === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** What to say of an error: by its code in the present language, else in the words of the server. */
export async function errorText(error, values) {
  if (error.code === "disconnected") return t("notConnected");
  await import("./strings-more.js").catch(() => {});
  const key = `error_${error.code}`;
  return longer[current]?.[key] ? t(key, values) : error.message;
}
