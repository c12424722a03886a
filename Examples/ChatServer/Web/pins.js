// SPDX-License-Identifier: MIT

// The list of pinned messages.

import { avatar } from "./avatar.js";
import { when } from "./dates.js";
import { element, nameOf, stylesheet } from "./dom.js";
import { calledIn, summary } from "./rows.js";
import { drawIf } from "./sidebar.js";
import { t } from "./strings.js";

await stylesheet("dialogs.css");

export function drawPins(body, room, { blocked }, actions) {
  const pins = room.pinnedMessages.toReversed();
  const textOf = (one) => blocked[one.from?.id] ? t("blockedMessage") : summary(one);
  const shape = pins.map((one) => [one.seq, textOf(one), calledIn(room, one.from)]);
  drawIf(body, ["pins", room.id, shape], () => pins.length === 0
    ? [element("p", { className: "empty" }, t("emptyPins"))]
    : [element("ul", { className: "hits" }, ...pins.map((one) => element("li", {}, element("button", {
      type: "button", className: "hit", "data-pin": String(one.seq), title: t("jumpTo"),
      onclick: () => actions.jump(room.id, one.seq),
    },
    avatar(one.from, "small"),
    element("span", { className: "hit-text" },
      element("span", { className: "room-line" },
        element("strong", {}, nameOf(calledIn(room, one.from))), element("time", {}, when(one.at))),
      element("span", { className: "excerpt", dir: "auto" }, textOf(one)))))))]);
}
