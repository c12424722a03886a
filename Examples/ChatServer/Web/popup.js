// SPDX-License-Identifier: MIT

import { byID, element, stylesheet } from "./dom.js";
import { icon } from "./icons.js";

await stylesheet("dialogs.css");

const MARGIN_PX = 8;

let owner = null;

/** Closes what is open; the focus goes back to what opened it. */
export function closePopup(refocus) {
  if (!owner) return;
  const opener = owner;
  owner = null;
  byID("popup").hidden = true;
  byID("popup").replaceChildren();
  opener.setAttribute("aria-expanded", "false");
  if (refocus && opener.isConnected) opener.focus();
}

/** Shows something beside a button. Returns false if that closed what the button had opened. */
export function openPopup(opener, kind, ...nodes) {
  const again = owner === opener;
  closePopup(true);
  if (again) return false;
  owner = opener;
  opener.setAttribute("aria-expanded", "true");
  const popup = byID("popup");
  popup.className = kind;
  popup.replaceChildren(...nodes);
  popup.hidden = false;
  beside(popup, opener);
  return true;
}

/** Where there is room: above what opened it, or below; never outside the window. */
function beside(popup, opener) {
  const place = opener.getBoundingClientRect();
  const { width, height } = popup.getBoundingClientRect();
  const below = place.bottom + MARGIN_PX;
  const above = place.top - height - MARGIN_PX;
  const top = below + height < innerHeight ? below : above > 0 ? above : innerHeight - height - MARGIN_PX;
  const left = Math.min(Math.max(MARGIN_PX, place.right - width), innerWidth - width - MARGIN_PX);
  popup.style.top = `${Math.max(MARGIN_PX, top)}px`;
  popup.style.left = `${Math.max(MARGIN_PX, left)}px`;
}

/** A menu: `[icon, text, action, id]` each; null for none. */
export function openMenu(opener, entries) {
  const items = entries.filter(Boolean).map(([mark, text, action, id]) => element("button", {
    type: "button", role: "menuitem", "data-item": id,
    onclick: () => {
      closePopup(true);
      action();
    },
  }, icon(mark), element("span", {}, text)));
  if (!openPopup(opener, "menu", element("div", { role: "menu", onkeydown: (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  } }, ...items))) return;
  items[0]?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (owner && !byID("popup").contains(event.target) && !owner.contains(event.target)) closePopup(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !owner) return;
  event.preventDefault();
  event.stopPropagation();
  closePopup(true);
}, true);
