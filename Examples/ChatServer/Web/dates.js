// SPDX-License-Identifier: MIT

import { element } from "./dom.js";
import { language, t } from "./strings.js";

const formats = new Map();

/** The browser's own variant of the chosen language, for example with a clock of 12 hours. */
const locale = () =>
  navigator.languages.find((tag) => tag.split("-")[0] === language()) ?? language();

function format(name, options) {
  const key = `${locale()} ${name}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), options));
  return formats.get(key);
}

const dayStart = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** How many midnights lie between then and now. */
const daysAgo = (date) => Math.round((dayStart(new Date()) - dayStart(date)) / 86_400_000);

export const clock = (at) =>
  format("clock", { hour: "numeric", minute: "2-digit" }).format(new Date(at));

export const fullTime = (at) =>
  format("full", { dateStyle: "full", timeStyle: "short" }).format(new Date(at));

/** The key of the day that a message belongs to, here. */
export const dayOf = (at) => dayStart(new Date(at));

/** What a line between two days says. */
export function dayName(at) {
  const date = new Date(at);
  const days = daysAgo(date);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return format(`day${year}`, { weekday: "long", day: "numeric", month: "long", year }).format(date);
}

/** Short: the time today, the weekday this week, the date before that. */
export function when(at) {
  const date = new Date(at);
  const days = daysAgo(date);
  if (days === 0) return clock(at);
  if (days === 1) return t("yesterday");
  if (days > 1 && days < 7) return format("weekday", { weekday: "short" }).format(date);
  return format("date", { day: "numeric", month: "short" }).format(date);
}

export const timeElement = (at, text = clock(at)) =>
  element("time", { dateTime: new Date(at).toISOString(), title: fullTime(at) }, text);
