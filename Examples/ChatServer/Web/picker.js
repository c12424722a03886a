// SPDX-License-Identifier: MIT

import { element } from "./dom.js";
import { findEmoji, groups, oftenUsed, used } from "./emoji.js";
import { closePopup, openPopup } from "./popup.js";
import "./strings-more.js";
import { t } from "./strings.js";

/** A panel of emoji beside a button; `choose` gets the one that was taken. */
export function openPicker(opener, choose) {
  const grid = element("div", { className: "picker-grid" });
  const take = (emoji) => {
    used(emoji);
    closePopup(true);
    choose(emoji);
  };
  const cell = (emoji, words) => element("button", {
    type: "button", className: "emoji", title: words, "aria-label": words || emoji,
    "data-emoji": emoji, onclick: () => take(emoji),
  }, emoji);
  const section = (title, cells) =>
    element("section", {}, element("h3", {}, title), element("div", { className: "cells" }, ...cells));
  const fill = (text) => {
    grid.replaceChildren(...(text
      ? [section(t("results"), findEmoji(text).map((one) => cell(one.emoji, one.words)))]
      : [section(t("emojiFrequent"), oftenUsed().map((emoji) => cell(emoji, emoji))),
        ...groups.map((group) =>
          section(t(group.key), group.list.map((one) => cell(one.emoji, one.words))))]));
  };
  const find = element("input", {
    type: "search", placeholder: t("searchEmoji"), "aria-label": t("searchEmoji"),
    oninput: () => fill(find.value.trim()),
  });
  fill("");
  const panel = element("div", { onkeydown: (event) => moveIn(event, grid, find) }, find, grid);
  if (openPopup(opener, "picker", panel)) find.focus({ preventScroll: true });
}

function moveIn(event, grid, find) {
  const cells = [...grid.querySelectorAll("button")];
  if (event.key === "Enter" && event.target === find) {
    event.preventDefault();
    cells[0]?.click();
    return;
  }
  const width = Math.max(1, Math.floor(grid.clientWidth / 38));
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
  const at = cells.indexOf(event.target);
  if (!step || (at < 0 && event.key !== "ArrowDown")) return;
  event.preventDefault();
  (cells[at < 0 ? 0 : at + step] ?? find).focus();
}
