// SPDX-License-Identifier: MIT

import { dayOf } from "./dates.js";
import { byID } from "./dom.js";
import { find } from "./history.js";
import { tickOf, titleOf } from "./log.js";
import { calledIn, drawRow, estimate } from "./rows.js";
import { language, t } from "./strings.js";
import { mentions } from "./text.js";
import { Windowed } from "./windowed.js";

const NEAR_EDGE_PX = 900;
const SAME_SPEAKER_MS = 5 * 60_000;
const NONE = [];
const times = new WeakMap();

/** When a message was posted, and on which day: worked out once for each. */
function timesOf(message) {
  let known = times.get(message);
  if (!known) {
    known = { at: new Date(message.at).getTime(), day: dayOf(message.at) };
    times.set(message, known);
  }
  return known;
}

/** The messages of the open room: rows, their tools, and moving among them by keys. */
export class MessageList {
  #log = byID("log");
  #actions;
  #windowed;
  #drawn = new WeakMap();
  #state = null;
  #items = { list: NONE };
  #names = { people: null, key: "", list: NONE };
  #toolbar = null;
  #pointed = null;
  #target = null;
  #version = 0;
  #marked = false;

  /** `actions`: those of rows, and reply, edit, remove, pin, copy, pick, older, newer, moved. */
  constructor(actions) {
    this.#actions = actions;
    this.#windowed = new Windowed(this.#log, byID("rows"), {
      estimate, moved: () => this.#moved(), draw: (item, row) => this.#draw(item, row),
    });
    const reach = (event) => this.#offerTools(event.target.closest?.(".message"));
    this.#log.addEventListener("pointerover", reach);
    this.#log.addEventListener("focusin", reach);
    this.#log.addEventListener("pointerleave", () => {
      if (!this.#log.contains(document.activeElement)) this.#offerTools(null);
    });
    this.#log.addEventListener("keydown", (event) => this.#key(event));
  }

  get atBottom() {
    return this.#windowed.atBottom && (this.#state?.room?.atEnd ?? true);
  }

  toBottom() {
    this.#windowed.toBottom();
  }

  /** The language or the theme changed: every row is drawn anew. */
  redraw() {
    this.#version++;
    this.#offerTools(null);
  }

  #moved() {
    this.#edges();
    this.#actions.moved();
  }

  /** Near an end of what is loaded, more is asked for. */
  #edges() {
    const room = this.#state?.room;
    if (!room?.loaded) return;
    const { start, end } = this.#windowed.distances;
    if (!room.atStart && start < NEAR_EDGE_PX) this.#actions.older();
    if (!room.atEnd && end < NEAR_EDGE_PX) this.#actions.newer();
  }

  render(room, me, pending, blocked) {
    const another = room?.id !== this.#state?.room?.id;
    this.#state = { room, me, blocked };
    if (another) this.#offerTools(null);
    this.#log.setAttribute("aria-busy", String(Boolean(room?.joined && !room.loaded)));
    const known = this.#items;
    const list = this.#list(room, me, pending);
    if (another) this.#items.target = null;
    const begins = list !== known.list && (another || known.window !== this.#items.window);
    this.#windowed.set(list, begins);
    if (this.#target !== null) this.#toTarget();
    else if (begins && (room?.divider ?? null) !== null) this.#windowed.toItem("divider", 0.3);
    this.#edges();
  }

  /** Everything in order, made anew only if what it is made of is another. */
  #list(room, me, pending) {
    const mine = room ? pending.filter((entry) => entry.room === room.id) : NONE;
    const parts = [room?.id, room?.messages, room?.divider, room?.atStart, room?.atEnd, room && titleOf(room, me),
      room?.description, room?.joined, language(), ...mine];
    const known = this.#items;
    if (known.parts?.length === parts.length && parts.every((part, at) => part === known.parts[at])) {
      return known.list;
    }
    const list = room?.joined ? this.#entries(room, me, room.atEnd ? mine : NONE) : NONE;
    // Another window onto the log has no message in common with the one before.
    const shares = known.room === room?.id && (known.first === undefined || room?.messages.length === 0
      || known.last >= room.messages[0].seq && known.first <= room.messages.at(-1).seq);
    this.#items = {
      parts, list, room: room?.id, first: room?.messages[0]?.seq, last: room?.messages.at(-1)?.seq,
      window: (known.window ?? 0) + (shares ? 0 : 1),
    };
    return list;
  }

  #entries(room, me, pending) {
    const list = [];
    let before = null;
    // Where unread messages begin is only known if what is before them is loaded.
    const begins = room.messages.find((message) => !message.note)?.seq;
    let divided = room.divider === null || (!room.atStart && begins > room.divider + 1);
    if (room.atStart) {
      list.push({
        kind: "intro", key: "intro", name: titleOf(room, me), description: room.description,
        private: room.private,
      });
    }
    const add = (key, message, more) => {
      const { day, at } = timesOf(message);
      if (!before || day !== before.day) {
        list.push({ kind: "day", key: `day ${day}`, at: message.at });
        before = null;
      }
      const from = more.waiting ? me : message.from;
      if (!divided && message.seq > room.divider && from?.id !== me.id && !message.note) {
        list.push({ kind: "divider", key: "divider" });
        divided = true;
        before = null;
      }
      const first = message.note || !before || before.note || before.from !== from?.id
        || at - before.at > SAME_SPEAKER_MS;
      if (before?.entry && !message.note) before.entry.last = first;
      const entry = { kind: message.note ? "note" : "message", key, message, first, last: true, ...more };
      list.push(entry);
      before = {
        day, at, note: message.note, from: from?.id, entry: message.note ? null : entry,
      };
    };
    for (const message of room.messages) add(message.seq, message, {});
    for (const entry of pending) add(entry.clientID, entry, { waiting: entry });
    return list;
  }

  /** The members' names, as long as they are the same. */
  #namesOf(room) {
    if (this.#names.people !== room.people) {
      const list = Object.values(room.people).map((person) => person.name);
      const key = list.join("\n");
      this.#names = key === this.#names.key
        ? { ...this.#names, people: room.people } : { people: room.people, key, list };
    }
    return this.#names.list;
  }

  /** All that a row depends on, beside what its entry in the list holds. */
  #facts(item) {
    const { room, me } = this.#state;
    const facts = { ...item, version: this.#version, me };
    if (item.kind !== "message") return facts;
    const { message, waiting } = item;
    const author = waiting ? me : message.from;
    const target = waiting ? waiting.replyTo : message.reply_to;
    const quoted = target ? find(room, target) : undefined;
    const mine = author.id === me.id;
    return {
      ...facts, mine, quoted, isBlocked: Boolean(this.#state.blocked[author.id]),
      isQuotedBlocked: Boolean(this.#state.blocked[quoted?.from?.id]), names: this.#namesOf(room),
      called: calledIn(room, author), calledQuoted: quoted?.from && calledIn(room, quoted.from),
      tick: waiting ? "pending" : mine && !message.deleted ? tickOf(room, message.seq) : null,
      pinned: room.pinned.includes(message.seq),
      named: !mine && !message.deleted && mentions(message.text ?? "", me),
    };
  }

  #draw(item, row) {
    const facts = this.#facts(item);
    const known = row && this.#drawn.get(row);
    if (known && Object.keys(facts).every((key) => facts[key] === known[key])) return row;
    const made = drawRow({ ...facts, room: this.#state.room }, this.#actions);
    if (item.kind === "message" && !this.#marked) {
      // For who measures how long a visitor waits.
      this.#marked = true;
      performance.mark("first message");
    }
    this.#drawn.set(made, facts);
    if (row && this.#toolbar && row.contains(this.#toolbar)) this.#offerTools(made, true);
    return made;
  }

  // Moving to a message

  /** Brings a message into view and marks it, now or as soon as it is loaded. */
  show(seq) {
    this.#target = seq;
    if (this.#windowed.has(seq)) this.#toTarget();
  }

  #toTarget() {
    const seq = this.#target;
    if (!this.#windowed.toItem(seq)) return;
    this.#target = null;
    const row = this.#windowed.row(seq);
    row?.classList.add("found");
    row?.focus({ preventScroll: true });
    row?.addEventListener("animationend", () => row.classList.remove("found"), { once: true });
  }

  // Tools

  /** Whether tools are there for a row; they are fetched with the first. */
  async #offerTools(row, moving) {
    const facts = row && this.#drawn.get(row);
    if (!moving && row && this.#toolbar && row.contains(this.#toolbar)) return true;
    if (facts?.kind !== "message" || facts.waiting || facts.message.deleted) {
      this.#pointed = null;
      if (!moving || row !== null) this.#toolbar?.remove();
      return false;
    }
    if (moving) {
      row.querySelector(".body").append(this.#toolbar);
      return true;
    }
    this.#pointed = facts.key;
    // While the server is away there may be none.
    const { makeTools } = await import("./tools.js").catch(() => ({}));
    if (!makeTools || this.#pointed !== facts.key) return false;
    this.#toolbar?.remove();
    this.#toolbar = makeTools(facts, () => this.#state, this.#actions);
    // The row may have been drawn anew meanwhile.
    this.#windowed.row(facts.key)?.querySelector(".body").append(this.#toolbar);
    return true;
  }

  // Keys

  async #key(event) {
    const row = event.target.closest?.(".message");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && (event.target === row || event.target === this.#log)) {
      event.preventDefault();
      this.#focusFrom(row, step);
    } else if (row && event.target === row) {
      const id = { r: "reply", e: "edit", p: "pin", "+": "react", c: "copy", Delete: "delete" }[event.key];
      if (id) {
        event.preventDefault();
        await this.#offerTools(row);
        this.#toolbar?.querySelector(`[data-tool=${id}]`)?.click();
      } else if (event.key === "Escape") {
        byID("text").focus();
      }
    }
  }

  /** The next message in that direction; without a present one, the last in view. */
  #focusFrom(row, step) {
    const facts = row && this.#drawn.get(row);
    let key = facts ? this.#windowed.keyAfter(facts.key, step)
      : this.#items.list.findLast((item) => item.kind === "message")?.key;
    while (key !== undefined && !this.#isMessage(key)) key = this.#windowed.keyAfter(key, step);
    if (key === undefined) {
      if (step > 0) byID("text").focus();
      return;
    }
    const next = this.#windowed.row(key);
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (this.#windowed.toItem(key)) {
      this.#windowed.row(key)?.focus({ preventScroll: true });
    }
  }

  #isMessage(key) {
    return typeof key === "number" ? !find(this.#state.room, key)?.note
      : !/^(day |intro$|divider$)/.test(key);
  }
}
