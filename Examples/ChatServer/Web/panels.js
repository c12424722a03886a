// SPDX-License-Identifier: MIT

// Right: members, pinned messages or the search; which one is remembered.

import { assign, byID } from "./dom.js";
import { drawMembers, onlineCount } from "./members.js";
import { t } from "./strings.js";

const KEY = "chat.panel";
const WIDE = "(min-width: 1100px)";

export class Panels {
  #actions;
  #search = null;
  #shown;

  /** `actions`: redraw, person, invite, jump, search. */
  constructor(actions) {
    this.#actions = actions;
    const kept = localStorage.getItem(KEY) ?? "people";
    this.#shown = matchMedia(WIDE).matches && kept !== "search" ? kept : "";
    for (const name of ["people", "pins", "search"]) {
      byID(`show-${name}`).addEventListener("click", () => this.toggle(name));
    }
    byID("close-side").addEventListener("click", () => this.close());
    byID("side").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get shown() {
    return this.#shown;
  }

  toggle(name) {
    if (this.#shown === name) this.close();
    else this.show(name);
  }

  /** Another language, or somebody else: what was searched for is forgotten. */
  reset() {
    this.#search = null;
    byID("side-body").shape = null;
    if (this.#shown === "search") this.show("search");
  }

  /** Another room is open. */
  moved() {
    if (this.#shown === "search") this.#search?.moved();
  }

  async show(name) {
    if (name === "search") this.#search ??= await this.#actions.search();
    if (name === "search" && !this.#search) return;
    this.#shown = name;
    localStorage.setItem(KEY, name);
    this.#actions.redraw();
    if (name === "search") requestAnimationFrame(() => requestAnimationFrame(() => this.#search.focus()));
    else if (!matchMedia(WIDE).matches) byID("close-side").focus();
  }

  close() {
    const opener = byID(`show-${this.#shown}`);
    this.#shown = "";
    localStorage.setItem(KEY, "");
    this.#actions.redraw();
    opener?.focus();
  }

  /** On a screen that shows one thing at a time, the conversation comes back. */
  closeIfNarrow() {
    if (this.#shown && !matchMedia(WIDE).matches) this.close();
  }

  render(room, state) {
    const shown = room?.joined ? this.#shown : "";
    assign(byID("side"), { hidden: !shown });
    document.body.dataset.side = shown;
    for (const name of ["people", "pins", "search"]) {
      byID(`show-${name}`).setAttribute("aria-expanded", String(shown === name));
    }
    const body = byID("side-body");
    switch (shown) {
    case "people": {
      const count = Math.max(room.count, Object.keys(room.people).length);
      const online = onlineCount(room, state.me, state.status ?? "online");
      assign(byID("side-title"), { textContent: t("onlineCount", { online, count }) });
      drawMembers(body, room, state.me, state.status ?? "online", this.#actions);
      break;
    }
    case "pins":
      assign(byID("side-title"), { textContent: t("pinned") });
      import("./pins.js").then(({ drawPins }) => {
        if (this.#shown === "pins") drawPins(body, room, state, this.#actions);
      }, () => {});
      break;
    case "search":
      assign(byID("side-title"), { textContent: t("searchMessages") });
      if (body.firstChild !== this.#search.node) {
        body.shape = "search";
        body.replaceChildren(this.#search.node);
      }
      break;
    default:
    }
    byID("side").setAttribute("aria-label", byID("side-title").textContent);
  }
}
