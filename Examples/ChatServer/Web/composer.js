// SPDX-License-Identifier: MIT

import { fullTime } from "./dates.js";
import { assign, byID, element, stylesheet } from "./dom.js";
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
  #completion = null;
  #tray = null;
  #adding = null;

  /** `actions`: send, edit, typing, stopTyping, draft, lastOwn, pick, attach, tray, drawTray. */
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
      this.#completion?.close();
    });
    byID("context-cancel").addEventListener("click", () => this.setContext(null));
    byID("emoji").addEventListener("click", (event) =>
      this.#actions.pick(event.currentTarget, (emoji) => this.#insert(emoji)));
    this.#listenForFiles();
  }

  focus() {
    // On a phone the keyboard would cover what one came to read.
    if (!matchMedia("(pointer: coarse)").matches) this.#text.focus();
  }

  /** `tray`: the files of the next message. */
  render(room, me, draft, title, tray) {
    const another = room?.id !== this.#room?.id;
    this.#room = room;
    this.#me = me;
    if (another) {
      this.#context = null;
      this.#showContext();
      this.#text.value = draft ?? "";
      this.#grow();
      this.#completion?.close();
    }
    const muted = room?.muted && !(Date.parse(room.muted.until) <= Date.now());
    const until = room?.muted?.until;
    assign(this.#text, {
      disabled: Boolean(muted),
      placeholder: !muted ? t("messagePlaceholder", { room: title })
        : until ? t("composerMutedUntil", { time: fullTime(until) }) : t("composerMuted"),
    });
    if (this.#tray !== tray) {
      if (this.#tray || tray?.length) this.#actions.drawTray(tray ?? []);
      this.#tray = tray;
    }
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
    const context = this.#context;
    if (context?.kind !== "edit") {
      // Files that were just chosen belong to this message.
      if (this.#adding) return void this.#adding.then(() => this.#submit());
      // What cannot be sent is taken away or tried again first.
      if (this.#files.some((file) => file.error)) return;
    }
    if ((!text && (context?.kind === "edit" || this.#files.length === 0)) || [...text].length > LONGEST_TEXT) return;
    this.#context = null;
    this.#showContext();
    this.#text.value = context?.kind === "edit" ? this.#kept : "";
    this.#grow();
    this.#completion?.close();
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
    assign(byID("send"), { disabled: count > 0 || (!value.trim() && this.#files.length === 0) || this.#text.disabled
      || this.#files.some((file) => file.error) });
  }

  /** Those of the next message, also before they are drawn. */
  get #files() {
    return this.#actions.tray();
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
    if (this.#completion?.key(event)) {
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

  /** @name and :emoji: fetched with the first of these marks. */
  async #suggest() {
    if (!this.#completion && !/[@:]/.test(this.#text.value)) return;
    const { Completion } = await import("./complete.js").catch(() => ({}));
    if (!Completion) return;
    this.#completion ??= new Completion(this.#text, () => this.#changed());
    this.#completion.suggest(this.#room, this.#me);
  }

  // Files

  #listenForFiles() {
    const picker = byID("file");
    byID("attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.#attach(picker.files);
      picker.value = "";
    });
    for (const kind of ["paste", "dragover", "dragleave", "drop"]) {
      document.addEventListener(kind, (event) => {
        const given = event.clipboardData ?? event.dataTransfer;
        // A spreadsheet gives its cells as a picture as well: the text is meant.
        if (!given?.types.includes("Files") || (kind === "paste" && given.types.includes("text/plain"))) return;
        // Nothing that is dropped may open in the page's place.
        event.preventDefault();
        stylesheet("files.css");
        document.body.classList.toggle("dropping", kind === "dragover" && this.#mayAttach);
        if (given.files.length > 0 && kind !== "dragover") this.#attach(given.files);
      });
    }
  }

  get #mayAttach() {
    return Boolean(this.#room?.joined && !this.#text.disabled && !byID("attach").hidden);
  }

  #attach(files) {
    if (!this.#mayAttach || files.length === 0 || byID("dialog").open) return;
    const adding = this.#actions.attach([...files]).finally(() => {
      if (this.#adding === adding) this.#adding = null;
    });
    this.#adding = adding;
    this.#text.focus();
  }
}
