// SPDX-License-Identifier: MIT

import { fullTime } from "./dates.js";
import { assign, byID, element } from "./dom.js";
import { summary } from "./rows.js";
import { t } from "./strings.js";

const LONGEST_TEXT = 4_000;

/** Where one writes: drafts, replies and edits, names and emoji completed while typing. */
export class Composer {
  #actions;
  #text = byID("text");
  #room = null;
  #me = null;
  #context = null;
  #suggestions = [];
  #chosen = 0;
  #drawn = "";

  /** `actions`: send, edit, typing, stopTyping, draft, lastOwn, pick. */
  constructor(actions) {
    this.#actions = actions;
    byID("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("input", () => this.#changed());
    this.#text.addEventListener("click", () => this.#suggest());
    this.#text.addEventListener("blur", () => {
      this.#actions.stopTyping();
      this.#close();
    });
    byID("context-cancel").addEventListener("click", () => this.setContext(null));
    byID("emoji").addEventListener("click", (event) =>
      this.#actions.pick(event.currentTarget, (emoji) => this.#insert(emoji)));
  }

  focus() {
    // On a phone the keyboard would cover what one came to read.
    if (!matchMedia("(pointer: coarse)").matches) this.#text.focus();
  }

  render(room, me, draft, title) {
    const another = room?.id !== this.#room?.id;
    this.#room = room;
    this.#me = me;
    if (another) {
      this.#context = null;
      this.#showContext();
      this.#text.value = draft ?? "";
      this.#grow();
      this.#close();
    }
    const muted = room?.muted && !(Date.parse(room.muted.until) <= Date.now());
    const until = room?.muted?.until;
    assign(this.#text, {
      disabled: Boolean(muted),
      placeholder: !muted ? t("messagePlaceholder", { room: title })
        : until ? t("composerMutedUntil", { time: fullTime(until) }) : t("composerMuted"),
    });
    this.#over();
  }

  /** Answering or changing a message: `{ kind: "reply" | "edit", message }`, or null. */
  setContext(context) {
    const wasEdit = this.#context?.kind === "edit";
    if (wasEdit) this.#text.value = this.#kept ?? "";
    this.#context = context;
    if (context?.kind === "edit") {
      this.#kept = this.#text.value;
      this.#text.value = context.message.text;
    }
    this.#showContext();
    this.#grow();
    if (context) this.#text.focus();
  }

  #kept = "";

  #showContext() {
    const context = this.#context;
    byID("context").hidden = !context;
    if (!context) return;
    byID("context-text").replaceChildren(
      element("strong", {}, context.kind === "edit" ? t("editing")
        : t("replied", { name: context.message.from.name })),
      element("span", { dir: "auto" }, summary(context.message)));
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text || [...text].length > LONGEST_TEXT) return;
    const context = this.#context;
    this.#context = null;
    this.#showContext();
    this.#text.value = context?.kind === "edit" ? this.#kept : "";
    this.#grow();
    this.#close();
    this.#actions.stopTyping();
    this.#actions.draft(this.#text.value);
    if (context?.kind === "edit") {
      if (text !== context.message.text) this.#actions.edit(context.message.seq, text);
    } else {
      this.#actions.send(text, context?.message.seq);
    }
    this.#text.focus();
  }

  #changed() {
    this.#grow();
    this.#over();
    if (this.#context?.kind !== "edit") {
      this.#actions.typing(this.#text.value);
      this.#actions.draft(this.#text.value);
    }
    this.#suggest();
  }

  /** The server counts what a reader sees as a character; more than it takes is told before. */
  #over() {
    const { value } = this.#text;
    const count = value.length > LONGEST_TEXT ? [...value.trim()].length - LONGEST_TEXT : 0;
    assign(byID("too-long"), { hidden: count <= 0, textContent: count > 0 ? t("tooLong", { n: count }) : "" });
    assign(byID("send"), { disabled: count > 0 || !value.trim() || this.#text.disabled });
  }

  #grow() {
    this.#text.rows = 1;
    const line = parseFloat(getComputedStyle(this.#text).lineHeight);
    const padding = this.#text.clientHeight - line;
    this.#text.rows = Math.max(1, Math.min(8, Math.round((this.#text.scrollHeight - padding) / line)));
    this.#over();
  }

  #insert(text) {
    const { selectionStart, selectionEnd } = this.#text;
    this.#text.setRangeText(text, selectionStart, selectionEnd, "end");
    this.#text.focus();
    this.#changed();
  }

  #key(event) {
    // Enter that ends the composition of a character (IME) is not meant for us.
    if (event.isComposing) return;
    if (this.#suggestions.length > 0 && this.#keyInSuggestions(event)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape" && this.#context) {
      this.setContext(null);
    } else if (event.key === "ArrowUp" && this.#text.value === "") {
      const message = this.#actions.lastOwn();
      if (message) {
        event.preventDefault();
        this.setContext({ kind: "edit", message });
      }
    }
  }

  // Completion: @name and :emoji

  #keyInSuggestions(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      const { length } = this.#suggestions;
      this.#chosen = (this.#chosen + step + length) % length;
      this.#draw();
      return true;
    }
    if (event.key === "Escape") this.#close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) this.#take(this.#chosen);
    else return false;
    return true;
  }

  /** The mark and the word that stand before the caret, if they could be completed. */
  #begun() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    return /(?:^|[\s(])([@:])([^\s@:]{0,30})$/u.exec(before)?.slice(1) ?? [];
  }

  async #suggest() {
    let found = [];
    if (this.#begun().length > 0) {
      const { suggestions } = await import("./complete.js");
      // What was typed meanwhile counts.
      const [mark, word] = this.#begun();
      if (mark) found = suggestions(mark, word, this.#room, this.#me);
    }
    this.#suggestions = found;
    this.#chosen = 0;
    this.#draw();
  }

  #draw() {
    const list = byID("suggestions");
    const shape = JSON.stringify([this.#suggestions.map((one) => one.key), this.#chosen]);
    assign(list, { hidden: this.#suggestions.length === 0 });
    this.#text.setAttribute("aria-expanded", String(this.#suggestions.length > 0));
    if (this.#suggestions.length > 0) {
      this.#text.setAttribute("aria-activedescendant", `suggestion-${this.#chosen}`);
    } else {
      this.#text.removeAttribute("aria-activedescendant");
    }
    if (shape === this.#drawn) return;
    this.#drawn = shape;
    list.replaceChildren(...this.#suggestions.map((one, at) => element("li", {
      id: `suggestion-${at}`, role: "option", "aria-selected": String(at === this.#chosen),
      onpointerdown: (event) => {
        event.preventDefault();
        this.#take(at);
      },
    }, ...one.nodes())));
  }

  #take(at) {
    const end = this.#text.selectionStart;
    const start = end - (this.#begun()[1]?.length ?? -1) - 1;
    this.#text.setRangeText(this.#suggestions[at].text, start, end, "end");
    this.#close();
    this.#changed();
  }

  #close() {
    this.#suggestions = [];
    this.#draw();
  }
}
