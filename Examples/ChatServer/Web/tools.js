// SPDX-License-Identifier: MIT

// What can be done with the message that is pointed at.

import { element, iconButton, stylesheet } from "./dom.js";
import { find } from "./history.js";
import { moderates } from "./members.js";
import { t } from "./strings.js";

await stylesheet("dialogs.css");

/** `state()` gives the room as it is when a button is pressed, not as it was when the buttons were made. */
export function makeTools({ key, mine, pinned, message: { text } }, state, actions) {
  const withMessage = (action) => () => {
    const message = find(state().room, key);
    if (message) action(message);
  };
  const tool = (name, label, id, action) => iconButton(name, label, { "data-tool": id }, action);
  const pick = tool("smile", t("react"), "react", () =>
    actions.pick(pick, (emoji) => actions.react(key, emoji, true)));
  const mayModerate = moderates(state().room);
  return element("div", { className: "tools", role: "toolbar", "aria-label": t("actions") },
    pick,
    tool("reply", t("reply"), "reply", withMessage(actions.reply)),
    text ? tool("copy", t("copy"), "copy", withMessage(actions.copy)) : null,
    mayModerate ? tool("pin", pinned ? t("unpin") : t("pin"), "pin",
      () => actions.pin(key, !state().room.pinned.includes(key))) : null,
    mine ? tool("edit", t("edit"), "edit", withMessage(actions.edit)) : null,
    mine || mayModerate ? tool("trash", t("delete"), "delete", withMessage(actions.remove)) : null);
}
