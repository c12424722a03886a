// SPDX-License-Identifier: MIT

import { find, tickOf } from "./log.js";
import { avatar, button, element, timeOf } from "./dom.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"];
const NEAR_BOTTOM_PX = 40;
const NEAR_TOP_PX = 240;
const SAME_SPEAKER_MS = 5 * 60_000;
const TICKS = {
  pending: ["◷", "waiting to be sent"],
  sent: ["✓", "sent"],
  delivered: ["✓✓", "delivered"],
  read: ["✓✓", "read"],
};

/** The messages of the open room: one element each, made anew only when what it shows changed. */
export class MessageList {
  #log;
  #actions;
  #rows = new Map();
  #roomID = null;
  #picker = null;

  /** `actions`: react, reply, edit, remove, readers, older, retry, discard, scrolled. */
  constructor(log, actions) {
    this.#log = log;
    this.#actions = actions;
    log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => {
      if (this.#stuck) this.toBottom();
    }).observe(log);
  }

  #stuck = true;

  /** Whether the newest message is in view. */
  get atBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  }

  toBottom() {
    this.#stuck = true;
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #scrolled() {
    this.#stuck = this.atBottom;
    if (this.#log.scrollTop < NEAR_TOP_PX) this.#actions.older();
    this.#actions.scrolled();
  }

  render(room, me, pending) {
    if (room?.id !== this.#roomID) {
      this.#roomID = room?.id ?? null;
      this.#rows.clear();
      this.#log.replaceChildren();
      this.#picker = null;
      this.#stuck = true;
    }
    const anchor = this.#stuck ? null : this.#anchor();
    this.#reconcile(this.#entries(room, me, pending), room, me);
    if (anchor) this.#log.scrollTop += anchor.row.offsetTop - anchor.offset;
    else this.toBottom();
    // A short page leaves the top in view, and no scroll event will ever ask for more.
    if (room?.loaded && !room.atStart && this.#log.scrollTop < NEAR_TOP_PX) this.#actions.older();
  }

  /** The first row in view: it stays where it is, whatever comes in above or below. */
  #anchor() {
    const top = this.#log.scrollTop + this.#log.offsetTop;
    for (const row of this.#log.children) {
      if (row.offsetTop + row.offsetHeight > top) return { row, offset: row.offsetTop };
    }
    return null;
  }

  /** What is to be shown, in order: a key, and everything that the row depends on. */
  #entries(room, me, pending) {
    if (!room?.joined) return [];
    let before = null;
    const entries = room.messages.map((message) => {
      const first = !before || before.note || before.from.id !== message.from?.id
        || Date.parse(message.at) - Date.parse(before.at) > SAME_SPEAKER_MS;
      before = message;
      const mine = message.from?.id === me.id;
      return {
        key: message.seq, message, first, mine,
        tick: mine && !message.note && !message.deleted ? tickOf(room, message.seq) : null,
        quoted: message.reply_to ? find(room, message.reply_to) : undefined,
        picking: this.#picker === message.seq,
      };
    });
    for (const entry of pending) {
      if (entry.room !== room.id) continue;
      entries.push({
        key: entry.clientID, first: before?.from?.id !== me.id, mine: true, tick: "pending",
        quoted: entry.replyTo ? find(room, entry.replyTo) : undefined, waiting: entry,
        message: entry,
      });
      before = { from: me };
    }
    return entries;
  }

  #reconcile(entries, room, me) {
    const rows = new Map();
    let place = this.#log.firstChild;
    for (const entry of entries) {
      let known = this.#rows.get(entry.key);
      const fresh = known && Object.keys(entry).every((key) => entry[key] === known.entry[key]);
      if (!fresh) {
        const row = entry.message.note ? this.#note(entry) : this.#row(entry, room, me);
        if (known) {
          if (known.row === place) place = row;
          known.row.replaceWith(row);
        }
        known = { entry, row };
      }
      rows.set(entry.key, known);
      if (known.row === place) place = place.nextSibling;
      else this.#log.insertBefore(known.row, place);
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
    this.#rows = rows;
  }

  #note({ key, message }) {
    return element("div", { className: "note", "data-seq": key }, message.note);
  }

  #row(entry, room, me) {
    const { key, message, first, mine, waiting } = entry;
    const author = waiting ? me : message.from;
    const classes = ["message", first && "first", mine && "mine", message.deleted && "deleted",
      waiting?.error && "failed"].filter(Boolean);
    const attributes = waiting ? { "data-pending": key } : { "data-seq": key };
    return element("div", { className: classes.join(" "), ...attributes },
      avatar(author),
      element("div", { className: "body" },
        element("div", { className: "head" }, element("strong", {}, author.name)),
        element("div", { className: "bubble" },
          this.#quote(entry),
          element("span", { className: "text" },
            message.deleted ? "This message was deleted." : message.text),
          element("span", { className: "meta" },
            message.edited_at && !message.deleted ? "edited " : null,
            timeOf(message.at), this.#tick(entry))),
        waiting ? this.#waiting(waiting) : this.#tools(entry),
        this.#reactions(message, room, me)));
  }

  #quote({ message, quoted, waiting }) {
    const target = waiting ? waiting.replyTo : message.reply_to;
    if (!target) return null;
    const text = !quoted ? "an earlier message"
      : quoted.deleted ? "a deleted message" : `${quoted.from.name}: ${quoted.text}`;
    return button(text, { className: "quote" }, () => {
      this.#rows.get(target)?.row.scrollIntoView({ block: "center" });
    });
  }

  #tick({ key, tick, waiting }) {
    if (!tick || waiting?.error) return null;
    const [mark, meaning] = TICKS[tick];
    return button(mark, {
      className: `tick ${tick}`, title: meaning, "aria-label": meaning, "data-tick": tick,
      disabled: Boolean(waiting),
    }, () => this.#actions.readers(key));
  }

  #waiting(entry) {
    if (!entry.error) return null;
    return element("div", { className: "error" }, entry.error, " ",
      button("Try again", {}, () => this.#actions.retry(entry.clientID)),
      button("Discard", {}, () => this.#actions.discard(entry.clientID)));
  }

  #tools({ key, message, mine, picking }) {
    if (message.deleted) return null;
    const tool = (mark, label, action) =>
      button(mark, { title: label, "aria-label": label, "data-tool": label.toLowerCase() }, action);
    const tools = element("span", { className: "tools" },
      tool("☺", "React", () => this.#pick(picking ? null : key)),
      tool("↩", "Reply", () => this.#actions.reply(message)),
      mine ? tool("✎", "Edit", () => this.#actions.edit(message)) : null,
      mine ? tool("✕", "Delete", () => this.#actions.remove(message)) : null);
    if (!picking) return tools;
    const choose = (emoji) => () => {
      this.#pick(null);
      this.#actions.react(key, emoji, true);
    };
    return element("div", {}, tools, element("div", { className: "picker" },
      ...EMOJI.map((emoji) => button(emoji, { "data-emoji": emoji }, choose(emoji)))));
  }

  #pick(seq) {
    this.#picker = seq;
    this.#actions.changed();
  }

  #reactions(message, room, me) {
    if (!message.reactions?.length) return null;
    return element("div", { className: "reactions" }, ...message.reactions.map((reaction) => {
      const mine = reaction.users.includes(me.id);
      const names = reaction.users.map((id) =>
        id === me.id ? "you" : room.people[id]?.name ?? "somebody");
      return button(`${reaction.emoji} ${reaction.users.length}`, {
        title: names.join(", "), "aria-pressed": String(mine), "data-reaction": reaction.emoji,
      }, () => this.#actions.react(message.seq, reaction.emoji, !mine));
    }));
  }
}
