// SPDX-License-Identifier: MIT

// What one sets for oneself: profile, status, appearance, language, sound, notifications.

import { avatar } from "./avatar.js";
import { languageChoice } from "./account.js";
import { button, choice, element, field, toggle } from "./dom.js";
import { closeDialog, formOf, openDialog } from "./dialogs.js";
import { setDesktop, setSound, wantsDesktop, wantsSound } from "./notify.js";
import "./strings-more.js";
import { t } from "./strings.js";

const THEME_KEY = "chat.theme";

const theme = () => localStorage.getItem(THEME_KEY) ?? "system";

function setTheme(name) {
  if (name === "system") {
    localStorage.removeItem(THEME_KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(THEME_KEY, name);
    document.documentElement.dataset.theme = name;
  }
}

/** Busy holds for the user until "online"; away is only this device. */
async function setStatus(page, status) {
  page.store.dispatch({ type: "kept", kept: { status } });
  if (status === "away") await page.ask({ type: "presence.set", status: "online" });
  page.ask({ type: "presence.set", status });
}

/** Whether others may see when one was last here: another device may have changed it, so the server is asked. */
function lastSeenToggle(page) {
  const made = toggle(t("hidesLastSeen"), false, async (isOn, box) => {
    const answer = await page.ask({ type: "profile.update", hides_last_seen: isOn });
    box.checked = Boolean(answer ? answer.user.hides_last_seen : !isOn);
  }, { disabled: true, "data-testid": "hides-last-seen" });
  page.ask({ type: "whoami" }).then((answer) => {
    made.box.checked = Boolean(answer?.user.hides_last_seen);
    made.box.disabled = !answer;
  });
  return made;
}

/** `page` is the page's Commands. */
export function openSettings(page) {
  const { me, status } = page.state;
  const problem = element("p", { className: "field-error", role: "alert" });
  const desktop = toggle(t("notifications"), wantsDesktop(), async (isOn, box) => {
    const isGiven = await setDesktop(isOn);
    box.checked = isGiven;
    problem.textContent = isOn && !isGiven ? t("notificationsDenied") : "";
  }, { "data-testid": "desktop" });
  openDialog(t("settings"), [
    profileForm(page, me),
    element("div", { className: "stack settings" },
      field(t("yourStatus"), choice(
        [["online", t("statusOnline")], ["away", t("statusAway")], ["busy", t("statusBusy")]],
        status, (value) => setStatus(page, value), { "data-testid": "status" })),
      lastSeenToggle(page),
      field(t("theme"), choice(
        [["system", t("themeSystem")], ["light", t("themeLight")], ["dark", t("themeDark")]],
        theme(), setTheme, { "data-testid": "theme" })),
      field(t("language"), languageChoice((tag) => {
        closeDialog();
        page.changeLanguage(tag);
      })),
      toggle(t("sound"), wantsSound(), setSound, { "data-testid": "sound" }), desktop, problem),
    element("div", { className: "stack" },
      page.session.isAccount ? button(t("account"), { id: "account" },
        () => page.using(() => import("./security.js"), ({ openSecurity }) => openSecurity(page))) : "",
      button(t("signOut"), { id: "sign-out", className: "danger-text" }, () => {
        closeDialog();
        page.signOut();
      })),
  ]);
}

function profileForm(page, me) {
  const name = element("input", { value: me.display_name ?? "", maxLength: 100, placeholder: me.name });
  const status = element("input", { value: me.status_text ?? "", maxLength: 140, placeholder: t("statusText") });
  const fields = { display_name: field(t("displayName"), name), status_text: field(t("status"), status) };
  return element("section", { className: "profile" },
    element("div", { className: "profile-head" }, avatar(me, "large"),
      element("div", {}, element("strong", {}, me.name), element("p", { className: "faint" }, t("profile")))),
    formOf(fields, t("save"), async () => {
      const { user } = await page.request({
        type: "profile.update", display_name: name.value.trim(), status_text: status.value.trim(),
      });
      page.store.dispatch({ type: "profile", user: { display_name: undefined, status_text: undefined, ...user } });
      closeDialog();
    }));
}
