// SPDX-License-Identifier: MIT

import { avatar } from "./avatar.js";
import { fullTime, when } from "./dates.js";
import { button, choice, element, nameOf, stylesheet } from "./dom.js";
import "./strings-more.js";
import { errorText, t } from "./strings.js";

await stylesheet("dialogs.css");

const DELAY_MS = 250;
const PAGE = 20;

/** The text with its highlights: places in code points become pieces. */
export function highlighted(excerpt, places) {
  const points = [...excerpt];
  const found = [];
  let from = 0;
  for (const [start, end] of places ?? []) {
    if (start > from) found.push({ kind: "text", text: points.slice(from, start).join("") });
    found.push({ kind: "mark", text: points.slice(start, end).join("") });
    from = end;
  }
  found.push({ kind: "text", text: points.slice(from).join("") });
  return found;
}

/** The panel that finds messages: by words, here or in all rooms, with the places marked. */
export class Search {
  #page;
  #node = null;
  #input;
  #list;
  #timer = 0;
  #run = 0;
  #scope = "room";
  #hits = [];

  /** `page` is the page's Commands. */
  constructor(page) {
    this.#page = page;
  }

  /** The panel's content; what was found stays while other panels are shown. */
  get node() {
    if (!this.#node) this.#make();
    return this.#node;
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /** Another room is open. */
  moved() {
    if (this.#node && this.#scope === "room" && this.#input.value.trim()) this.#find(0);
  }

  #make() {
    this.#input = element("input", {
      type: "search", maxLength: 256, placeholder: t("searchMessages"), "aria-label": t("searchMessages"),
      "data-testid": "search",
      oninput: () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#find(0), DELAY_MS);
      },
    });
    const scope = choice([["room", t("searchHere")], ["all", t("searchAll")]], this.#scope, (value) => {
      this.#scope = value;
      this.#find(0);
    }, { "aria-label": t("rooms"), "data-testid": "search-scope" });
    this.#list = element("div", { className: "hits", "aria-live": "polite" });
    this.#node = element("div", { className: "search-panel" },
      element("form", { role: "search", onsubmit: (event) => {
        event.preventDefault();
        this.#find(0);
      } }, this.#input, scope), this.#list);
    this.#say("emptySearch");
  }

  #say(key, text = t(key)) {
    this.#list.replaceChildren(element("p", { className: "empty" }, text));
  }

  async #find(offset) {
    clearTimeout(this.#timer);
    const text = this.#input.value.trim();
    const run = ++this.#run;
    if (!text) {
      this.#say("emptySearch");
      return;
    }
    const command = { type: "search", text: this.#input.value.trimStart(), offset, limit: PAGE };
    if (this.#scope === "room") command.room = this.#page.state.open;
    try {
      const answer = await this.#page.request(command);
      if (run !== this.#run) return;
      this.#hits = offset === 0 ? answer.hits : [...this.#hits, ...answer.hits];
      this.#draw(answer.end);
    } catch (error) {
      if (run !== this.#run) return;
      if (error.field === "text") this.#say("noResults");
      else this.#say("", await errorText(error));
    }
  }

  #draw(isEnd) {
    if (this.#hits.length === 0) {
      this.#say("noResults");
      return;
    }
    this.#list.replaceChildren(element("ul", {}, ...this.#hits.map((hit) => this.#hit(hit))),
      isEnd ? "" : button(t("moreResults"), { className: "wide" }, () => this.#find(this.#hits.length)));
  }

  #excerpt(hit) {
    if (this.#page.state.blocked[hit.from.id]) return [t("blockedMessage")];
    return highlighted(hit.excerpt, hit.highlights)
      .map((piece) => piece.kind === "mark" ? element("mark", {}, piece.text) : piece.text);
  }

  #hit(hit) {
    const room = this.#scope === "all" ? this.#page.state.rooms[hit.room]?.name : null;
    return element("li", {}, element("button", {
      type: "button", className: "hit", "data-hit": String(hit.seq), title: t("jumpTo"),
      onclick: () => this.#page.jump(hit.room, hit.seq),
    },
    avatar(hit.from, "small"),
    element("span", { className: "hit-text" },
      element("span", { className: "room-line" }, element("strong", {}, nameOf(hit.from.name)),
        room ? element("span", { className: "faint" }, nameOf(room)) : null,
        element("time", { title: fullTime(hit.at) }, when(hit.at))),
      element("span", { dir: "auto", className: "excerpt" }, ...this.#excerpt(hit)))));
  }
}
