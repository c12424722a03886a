// SPDX-License-Identifier: MIT

// Signing in: as a guest, or with an account where the server has them.

import { button, byID, choice, element, field } from "./dom.js";
import { errorText, language, LANGUAGES, t } from "./strings.js";

let mode = null;
let problems = () => false;

export const languageChoice = (change) =>
  choice(LANGUAGES, language(), change, { "data-testid": "language", "aria-label": t("language") });

/** `actions`: guest(name, keep), setLanguage. `name` is what the field begins with. */
export function drawSignIn({ accounts, registration, guests, name }, actions) {
  mode ??= accounts ? "login" : "guest";
  // A refusal leaves what was typed.
  const shape = [mode, language(), accounts, registration, guests].join();
  if (byID("sign-in-form").shape === shape && byID("sign-in-form").firstChild) return;
  byID("sign-in-form").shape = shape;
  const again = () => drawSignIn({ accounts, registration, guests, name }, actions);
  const tabs = accounts ? [["login", t("login")], registration ? ["register", t("register")] : null, guests ? ["guest", t("guest")] : null]
    .filter(Boolean).map(([key, text]) => button(text, {
      role: "tab", "aria-selected": String(mode === key), "data-mode": key,
    }, () => {
      mode = key;
      byID("sign-in-error").textContent = "";
      again();
    })) : [];
  byID("sign-in-form").replaceChildren(
    tabs.length > 0 ? element("div", { className: "tabs", role: "tablist" }, ...tabs) : "",
    mode === "guest" ? guestForm(name, actions) : accountForm(mode, name, actions));
  byID("sign-in-language").replaceChildren(languageChoice(actions.setLanguage));
}

function guestForm(name, actions) {
  problems = () => false;
  const input = element("input", {
    id: "name", name: "name", value: name, maxLength: 50, required: true, autocomplete: "username", autofocus: true,
  });
  const keep = element("input", { type: "checkbox", id: "keep", checked: true });
  return element("form", { onsubmit: (event) => {
    event.preventDefault();
    if (input.value.trim()) actions.guest(input.value.trim(), keep.checked);
  } },
  field(t("guestName"), input, t("guestHint")),
  element("label", { className: "check" }, keep, element("span", {}, t("keepName"))),
  element("button", { type: "submit", id: "enter", className: "primary wide" }, t("enterChat")));
}

/** What the server refused: at its fields, or below the form. */
export async function signInProblem(error) {
  byID("sign-in-error").textContent = "";
  if (!error) return;
  const told = { ...error, message: await errorText(error) };
  if (!problems(told)) byID("sign-in-error").textContent = told.message;
}

function accountForm(kind, name, actions) {
  const isNew = kind === "register";
  const input = (id, more) => element("input", { id, name: id, required: true, ...more });
  const fields = isNew ? {
    username: field(t("username"), input("username", { value: name, maxLength: 50, autocomplete: "username" })),
    display_name: field(t("displayName"), input("display_name", { required: false, maxLength: 100, autocomplete: "name" })),
    email: field(t("email"), input("email", { required: false, type: "email", autocomplete: "email" })),
    password: field(t("password"), input("password", { type: "password", autocomplete: "new-password" })),
  } : {
    login: field(t("loginName"), input("login", { value: name, autocomplete: "username" })),
    password: field(t("password"), input("password", { type: "password", autocomplete: "current-password" })),
  };
  problems = (error) => {
    const details = error.details ?? (error.field ? { [error.field]: error.message } : {});
    const told = Object.entries(details).filter(([key]) => fields[key]);
    for (const [key, texts] of told) fields[key].say([texts].flat().join(" "));
    return told.length > 0;
  };
  const form = element("form", { noValidate: true, onsubmit: (event) => {
    event.preventDefault();
    byID("sign-in-error").textContent = "";
    const values = {};
    for (const [key, one] of Object.entries(fields)) {
      const { value, required } = one.querySelector("input");
      const text = key === "password" ? value : value.trim();
      one.say(required && !text ? t("fieldRequired") : "");
      if (text) values[key] = text;
    }
    if (Object.entries(fields).every(([key, one]) => values[key] || !one.querySelector("input").required)) {
      actions.account(kind, values);
    }
  } }, ...Object.values(fields),
  element("button", { type: "submit", id: "enter", className: "primary wide" }, isNew ? t("register") : t("login")));
  return form;
}
