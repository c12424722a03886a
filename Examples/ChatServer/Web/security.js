// SPDX-License-Identifier: MIT

// One's account: its name, its password, and the devices that are signed in.

import { fullTime } from "./dates.js";
import { button, element, field, nameOf } from "./dom.js";
import { closeDialog, confirm, formOf, openDialog } from "./dialogs.js";
import "./strings-more.js";
import { t } from "./strings.js";

/** `page` is the page's Commands. */
export function openSecurity(page) {
  openDialog(t("account"), [
    usernameForm(page), passwordForm(page),
    devices(page),
    element("div", { className: "stack settings" },
      button(t("signOutEverywhere"), { id: "sign-out-everywhere", className: "danger-text" }, async () => {
        if (await confirm(t("confirmSignOutEverywhere"), t("signOutEverywhere"))) page.signOut(true);
      })),
  ]);
}

/** Where one is signed in; each can be signed out from here. */
function devices(page) {
  const list = element("ul", { className: "explore", "data-testid": "devices" });
  const fill = async () => {
    const answer = await page.ask({ type: "device.list" });
    if (!answer) return;
    list.replaceChildren(...answer.devices.map((one) => element("li", { "data-device": one.id },
      element("span", { className: "person-text" },
        element("strong", {}, nameOf(one.client || t("unnamedDevice"))),
        element("span", { className: "faint" }, one.current ? t("thisDevice")
          : t("deviceUsed", { time: fullTime(one.refreshed_at) }))),
      one.current ? "" : button(t("signOut"), { className: "small", "aria-label": `${t("signOut")}: ${one.client}` }, async () => {
        if (await page.ask({ type: "device.remove", device: one.id })) fill();
      }))));
  };
  fill();
  return element("section", { className: "stack settings" }, element("h3", {}, t("devices")), list);
}

function usernameForm(page) {
  const name = element("input", { value: page.state.me.name, maxLength: 50, autocomplete: "username", name: "username" });
  const fields = { username: field(t("username"), name, t("usernameHint")) };
  return formOf(fields, t("save"), async () => {
    const username = name.value.trim();
    await page.request({ type: "username.change", username });
    const { user } = await page.request({ type: "whoami" });
    page.store.dispatch({ type: "profile", user });
    closeDialog();
    page.say(t("usernameChanged", { name: user.name }));
  });
}

function passwordForm(page) {
  const input = (name, autocomplete) => element("input", { type: "password", name, autocomplete, maxLength: 128 });
  const old = input("password", "current-password");
  const wanted = input("new_password", "new-password");
  const fields = {
    password: field(t("presentPassword"), old), new_password: field(t("newPassword"), wanted, t("newPasswordHint")),
  };
  return formOf(fields, t("changePassword"), async () => {
    for (const [key, one] of [["password", old], ["new_password", wanted]]) {
      if (!one.value) return fields[key].say(t("fieldRequired"));
    }
    await page.request({ type: "password.change", password: old.value, new_password: wanted.value });
    closeDialog();
    page.say(t("passwordChanged"));
    return undefined;
  });
}
