// SPDX-License-Identifier: MIT

import { icon } from "./icons.js";

export const byID = (id) => document.getElementById(id);

/**
 * An element with properties, attributes (names with a dash, and `role`) and children.
 *
 * Strings become text nodes, never markup: nothing that a user wrote is parsed as HTML anywhere.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A button that submits nothing. */
export const button = (text, properties, onclick) =>
  element("button", { type: "button", ...properties, onclick }, text);

/** A button that shows an icon and is called `label`. */
export const iconButton = (name, label, properties, onclick) =>
  element("button", {
    type: "button", title: label, "aria-label": label, ...properties,
    className: `icon-button ${properties?.className ?? ""}`.trim(), onclick,
  }, icon(name));

/** A user's name: whatever direction it is written in, it does not reorder its surroundings. */
export const nameOf = (text) => element("bdi", {}, text);

/** Sets a property only if it differs: writing the same text would be read aloud again. */
export function assign(target, properties) {
  for (const [key, value] of Object.entries(properties)) {
    if (target[key] !== value) target[key] = value;
  }
}

/** A labelled control, with room for what is wrong with it. */
export function field(label, control, hint) {
  const error = element("span", { className: "field-error", role: "alert" });
  const made = element("label", { className: "field" }, element("span", { className: "field-label" }, label),
    control, hint ? element("span", { className: "field-hint" }, hint) : null, error);
  made.say = (text) => {
    error.textContent = text;
    control.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return made;
}

/** A box to tick that looks like a switch. */
export function toggle(label, checked, onchange, properties = {}) {
  const box = element("input", { type: "checkbox", checked, ...properties });
  box.addEventListener("change", () => onchange?.(box.checked, box));
  const made = element("label", { className: "toggle" }, element("span", {}, label), box);
  made.box = box;
  return made;
}

/** A choice of one among a few. */
export function choice(options, value, onchange, properties = {}) {
  const select = element("select", properties,
    ...options.map(([key, text]) => element("option", { value: key }, text)));
  select.value = value;
  select.addEventListener("change", () => onchange?.(select.value));
  return select;
}

/** Fetches a stylesheet that the first view does without. Resolves when it applies. */
export function stylesheet(href) {
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((resolve) => {
    document.head.append(element("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve }));
  });
}
