// SPDX-License-Identifier: MIT

import { button, byID, element, iconButton, stylesheet } from "./dom.js";
import "./strings-more.js";
import { errorText, t } from "./strings.js";

await stylesheet("dialogs.css");

let ended = null;

/** Closes the dialog that is open. */
export function closeDialog() {
  if (!byID("dialog").open) return;
  byID("dialog").close();
  finish();
}

function finish() {
  const callback = ended;
  ended = null;
  byID("dialog").replaceChildren();
  // Chromium gives the focus back to a text field without a place to type at.
  const back = document.activeElement;
  back?.blur();
  back?.focus();
  callback?.();
}

/**
 * Shows a dialog over the page: one at a time, another one takes its place.
 *
 * Escape and a click beside it close it; the browser gives the focus back.
 */
export function openDialog(title, body, { kind = "", onclose } = {}) {
  const dialog = byID("dialog");
  closeDialog();
  ended = onclose;
  dialog.className = kind;
  dialog.setAttribute("aria-label", title);
  dialog.replaceChildren(
    element("header", {}, element("h2", {}, title), iconButton("close", t("close"), {}, closeDialog)),
    element("div", { className: "dialog-body" }, ...[body].flat()));
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], input, textarea, select")
    ?? dialog.querySelector(".dialog-body button");
  first?.focus();
}

/** Asks before something that cannot be taken back. Resolves with whether to do it. */
export function confirm(text, action, extra) {
  return new Promise((resolve) => {
    let isYes = false;
    const yes = button(action, { className: "danger", "data-testid": "confirm" }, () => {
      isYes = true;
      closeDialog();
    });
    openDialog(action, [element("p", {}, text), extra,
      element("div", { className: "actions" }, button(t("cancel"), {}, closeDialog), yes)]
      .filter(Boolean), { kind: "small", onclose: () => resolve(isYes) });
    yes.focus();
  });
}

/** A form whose refusals are shown at their fields: `submit(values)` rejects with an error. */
export function formOf(fields, action, submit, ...more) {
  const problem = element("p", { className: "field-error", role: "alert" });
  const send = element("button", { type: "submit", className: "primary" }, action);
  const form = element("form", { noValidate: true }, ...Object.values(fields), problem,
    element("div", { className: "actions" }, ...more, send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const one of Object.values(fields)) one.say?.("");
    problem.textContent = "";
    send.disabled = true;
    try {
      await submit();
    } catch (error) {
      await tell(fields, problem, error);
    }
    send.disabled = false;
  });
  return form;
}

/** At its field in the server's words, or in those of the code if that says all. */
async function tell(fields, problem, error) {
  const details = error.details ?? (error.field ? { [error.field]: error.message } : {});
  const words = await errorText(error);
  let isTold = false;
  for (const [name, texts] of Object.entries(details)) {
    if (!fields[name]?.say) continue;
    const exact = [texts].flat().join(" ");
    // Which rule was broken, only the server says.
    fields[name].say(words === error.message ? exact
      : error.code === "invalid_field" ? `${words} (${exact})` : words);
    isTold = true;
  }
  if (!isTold) problem.textContent = words;
}

const dialog = byID("dialog");
// Escape; by the time this is told, another one may be open.
dialog.addEventListener("close", () => {
  if (!dialog.open) finish();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) closeDialog();
});
