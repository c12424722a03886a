// SPDX-License-Identifier: MIT

// What a message says of its files. How their bytes are fetched and sent comes to stand here too:
// `open(attachment)` is to give a card something to link to, once the server hands files out.

import { element, nameOf } from "./dom.js";
import { icon } from "./icons.js";
import { language, t } from "./strings.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** 1.4 MB, in the present language. */
export function sizeText(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language(), {
    style: "unit", unit: UNITS[unit], unitDisplay: "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

function kindOf(type) {
  const kind = type.split("/")[0];
  return ["image", "audio", "video"].includes(kind) ? t(kind) : t("attachment");
}

function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** One line for lists and replies: what there is instead of a text. */
export const attachmentText = (attachments) => attachments.map((one) => one.name).join(", ");

/** The cards of a message's files; null if it has none. */
export function attachmentCards(attachments) {
  if (!attachments?.length) return null;
  return element("div", { className: "attachments" }, ...attachments.map((one) => {
    const facts = [kindOf(one.media_type ?? ""), sizeText(one.bytes ?? 0)];
    if (one.width && one.height) facts.push(`${one.width} × ${one.height}`);
    if (one.duration_ms) facts.push(duration(one.duration_ms));
    return element("div", { className: "attachment", "data-attachment": one.id }, icon("file"),
      element("span", { className: "attachment-text" },
        element("span", { className: "attachment-name", title: one.name }, nameOf(one.name)),
        element("span", { className: "faint" }, facts.join(" · "))));
  }));
}
